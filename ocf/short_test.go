package ocf

import (
	"strings"
	"testing"
)

func TestShort(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"lamp", "lamp"},
		{"lämp", "lämp"},
		{"lamps", "lamp… (5 bytes)"},
		{"lämps", "lämp… (6 bytes)"},
		{"\xff\xff\xff\xff\xff", "\xff\xff\xff\xff… (5 bytes)"},
		{strings.Repeat("x", 60_000), "xxxx… (60000 bytes)"},
	} {
		if got := Short(c.text, 4); got != c.want {
			t.Errorf("Short(%.10q): %q, want %q", c.text, got, c.want)
		}
	}
	if got := Short("lamp", 0); got != "… (4 bytes)" {
		t.Errorf("Short to nothing: %q", got)
	}
}
