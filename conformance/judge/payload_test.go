package judge

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/ocf"
)

// TestReadValue reads what RFC 8949 allows and much that it does not: item,
// how a reader is told of it, and what follows it. "-" is no item.
func TestReadValue(t *testing.T) {
	for _, c := range []struct{ in, says, rest string }{
		{"", "-", ""},
		{"00", "0", ""},
		{"17", "0x17", ""},
		{"1740", "0x17", "40"},
		{"1818ff", "0x18", "ff"},
		{"18", "-", ""},
		{"1840", "V", ""},
		{"19ffff", "V+U+0xff3f", ""},
		{"19ff", "-", ""},
		{"1a00010000", "65536", ""},
		{"1a000100", "-", ""},
		{"1b0000000100000000", "4294967296", ""},
		{"1b00000001000000", "-", ""},
		{"1c", "-", ""},
		{"1c000000000000000000000000000000000000", "-", ""},
		{"1f", "-", ""},
		{"20", "-1", ""},
		{"3863", "-100", ""},
		{"3f", "-", ""},
		{"4100", "a byte string", ""},
		{"4200", "-", ""},
		{"5f4100ff01", "a byte string", "01"},
		{"60", `""`, ""},
		{"626162", `"ab"`, ""},
		{"62616263", `"ab"`, "63"},
		{"6261", "-", ""},
		{"7f6161626263ff00", `"abc"`, "00"},
		{"7fff", `""`, ""},
		{"7f7f7f7f7f7f7f7f6161ffffffffffffffff", `"a"`, ""},
		{"7f7f7f7f7f7f7f7f7f6161ffffffffffffffffff", "-", ""},
		{"5f5f4100ffff", "a byte string", ""},
		{"7f18", "-", ""},
		{"7f6161", "-", ""},
		{"7f", "-", ""},
		{"7f4161ff", "-", ""},
		{"7f61", "-", ""},
		{"80", "an array", ""},
		{"820102f4", "an array", "f4"},
		{"8201", "-", ""},
		{"9f0102ff00", "an array", "00"},
		{"9f", "-", ""},
		{"9f01", "-", ""},
		{"81ff", "-", ""},
		{"8181818181818101", "an array", ""},
		{"818181818181818101", "an array", ""},
		{"81818181818181818101", "-", ""},
		{"a0", "a map", ""},
		{"a1616101f5", "a map", "f5"},
		{"a100a100a100a100a100a100a100a10001", "a map", ""},
		{"a100a100a100a100a100a100a100a100a10001", "-", ""},
		{"a1a1a1a1a1a1a1a1000101010101010101", "a map", ""},
		{"a1a1a1a1a1a1a1a1a100010101010101010101", "-", ""},
		{"bf01", "-", ""},
		{"bf0100", "-", ""},
		{"a1ff", "-", ""},
		{"a2616101", "-", ""},
		{"bfff", "a map", ""},
		{"bfff01", "a map", "01"},
		{"a16161", "-", ""},
		{"a1", "-", ""},
		{"bf616101ff00", "a map", "00"},
		{"bf616101", "-", ""},
		{"bf6161ff", "-", ""},
		{"bf", "-", ""},
		{"c100f4", "a tagged item", "f4"},
		{"c1", "-", ""},
		{"c1c1c1c1c1c1c1c100", "a tagged item", ""},
		{"c1c1c1c1c1c1c1c1c100", "-", ""},
		{"df00", "-", ""},
		{"f4", "false", ""},
		{"f5", "true", ""},
		{"f6", "null", ""},
		{"f7", "a float or simple value", ""},
		{"f93c00", "a float or simple value", ""},
		{"f93c", "-", ""},
		{"ff", "-", ""},
	} {
		in, err := hex.DecodeString(c.in)
		if err != nil {
			t.Fatal(err)
		}
		v, rest, ok := readValue(in, 0)
		says := "-"
		if ok {
			says = v.String()
		}
		if says != c.says || ok && hex.EncodeToString(rest) != c.rest {
			t.Errorf("%s: %s, then %x; want %s, then %s", c.in, says, rest, c.says, c.rest)
		}
	}
}

// TestReadPayload: the fields of the map that was sent, in their order, a name
// once for each time that it stands there.
func TestReadPayload(t *testing.T) {
	for _, c := range []struct{ in, fields string }{
		{"", "-"},
		{"80", "-"},
		{"f6", "-"},
		{"a0", ""},
		{"bfff", ""},
		{"a162746d1840", "tm=V"},
		{"a262746d1840626d6d18ff", "tm=V mm=" + ocf.DPM(255).String()},
		{"a262746d184062746d00", "tm=V tm=0"},
		{"bf62746d1840ff", "tm=V"},
		{"bf62746d1840", "-"},
		{"a2010262746d00", "tm=0"},
		{"a14162746d", "-"},
		{"a1624101", "-"},
		{"a163646f73a1617303", "dos=a map"},
	} {
		in, err := hex.DecodeString(c.in)
		if err != nil {
			t.Fatal(err)
		}
		v, ok := readPayload(in)
		got := "-"
		if ok {
			var parts []string
			for _, f := range v.fields {
				parts = append(parts, f.name+"="+f.value.String())
			}
			got = strings.Join(parts, " ")
		}
		if got != c.fields {
			t.Errorf("%s: %s, want %s", c.in, got, c.fields)
		}
	}
}

func TestAFieldIsCounted(t *testing.T) {
	in, _ := hex.DecodeString("a362746d006163f462746d1840")
	v, _ := readPayload(in)
	for name, want := range map[string]string{"tm": "V 2", "c": "false 1", "x": "0 0"} {
		found, count := v.field(name)
		if got := fmt.Sprint(found, count); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestAModeIsAnUnsignedIntegerOf16Bits(t *testing.T) {
	for _, c := range []struct {
		v    value
		want ocf.DPM
		ok   bool
	}{
		{value{major: ocf.MajorUint}, 0, true},
		{value{major: ocf.MajorUint, arg: 0xffff}, 0xffff, true},
		{value{major: ocf.MajorUint, arg: 0x10000}, 0, false},
		{value{major: ocf.MajorUint, arg: 0x10040}, 0x40, false},
		{value{major: ocf.MajorNegative, arg: 1}, 1, false},
		{value{major: ocf.MajorSimple, arg: cborTrue}, cborTrue, false},
	} {
		if m, ok := c.v.mode(); m != c.want || ok != c.ok {
			t.Errorf("%+v: %v, %v", c.v, m, ok)
		}
	}
}
