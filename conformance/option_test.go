package conformance

import (
	"slices"
	"testing"
)

// RFC 7252 section 3.1: 13 and 14 say that one and two bytes follow, 15 is reserved.
func TestTheNumberOfAnOption(t *testing.T) {
	for _, c := range []struct {
		nibble byte
		rest   string
		n      int
		after  string
		ok     bool
	}{
		{0, "x", 0, "x", true},
		{12, "", 12, "", true},
		{13, "", 0, "", false},
		{13, "\x00", 13, "", true},
		{13, "\xffx", 268, "x", true},
		{14, "", 0, "", false},
		{14, "\x00", 0, "", false},
		{14, "\x00\x00", 269, "", true},
		{14, "\x01\x02xy", 258 + 269, "xy", true},
		{15, "", 0, "", false},
		{15, "\x00\x00\x00", 0, "", false},
	} {
		n, after, ok := optionNumber(c.nibble, []byte(c.rest))
		if n != c.n || string(after) != c.after || ok != c.ok {
			t.Errorf("%d %q: %d, %q, %v, want %+v", c.nibble, c.rest, n, after, ok, c)
		}
	}
}

// TestHasOption: the options of a message in their order, and none of what can't be read.
func TestHasOption(t *testing.T) {
	for raw, want := range map[string][]int{
		"\x45\x45\x00\x01TOKEN\x41e\x21\x05\x61x\xffpayload": {4, 6, 12},
		"\x40\x45\x00\x01\xd1\x0ax":                          {23},
		"\x40\x45\x00\x01\xf0\x41e":                          nil, // 15 is reserved
		"\x40\x45\x00\x01\x45e":                              nil, // shorter than it says
		"\x48\x45\x00\x01":                                   nil, // its token is missing
		"\x40\x45\x00":                                       nil,
	} {
		var got []int
		HasOption([]byte(raw), func(number int, _ []byte) bool { got = append(got, number); return false })
		if !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", raw, got, want)
		}
	}
}
