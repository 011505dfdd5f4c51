//go:build linux && !race

package main

import (
	"strings"
)

// beginSource starts `ocfsim source` in the background, in place of an earlier one, and
// learns its addresses.
func (r *reader) beginSource(step docRun, args []string) {
	r.t.Helper()
	r.closeSource()
	r.writeFiles()
	documented := map[string]string{}
	for _, flag := range []string{"--listen", "--http", "--coaps", "--coap", "--control"} {
		if at := anyPort(args, flag, "127.0.0.1:0"); at != "" {
			documented[flag] = at
		}
	}
	if len(documented) == 0 || len(documented) == 1 && documented["--control"] != "" {
		documented["--listen"], args = "127.0.0.1:8443", append(args, "--listen", "127.0.0.1:0")
	}
	var got sourceReady
	trusted := begin(r.t, &got, append(args, "--json")...)
	r.cease = func() { trusted.end() }
	for flag, uri := range map[string]string{"--listen": got.HTTPS, "--http": got.HTTP, "--coaps": got.CoAPS, "--coap": got.CoAP, "--control": got.Control} {
		if at := documented[flag]; at != "" {
			_, actual, _ := strings.Cut(uri, "://")
			r.real[at] = strings.Trim(actual, "/")
		}
	}
}
