package steps

import (
	"encoding/hex"
	"fmt"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// payload is a write of pstat that no encoder would produce, by the name that
// feature files give it.
type payload struct {
	name  string
	hex   string  // CBOR
	asks  ocf.DPM // the processes that it asks for, where it is accepted
	moves bool    // it moves dos, where it is accepted
}

// payloads are written out by hand from RFC 8949, so that nothing has to be
// trusted to encode what it was made to refuse.
func payloads() []payload {
	const tm, cm, om, sm, dos, isop = "62746d", "62636d", "626f6d", "62736d", "63646f73", "6469736f70"
	return []payload{
		{name: "tm as -1", hex: "a1" + tm + "20"},
		{name: "tm as 65536", hex: "a1" + tm + "1a00010000"},
		{name: "tm as 65536 and V", hex: "a1" + tm + "1a00010040"},
		{name: "tm as 2^63", hex: "a1" + tm + "1b8000000000000000"},
		{name: "tm as 2^63 and U", hex: "a1" + tm + "1b8000000000000080"},
		{name: "tm as the float 64.0", hex: "a1" + tm + "fb4050000000000000"},
		{name: "tm as the half float 64.0", hex: "a1" + tm + "f95400"},
		{name: "tm as the text 64", hex: "a1" + tm + "623634"},
		{name: "tm as a byte string", hex: "a1" + tm + "4140"},
		{name: "tm as a bignum", hex: "a1" + tm + "c249010000000000000040"},
		{name: "tm as true", hex: "a1" + tm + "f5"},
		{name: "tm as null", hex: "a1" + tm + "f6"},
		{name: "tm as an array of 64", hex: "a1" + tm + "811840"},
		{name: "tm as a map", hex: "a1" + tm + "a1" + tm + "1840"},
		{name: "tm twice", hex: "a2" + tm + "1840" + tm + "1880", asks: ocf.SVV | ocf.SSU},
		{name: "an empty map", hex: "a0"},
		{name: "an array", hex: "82" + tm + "1840"},
		{name: "the number 64", hex: "1840"},
		{name: "half a map", hex: "a1" + tm + "18"},
		{name: "a map without its end", hex: "a2" + tm + "1840"},
		{name: "nothing at all", hex: ""},
		{name: "a property whose name begins with tm", hex: "a1" + "63746d78" + "1840"},

		{name: "cm as V", hex: "a1" + cm + "1840"},
		{name: "cm as U", hex: "a1" + cm + "1880"},
		{name: "cm as 0", hex: "a1" + cm + "00"},
		{name: "isop as true", hex: "a1" + isop + "f5"},
		{name: "isop as false", hex: "a1" + isop + "f4"},
		{name: "sm as 1", hex: "a1" + sm + "01"},
		{name: "dos.p as true", hex: "a1" + dos + "a16170f5"},
		{name: "tm as V with cm as V", hex: "a2" + tm + "1840" + cm + "1840", asks: ocf.SVV},
		{name: "cm as V with tm as V", hex: "a2" + cm + "1840" + tm + "1840", asks: ocf.SVV},
		{name: "tm as V with isop as false", hex: "a2" + tm + "1840" + isop + "f4", asks: ocf.SVV},
		{name: "tm as U with sm as 1", hex: "a2" + tm + "1880" + sm + "01", asks: ocf.SSU},

		{name: "om as client-directed", hex: "a1" + om + "04"},
		{name: "dos as RFPRO", hex: "a1" + dos + "a1617302", moves: true},
		{name: "dos as RFNOP", hex: "a1" + dos + "a1617303", moves: true},
		{name: "tm as V with dos as RFNOP", hex: "a2" + tm + "1840" + dos + "a1617303", asks: ocf.SVV},
		{name: "tm as V with dos as RFPRO", hex: "a2" + tm + "1840" + dos + "a1617302", asks: ocf.SVV, moves: true},
		{name: "dos as RFPRO with tm as 65536", hex: "a2" + dos + "a1617302" + tm + "1a00010000", moves: true},
		{name: "tm as V with dos as 9", hex: "a2" + tm + "1840" + dos + "a1617309", asks: ocf.SVV},
		{name: "tm as V with om as client-directed", hex: "a2" + tm + "1840" + om + "04", asks: ocf.SVV},
		{name: "tm as V with a property that pstat does not have", hex: "a2" + tm + "1840" + "6178" + "01", asks: ocf.SVV},
	}
}

// payloadNamed is the write of that name, and its bytes.
func payloadNamed(name string) (payload, []byte, error) {
	for _, p := range payloads() {
		if p.name == name {
			raw, err := hex.DecodeString(p.hex)
			return p, raw, err
		}
	}
	var names []string
	for _, p := range payloads() {
		names = append(names, p.name)
	}
	return payload{}, nil, fmt.Errorf("there is no write named %q%s", name, ocf.Near(name, names))
}

// manner is a way to send a request that OCF Clients do not use every day.
type manner struct {
	name  string
	alter func(*conformance.Call)
	// refusable says that a Device need not take a write sent in this manner.
	refusable bool
}

func manners() []manner {
	number := func(n uint16) *uint16 { return &n }
	return []manner{
		{name: "in blocks of 16 bytes", alter: func(c *conformance.Call) { c.BlockSize = 16 }},
		{name: "without confirmation", alter: func(c *conformance.Call) { c.NON = true }},
		{name: "naming OCF content format version 1.0.0", alter: func(c *conformance.Call) { c.Version = number(ocf.Version100) }},
		{name: "accepting application/vnd.ocf+cbor", alter: func(c *conformance.Call) { c.Accept = number(ocf.FormatOCFCBOR) }},
		{name: "accepting application/cbor", alter: func(c *conformance.Call) { c.Accept = number(ocf.FormatCBOR) }, refusable: true},
		{name: "accepting application/link-format alone", alter: func(c *conformance.Call) { c.Accept = number(ocf.FormatLinks) }, refusable: true},
		{name: "as application/cbor", alter: func(c *conformance.Call) { c.Format = number(ocf.FormatCBOR) }, refusable: true},
		{name: "as plain text", alter: func(c *conformance.Call) { c.Format = number(0) }, refusable: true},
		{name: "without a content format", alter: func(c *conformance.Call) { c.Format = nil }, refusable: true},
		{name: "with an option that must be understood", alter: func(c *conformance.Call) { c.Critical = 65001 }, refusable: true},
		{name: "by PUT", alter: func(c *conformance.Call) { c.Method = "PUT" }, refusable: true},
		{name: "on interface oic.if.baseline", alter: func(c *conformance.Call) { c.Query = "if=oic.if.baseline" }},
		{name: "on interface oic.if.rw", alter: func(c *conformance.Call) { c.Query = "if=oic.if.rw" }, refusable: true},
		{name: "on interface oic.if.s", alter: func(c *conformance.Call) { c.Query = "if=oic.if.s" }, refusable: true},
	}
}

func mannerNamed(name string) (manner, error) {
	var names []string
	for _, m := range manners() {
		if m.name == name {
			return m, nil
		}
		names = append(names, m.name)
	}
	return manner{}, fmt.Errorf("there is no manner %q of sending%s", name, ocf.Near(name, names))
}
