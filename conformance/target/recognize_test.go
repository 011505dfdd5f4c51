package target

import (
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// TestRecognize looks for a Device among those that answered: over IPv4 and IPv6, with a
// session and without.
func TestRecognize(t *testing.T) {
	const plain, secure = "192.0.2.7:5683", "192.0.2.7:5684"
	di, err := ocf.ParseUUID(lampDI)
	if err != nil {
		t.Fatal(err)
	}
	it := func(endpoints ...string) Found { return Found{DI: di, Endpoints: endpoints} }
	for _, c := range []struct {
		name              string
		address, coaps    string
		found             []Found
		atPlain, atSecure string // afterwards
	}{
		{"nobody", plain, secure, nil, plain, secure},
		{"where it was", plain, secure, []Found{it("coap://[2001:db8::7]:5683", "coap://192.0.2.7:5683")}, plain, secure},
		{"at other ports", plain, secure, []Found{it("coap://192.0.2.7:4001", "coaps://192.0.2.7:4002")}, "192.0.2.7:4001", "192.0.2.7:4002"},
		{
			"at another address, by the same version of IP", plain, secure,
			[]Found{it("coap://[2001:db8::9]:1", "coap://192.0.2.9:2", "coaps://[2001:db8::9]:3", "coaps://192.0.2.9:4")},
			"192.0.2.9:2", "192.0.2.9:4",
		},
		{
			"over IPv6 alone", plain, secure,
			[]Found{it("coap://[2001:db8::9]:5683", "coaps://[2001:db8::9]:5684")},
			"[2001:db8::9]:5683", "[2001:db8::9]:5684",
		},
		{
			"twice, over IPv4 and over IPv6", plain, secure,
			[]Found{it("coap://192.0.2.7:4001"), it("coap://[2001:db8::7]:4001", "coap://192.0.2.7:4001", "coaps://192.0.2.7:4002")},
			"192.0.2.7:4001", "192.0.2.7:4002",
		},
		{"two of one name", plain, secure, []Found{it("coap://192.0.2.8:1"), it("coap://192.0.2.9:1")}, plain, secure},
		{"with sessions alone", "", secure, []Found{it("coaps://192.0.2.9:4")}, "", "192.0.2.9:4"},
		{"where it was, with sessions alone", "", secure, []Found{it("coaps://192.0.2.7:5684")}, "", secure},
		{
			"where it was, on its link, whose zone it does not know", "[fe80::7%eth1]:5683", "[fe80::7%eth1]:5684",
			[]Found{it("coap://[fe80::7]:5683", "coaps://[fe80::7]:5684")},
			"[fe80::7%eth1]:5683", "[fe80::7%eth1]:5684",
		},
		{
			"at another port of its link", "[fe80::7%eth1]:5683", "[fe80::7%eth1]:5684",
			[]Found{it("coap://[fe80::7]:4001", "coaps://[fe80::7]:4002")},
			"[fe80::7%eth1]:4001", "[fe80::7%eth1]:4002",
		},
		{
			"at another address, written another way", "[2001:db8::7]:5683", "[2001:db8::7]:5684",
			[]Found{it("coap://[2001:0db8::0009]:5683", "coaps://[2001:db8::9]:5684")},
			"[2001:0db8::0009]:5683", "[2001:db8::9]:5684",
		},
	} {
		target := &Target{address: c.address, coaps: c.coaps, cfg: Config{Profile: conformance.Profile{DI: lampDI}}}
		target.recognize(c.found)
		if at, _ := target.where.now(c.address); at != c.atPlain {
			t.Errorf("%s: without a session at %s, want %s", c.name, at, c.atPlain)
		}
		if at, _ := target.where.now(c.coaps); at != c.atSecure {
			t.Errorf("%s: with one at %s, want %s", c.name, at, c.atSecure)
		}
	}
}
