package main

import "testing"

func TestWithPort(t *testing.T) {
	for in, want := range map[string]string{
		"127.1.0.1":                      "127.1.0.1:5683",
		"coap://127.1.0.1:99/":           "127.1.0.1:99",
		"::1":                            "[::1]:5683",
		"coap://[fe80::1%25eth0]":        "[fe80::1%eth0]:5683", // as RFC 6874 has it
		"coap://[fe80::1%25eth0]:5684":   "[fe80::1%eth0]:5684",
		"fe80::1%eth0":                   "[fe80::1%eth0]:5683",
		"[fe80::1%eth0]:1":               "[fe80::1%eth0]:1",
		"lamp.example":                   "lamp.example:5683",
		"coap://127.1.0.1/oic/sec/pstat": "",
		"127.1.0.1:99999":                "",
		"lamp.example:0":                 "",
		"":                               "",
	} {
		got, err := withPort(in)
		if got != want || (err != nil) != (want == "") {
			t.Errorf("%q: got %q, %v", in, got, err)
		}
	}
}
