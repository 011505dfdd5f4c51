package bundle

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"testing"
)

// small is a statement on a bundle of one file.
func small(t testing.TB) Statement {
	t.Helper()
	s, err := state(packing{sum: sum("packed"), size: 6, unpacked: 12, files: []file{{"run/a", sum("a")}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestTheSealHasOneForm holds the bytes of a seal to those that the first version wrote: what was
// signed then has to verify with every later version, and every later version of Go.
func TestTheSealHasOneForm(t *testing.T) {
	const want = "afc3c89d2bb7faba9ca2e474e42547d39bd72361d70a939c6fb1ce6d9c83abd5"
	key, _ := keyed(t, 1)
	sealed, err := seal(t.Context(), small(t), key)
	if err != nil {
		t.Fatal(err)
	}
	got := sha256.Sum256(sealed)
	if hex.EncodeToString(got[:]) != want {
		t.Errorf("the sum of the seal is %x, want %s", got, want)
	}
}

// TestStored reads what stored writes, at the sizes where a block ends.
func TestStored(t *testing.T) {
	for _, n := range []int{0, 1, 0xfffe, 0xffff, 0x10000, 3 * 0xffff} {
		data := bytes.Repeat([]byte{7}, n)
		if got := inflate(t, stored(data)); !bytes.Equal(got, data) {
			t.Errorf("%d bytes: %d came back", n, len(got))
		}
	}
}

// FuzzUnseal takes nothing for signed but what was signed, and lets no input panic.
func FuzzUnseal(f *testing.F) {
	key, public := keyed(f, 1)
	sealed, err := seal(context.Background(), small(f), key)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sealed)
	f.Add(append(bytes.Clone(sealed), "the run"...))
	f.Add(stored([]byte("no tar")))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		_, by, length, err := unseal(t.Context(), data, []PublicKey{public})
		if err == nil && (by.ID() != public.ID() || length != len(sealed) || !bytes.HasPrefix(data, sealed)) {
			t.Errorf("%x was taken for signed", data)
		}
	})
}

// FuzzUnpack refuses every run but the one that was signed, and lets no input panic.
func FuzzUnpack(f *testing.F) {
	c := crafted{headers: plain("run/a", "run/b")}
	private, _ := keyed(f, 1)
	whole := c.bundle(f, private)
	s, _, length, err := unseal(context.Background(), whole, nil)
	if err != nil {
		f.Fatal(err)
	}
	p, err := s.packed()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole[length:])
	f.Add(whole[length : len(whole)-1])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		packed := io.NewSectionReader(bytes.NewReader(data), 0, int64(len(data)))
		if err := intact(packed, p, t.TempDir()); (err == nil) != bytes.Equal(data, whole[length:]) {
			t.Errorf("%x: %v", data, err)
		}
	})
}
