package sim

import (
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// TestWhy: each refusal of the reference has its reason, and asking for it changes nothing.
func TestWhy(t *testing.T) {
	m, err := NewModel(Config{Behaviour: Behaviour{Name: "b", Ends: "success", Source: Patience{Timeout: time.Minute}}})
	if err != nil {
		t.Fatal(err)
	}
	pstat := func(u ocf.PstatUpdate) Request {
		return Request{Path: ocf.PathPstat, Payload: u.AppendCBOR(nil), Format: ocf.FormatOCFCBOR}
	}
	for name, c := range map[string]struct {
		kind EventKind
		r    Request
		code uint8
		why  string
	}{
		"no resource":       {Post, Request{Path: "/nowhere"}, notFound, "no such resource"},
		"no method":         {Delete, Request{Path: ocf.PathPstat}, methodNotAllowed, "/oic/sec/pstat does not take this method"},
		"no writes there":   {Post, Request{Path: ocf.PathD}, methodNotAllowed, "/oic/d does not take this method"},
		"format":            {Post, Request{Path: ocf.PathPstat, Format: 40}, unsupportedFormat, "another format than CBOR"},
		"no CBOR":           {Post, Request{Path: ocf.PathPstat, Payload: []byte{0xff}, Format: ocf.FormatOCFCBOR}, badRequest, "payload"},
		"unknown property":  {Post, Request{Path: ocf.PathPstat, Payload: []byte("\xa1\x61x\x01"), Format: ocf.FormatOCFCBOR}, badRequest, `"x": unknown property`},
		"read-only":         {Post, pstat(ocf.PstatUpdate{Set: ocf.PropCM | ocf.PropSM}), badRequest, "read-only: cm, sm"},
		"operation mode":    {Post, pstat(ocf.PstatUpdate{Set: ocf.PropOM, OM: 1}), badRequest, "om: expected 4, got 1"},
		"no such move":      {Post, pstat(ocf.PstatUpdate{Set: ocf.PropDOS, DOS: ocf.RFOTM}), badRequest, "dos does not go from RFNOP to RFOTM"},
		"undefined":         {Post, pstat(ocf.PstatUpdate{Set: ocf.PropTM, TM: 0x4000}), badRequest, "tm: this edition does not define 0x4000"},
		"cleared by itself": {Post, pstat(ocf.PstatUpdate{Set: ocf.PropTM | ocf.PropDOS, TM: ocf.SVV, DOS: ocf.RESET}), badRequest, "RESET would clear"},
		"no interface":      {Post, Request{Path: ocf.PathPstat, Interface: "oic.if.ll", Format: ocf.FormatOCFCBOR}, badRequest, `no interface "oic.if.ll"`},
	} {
		t.Run(name, func(t *testing.T) {
			d := m.Device(ocf.UUID{15: 1}, 1)
			d.Start(0, nil)
			before := d.Standing()
			ev := Event{Kind: c.kind, Request: c.r}
			out := d.Apply(&ev, nil)
			if len(out) == 0 || out[0].Kind != Respond || out[0].Code != c.code {
				t.Fatalf("the Device does %+v, want it to answer %#x", out, c.code)
			}
			if why := d.Why(&ev, c.code); !strings.Contains(why, c.why) {
				t.Errorf("why: %q, want %q", why, c.why)
			}
			if d.Standing() != before {
				t.Error("the Device has changed")
			}
		})
	}
}

// TestWhyDenied: who is denied what is said without a key or a hook.
func TestWhyDenied(t *testing.T) {
	m, err := NewModel(Config{Behaviour: Behaviour{Name: "b", Ends: "success", Source: Patience{Timeout: time.Minute}}, Security: &Security{Owner: ocf.UUID{15: 9}, Methods: []uint16{0}}})
	if err != nil {
		t.Fatal(err)
	}
	d := m.Device(ocf.UUID{15: 1}, 1)
	d.Start(0, nil)
	stranger := ocf.UUID{15: 7}
	for via, want := range map[Via]string{
		{}:                              "nobody may do this in the clear in RFNOP",
		{Session: 3, Subject: stranger}: "the Client " + stranger.String() + " may not do this in RFNOP",
		{Session: 4, OTM: true}:         "a session of an owner transfer may not do this in RFNOP",
	} {
		ev := Event{Kind: Post, Request: Request{Path: ocf.PathPstat, Payload: []byte{0xa0}, Format: ocf.FormatOCFCBOR, Via: via}}
		out := d.Apply(&ev, nil)
		if len(out) == 0 || out[0].Code != unauthorized {
			t.Fatalf("%+v: the Device does %+v", via, out)
		}
		if why := d.Why(&ev, out[0].Code); why != want {
			t.Errorf("why: %q, want %q", why, want)
		}
	}
	if d.Owner() != (ocf.UUID{15: 9}) {
		t.Errorf("owner %v", d.Owner())
	}
}
