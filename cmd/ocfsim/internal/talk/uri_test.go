package talk_test

import (
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/talk"
)

// TestZonesAndGroups reads link-local addresses as the commands print them and as RFC
// 6874 writes them, and refuses groups.
func TestZonesAndGroups(t *testing.T) {
	for uri, want := range map[string]string{
		"coap://[fe80::1%eth0]:5700/oic/res":    "coap://[fe80::1%eth0]:5700",
		"coaps://[fe80::1%25eth0]":              "coaps://[fe80::1%eth0]:5684",
		"coap://[::1]/a%20b":                    "coap://[::1]:5683",
		"coap://224.0.1.187":                    "224.0.1.187 is a group",
		"coap://[ff02::158%eth0]/oic/res":       "ff02::158%eth0 is a group",
		"coap://255.255.255.255/oic/d":          "all of a network",
		"coap://[fe80::1]:5683":                 "[fe80::1%eth0]",
		"coap://[fe80::1%eth0":                  "expected coap",
		"coap://]fe80::1[":                      "expected coap",
		"coap://127.0.0.1/a?x=[1]%25&y=%5B2%5D": "coap://127.0.0.1:5683",
	} {
		got, err := talk.ParseURI(uri)
		if err != nil && !strings.Contains(err.Error(), want) || err == nil && got.Endpoint != want {
			t.Errorf("%s: %+v, %v, want %s", uri, got, err, want)
		}
	}
}
