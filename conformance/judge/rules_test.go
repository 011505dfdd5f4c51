package judge

import (
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// writeOf is a framed write of this payload, in hexadecimal.
func writeOf(t *testing.T, payload string) write {
	t.Helper()
	b, err := hex.DecodeString(payload)
	if err != nil {
		t.Fatal(err)
	}
	w := write{framed: true}
	w.body, w.ok = readPayload(b)
	return w
}

// TestWhatDiffers: each Property is compared by itself, and only where both
// representations carry it.
func TestWhatDiffers(t *testing.T) {
	all := ocf.PropDOS | ocf.PropP | ocf.PropISOP | ocf.PropCM | ocf.PropTM | ocf.PropOM | ocf.PropSM | ocf.PropRowner
	a := ocf.Pstat{Present: all}
	for name, c := range map[string]struct {
		b    ocf.Pstat
		prop ocf.Properties
	}{
		"cm":   {ocf.Pstat{CM: 1}, ocf.PropCM},
		"tm":   {ocf.Pstat{TM: 1}, ocf.PropTM},
		"isop": {ocf.Pstat{ISOP: true}, ocf.PropISOP},
		"sm":   {ocf.Pstat{SM: 1}, ocf.PropSM},
		"om":   {ocf.Pstat{OM: 1}, ocf.PropOM},
		"p":    {ocf.Pstat{Pending: true}, ocf.PropP},
		"dos":  {ocf.Pstat{DOS: ocf.RFPRO}, ocf.PropDOS},
	} {
		for _, props := range []ocf.Properties{all, c.prop} {
			b := c.b
			b.Present = props
			if got := differences(a, b); !slices.Equal(got, []string{name}) {
				t.Errorf("%s differs: %v", name, got)
			}
			if got := differences(b, a); !slices.Equal(got, []string{name}) {
				t.Errorf("%s differs, the other way round: %v", name, got)
			}
		}
		b, lacks := c.b, a
		b.Present, lacks.Present = all&^c.prop, all&^c.prop
		if got := append(differences(a, b), differences(lacks, ocf.Pstat{CM: b.CM, TM: b.TM, ISOP: b.ISOP, SM: b.SM, OM: b.OM, Pending: b.Pending, DOS: b.DOS, Present: all})...); len(got) > 0 {
			t.Errorf("%s is missing, and yet differs: %v", name, got)
		}
	}
	if got := differences(a, a); len(got) > 0 {
		t.Errorf("the same differs in %v", got)
	}
}

// TestTheResultThatAWriteSets: V and U in cm, and only of a write that is one.
func TestTheResultThatAWriteSets(t *testing.T) {
	for payload, want := range map[string]ocf.DPM{
		"a162636d1840":                     ocf.SVV, // cm=64
		"a162636d1880":                     ocf.SSU,
		"a162636d18c0":                     ocf.SVV | ocf.SSU,
		"a162636d18ff":                     ocf.SVV | ocf.SSU,
		"a162636d00":                       0,
		"a162636d01":                       0,
		"a162636d6156":                     0, // cm="V"
		"a162636df5":                       0,
		"a162746d1840":                     0, // tm=64
		"a262636d184062746d1840":           0, // with a request
		"a262636d184062746d00":             ocf.SVV,
		"a262636d184062636d1840":           0, // twice
		"8162636d":                         0, // no map
		"a162636d1b4000000000000040":       0, // wider than a mask
		"a262636d18406469736f70f4":         ocf.SVV,
		"a1" + "63" + "636d78" + "1840":    0, // another name
		"a162636d1a00000040":               ocf.SVV,
		"a162636d1a00010040":               0,
		"a2" + "62746d6156" + "62636d1840": ocf.SVV, // tm="V" asks for nothing
	} {
		w := writeOf(t, payload)
		if got := w.result(); got != want {
			t.Errorf("%s sets %v, want %v", payload, got, want)
		}
		w.framed = false
		if got := w.result(); got != 0 {
			t.Errorf("%s in another format sets %v", payload, got)
		}
		w.framed, w.ok = true, false
		if got := w.result(); got != 0 {
			t.Errorf("%s that is no map sets %v", payload, got)
		}
	}
}

// TestWhatAWriteMayNotChange: the first Property that is the Device's and is
// written with another value or type than it has.
func TestWhatAWriteMayNotChange(t *testing.T) {
	p := ocf.Pstat{CM: 1, ISOP: true, SM: 5}
	for payload, want := range map[string]string{
		"a162636d01":              "",   // cm=1
		"a162636d02":              "cm", // another value
		"a162636d20":              "cm", // -1: another type of the same argument
		"a162636d6131":            "cm",
		"a16469736f70f5":          "",
		"a16469736f70f4":          "isop",
		"a16469736f7015":          "isop", // 21, the argument of true
		"a162736d05":              "",
		"a162736d06":              "sm",
		"a162736d25":              "sm",
		"a163646f73a16170f4":      "",
		"a163646f73a16170f5":      "p",
		"a163646f73a16170f6":      "p",
		"a163646f73a1617302":      "",
		"a16170f5":                "", // p stands in dos
		"a262636d0262736d06":      "cm",
		"a262636d0162736d06":      "sm",
		"a162746d1840":            "",
		"a162636d" + "1a00000001": "",
	} {
		got, differs := writeOf(t, payload).readOnly(p)
		if got != want || differs != (want != "") {
			t.Errorf("%s: %q, %v, want %q", payload, got, differs, want)
		}
	}
}

// TestMovesOfNoClient: what dos can be moved by a Client alone is not closed.
func TestMovesOfNoClient(t *testing.T) {
	var shut []string
	for _, from := range []ocf.DOS{ocf.RESET, ocf.RFOTM, ocf.RFPRO, ocf.RFNOP, ocf.SRESET} {
		for _, to := range []ocf.DOS{ocf.RESET, ocf.RFOTM, ocf.RFPRO, ocf.RFNOP, ocf.SRESET} {
			if closed(from, to) {
				shut = append(shut, from.String()+" to "+to.String())
			}
		}
	}
	const want = "RFOTM to SRESET, RFPRO to RFOTM, RFNOP to RFOTM, SRESET to RFOTM, SRESET to RFNOP"
	if got := strings.Join(shut, ", "); got != want {
		t.Errorf("closed are %s, want %s", got, want)
	}
}

// TestWhatRegisters: a GET of pstat with Observe 0, and nothing else.
func TestWhatRegisters(t *testing.T) {
	zero, one := uint32(0), uint32(1)
	good := conformance.Frame{Code: conformance.MethodGET, Path: ocf.PathPstat, Observe: &zero}
	for name, c := range map[string]struct {
		kind   conformance.Kind
		change func(f *conformance.Frame) *conformance.Frame
		want   bool
	}{
		"a registration":      {conformance.Request, func(f *conformance.Frame) *conformance.Frame { return f }, true},
		"with a query":        {conformance.Request, func(f *conformance.Frame) *conformance.Frame { f.Query = "if=oic.if.rw"; return f }, true},
		"an answer":           {conformance.Response, func(f *conformance.Frame) *conformance.Frame { return f }, false},
		"without its frame":   {conformance.Request, func(*conformance.Frame) *conformance.Frame { return nil }, false},
		"no request and none": {conformance.Lost, func(*conformance.Frame) *conformance.Frame { return nil }, false},
		"a POST":              {conformance.Request, func(f *conformance.Frame) *conformance.Frame { f.Code = conformance.MethodPOST; return f }, false},
		"another resource":    {conformance.Request, func(f *conformance.Frame) *conformance.Frame { f.Path = ocf.PathD; return f }, false},
		"a plain GET":         {conformance.Request, func(f *conformance.Frame) *conformance.Frame { f.Observe = nil; return f }, false},
		"a cancellation":      {conformance.Request, func(f *conformance.Frame) *conformance.Frame { f.Observe = &one; return f }, false},
	} {
		f := good
		if got := registers(&conformance.Observation{Kind: c.kind, Frame: c.change(&f)}); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestFormatsOfPstat: a representation in another format, as it says, is one
// that somebody asked for; what says nothing, or CBOR, has to be CBOR.
func TestFormatsOfPstat(t *testing.T) {
	text, links, plain, own := uint16(0), uint16(40), uint16(ocf.FormatCBOR), uint16(ocf.FormatOCFCBOR)
	for name, c := range map[string]struct {
		format  *uint16
		payload string
		want    conformance.Verdict
	}{
		"text":                    {&text, "tm=V", conformance.None},
		"links":                   {&links, "[]", conformance.None},
		"CBOR that is none":       {&plain, "\xff", conformance.Fail},
		"OCF's CBOR that is none": {&own, "\xff", conformance.Fail},
		"nothing said":            {nil, "\xff", conformance.Fail},
		"no map":                  {&own, "\x80", conformance.Fail},
		"all of it":               {&own, "", conformance.Pass},
		"text that is CBOR":       {&text, "", conformance.Pass},
	} {
		tl := play(t, "get tm=- cm=- dos=RFNOP")
		for i := range tl.Observations {
			if o := &tl.Observations[i]; o.Kind == conformance.Response {
				o.Frame.Format = c.format
				if c.payload != "" {
					o.Frame.Payload = conformance.Hex(c.payload)
				}
				o.Decode()
			}
		}
		if got := rule(carriesAll).conclude(read(tl)); got.Verdict != c.want {
			t.Errorf("%s: %s (%s), want %s", name, got.Verdict, got.Reason, c.want)
		}
	}
}
