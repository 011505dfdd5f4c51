package ocf_test

import (
	"testing"

	"github.com/ocfsim/ocfsim/ocf"
)

func TestCount(t *testing.T) {
	for _, c := range []struct {
		n    int
		noun string
		want string
	}{
		{0, "Device", "0 Devices"},
		{1, "Device", "1 Device"},
		{2, "Device", "2 Devices"},
		{1, "try", "1 try"},
		{21, "try", "21 tries"},
		{2, "day", "2 days"},
		{-1, "s", "-1 ss"},
	} {
		if got := ocf.Count(c.n, c.noun); got != c.want {
			t.Errorf("%d of %s: %q, want %q", c.n, c.noun, got, c.want)
		}
	}
	if got := ocf.Count(uint64(1), "event"); got != "1 event" {
		t.Error(got)
	}
}
