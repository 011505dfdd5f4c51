package ocf_test

import (
	"encoding/hex"
	"errors"
	"testing"

	"github.com/ocfsim/ocfsim/ocf"
)

func TestReadHead(t *testing.T) {
	for _, c := range []struct {
		name, in, rest string
		want           ocf.Head
		err            error
	}{
		{"a small number", "17aa", "aa", ocf.Head{Major: ocf.MajorUint, Info: 23, Arg: 23}, nil},
		{"one byte", "1818", "", ocf.Head{Major: ocf.MajorUint, Info: 24, Arg: 24}, nil},
		{"two bytes", "390100aa", "aa", ocf.Head{Major: ocf.MajorNegative, Info: 25, Arg: 256}, nil},
		{"four bytes", "5a00010000", "", ocf.Head{Major: ocf.MajorBytes, Info: 26, Arg: 65536}, nil},
		{"eight bytes", "fb3ff0000000000000", "", ocf.Head{Major: ocf.MajorSimple, Info: 27, Arg: 0x3ff0000000000000}, nil},
		{"a map without a length", "bfff", "ff", ocf.Head{Major: ocf.MajorMap, Info: ocf.Indefinite}, nil},
		{"nothing", "", "", ocf.Head{}, ocf.ErrCut},
		{"cut", "1901", "", ocf.Head{}, ocf.ErrCut},
		{"reserved", "1c00", "", ocf.Head{}, ocf.ErrItem},
	} {
		t.Run(c.name, func(t *testing.T) {
			in, err := hex.DecodeString(c.in)
			if err != nil {
				t.Fatal(err)
			}
			h, rest, err := ocf.ReadHead(in)
			if !errors.Is(err, c.err) {
				t.Fatalf("error %v, want %v", err, c.err)
			}
			if err == nil && (h != c.want || hex.EncodeToString(rest) != c.rest) {
				t.Errorf("%+v and %x, want %+v and %s", h, rest, c.want, c.rest)
			}
		})
	}
}
