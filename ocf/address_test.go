package ocf_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/ocf"
)

func TestCheckAddress(t *testing.T) {
	for address, want := range map[string]string{
		"255.255.255.255": "all of a network",
		"fe80::1":         "such as [fe80::1%eth0]",
		"fe80::1%lo":      "",
		"127.1.0.1":       "",
		"169.254.0.1":     "",
		"fd00::1":         "",
	} {
		err := ocf.CheckAddress(netip.MustParseAddr(address))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", address, err, want)
		}
	}
}
