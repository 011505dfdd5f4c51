package assess

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// dis are the identities of the Devices below.
const (
	di1 = "00000000-0000-0000-0000-000000000001"
	di2 = "00000000-0000-0000-0000-000000000002"
	di3 = "00000000-0000-0000-0000-000000000003"
)

// identityOf is /oic/d of a Device with this di.
func identityOf(t *testing.T, di string) []byte {
	t.Helper()
	id, err := ocf.ParseUUID(di)
	if err != nil {
		t.Fatal(err)
	}
	d := ocf.D{SV: "1.0.0", DI: id}
	return d.AppendCBOR(nil, ocf.InterfaceDefault)
}

// acquainted is a Timeline that begins and ends with pstat, so that no entry
// between is the first or the last; each of them happens a second later.
func acquainted(t *testing.T, header string, entries ...conformance.Observation) conformance.Timeline {
	t.Helper()
	tl := play(t, "get tm=- cm=- dos=RFNOP")
	last := play(t, "get tm=- cm=- dos=RFNOP").Observations
	for _, o := range entries {
		o.N, o.At = len(tl.Observations), tl.Observations[len(tl.Observations)-1].At+time.Second
		tl.Observations = append(tl.Observations, o)
	}
	n := len(tl.Observations)
	last = slices.Clone(last)
	for i := range last {
		last[i].N, last[i].At = n+i, tl.Observations[n-1].At+time.Second
		if last[i].For != nil {
			request := n
			last[i].For = &request
		}
	}
	tl.Observations = append(tl.Observations, last...)
	tl.Header.Target.DI = header
	return tl
}

// TestWhoAnswers: what tells who answers, what tells nothing of it, and after
// what nobody is known any more.
func TestWhoAnswers(t *testing.T) {
	says := func(di string) conformance.Observation {
		return conformance.Observation{Kind: conformance.Response, Client: conformance.Privileged, Frame: &conformance.Frame{Type: "ACK", Code: conformance.CodeContent, Path: ocf.PathD, Payload: identityOf(t, di)}}
	}
	but := func(change func(o *conformance.Observation)) conformance.Observation {
		o := says(di2)
		change(&o)
		return o
	}
	post := func(path string, payload ...byte) conformance.Observation {
		return conformance.Observation{Kind: conformance.Request, Client: conformance.Privileged, Frame: &conformance.Frame{Type: "CON", Code: conformance.MethodPOST, Path: path, Payload: payload}}
	}
	condition := func(name, outcome string) conformance.Observation {
		return conformance.Observation{Kind: conformance.Condition, Name: name, Outcome: outcome}
	}
	shows := func(tm ocf.DPM, dos ocf.DOS) conformance.Observation {
		p := ocf.Pstat{TM: tm, DOS: dos, ISOP: true}
		return conformance.Observation{Kind: conformance.Notification, Client: conformance.Privileged, Frame: &conformance.Frame{Type: "CON", Code: conformance.CodeContent, Path: ocf.PathPstat, Payload: p.AppendCBOR(nil, ocf.InterfaceDefault)}}
	}
	check, update := []byte{0xa1, 0x62, 't', 'm', 0x18, 0x40}, []byte{0xa1, 0x62, 't', 'm', 0x18, 0x80}
	for name, c := range map[string]struct {
		entries  []conformance.Observation
		stranger string // the di that is new; "": nobody's
		known    string // afterwards
	}{
		"one":                          {[]conformance.Observation{says(di1), says(di1)}, "", di1},
		"another":                      {[]conformance.Observation{says(di1), says(di2)}, di2, di2},
		"the first of two is told":     {[]conformance.Observation{says(di1), says(di2), says(di3)}, di2, di3},
		"a remark":                     {[]conformance.Observation{says(di1), {Kind: conformance.Note, Text: "x"}, says(di2)}, di2, di2},
		"a check":                      {[]conformance.Observation{says(di1), post(ocf.PathPstat, check...), says(di2)}, di2, di2},
		"an update":                    {[]conformance.Observation{says(di1), post(ocf.PathPstat, update...), says(di2)}, "", di2},
		"a POST elsewhere":             {[]conformance.Observation{says(di1), post("/oic/sec/doxm", check...), says(di2)}, "", di2},
		"a POST that can't be read":    {[]conformance.Observation{says(di1), post(ocf.PathPstat, 0xff), says(di2)}, "", di2},
		"a GET":                        {[]conformance.Observation{says(di1), {Kind: conformance.Request, Client: conformance.Privileged, Frame: &conformance.Frame{Type: "CON", Code: "GET", Path: ocf.PathD}}, says(di2)}, di2, di2},
		"a request without its frame":  {[]conformance.Observation{says(di1), {Kind: conformance.Request, Client: conformance.Privileged}, says(di2)}, di2, di2},
		"a reset":                      {[]conformance.Observation{says(di1), condition(conformance.FactoryReset, conformance.Done), says(di2)}, "", di2},
		"a reset that can't be had":    {[]conformance.Observation{says(di1), condition(conformance.FactoryReset, conformance.Unsupported), says(di2)}, di2, di2},
		"an update of its own":         {[]conformance.Observation{says(di1), condition(conformance.AutonomousUpdate, conformance.Done), says(di2)}, "", di2},
		"a check of its own":           {[]conformance.Observation{says(di1), condition(conformance.AutonomousValidation, conformance.Done), says(di2)}, di2, di2},
		"a restart":                    {[]conformance.Observation{says(di1), condition(conformance.Reboot, conformance.Done), says(di2)}, di2, di2},
		"it shows an update":           {[]conformance.Observation{says(di1), shows(ocf.SSU, ocf.RFNOP), says(di2)}, "", di2},
		"it shows a check":             {[]conformance.Observation{says(di1), shows(ocf.SVV, ocf.RFNOP), says(di2)}, di2, di2},
		"it shows RESET":               {[]conformance.Observation{says(di1), shows(0, ocf.RESET), says(di2)}, "", di2},
		"it shows RFOTM":               {[]conformance.Observation{says(di1), shows(0, ocf.RFOTM), says(di2)}, "", di2},
		"it shows RFPRO":               {[]conformance.Observation{says(di1), shows(0, ocf.RFPRO), says(di2)}, di2, di2},
		"another resource":             {[]conformance.Observation{says(di1), but(func(o *conformance.Observation) { o.Frame.Path = "/oic/p" })}, "", di1},
		"an error":                     {[]conformance.Observation{says(di1), but(func(o *conformance.Observation) { o.Frame.Code = "4.04" })}, "", di1},
		"no response":                  {[]conformance.Observation{says(di1), but(func(o *conformance.Observation) { o.Kind = conformance.Notification })}, "", di1},
		"a response without its frame": {[]conformance.Observation{says(di1), but(func(o *conformance.Observation) { o.Frame = nil })}, "", di1},
		"no representation":            {[]conformance.Observation{says(di1), but(func(o *conformance.Observation) { o.Frame.Payload = conformance.Hex{0xff} }), says(di2)}, di2, di2},
		"a representation without di":  {[]conformance.Observation{says(di1), but(func(o *conformance.Observation) { o.Frame.Payload = conformance.Hex{0xa0} }), says(di2)}, di2, di2},
		"di after what is no di": {[]conformance.Observation{but(func(o *conformance.Observation) {
			o.Frame.Payload = identityOf(t, "00000000-0000-0000-0000-000000000000")
		}), says(di1)}, "", di1},
		"a di that is cut off is nothing": {[]conformance.Observation{says(di1), but(func(o *conformance.Observation) { o.Frame.Payload = o.Frame.Payload[:len(o.Frame.Payload)-1] })}, "", di1},
	} {
		var a acquaintance
		why := a.meet(acquainted(t, "", c.entries...))
		switch {
		case c.stranger == "" && why != "":
			t.Errorf("%s: %s", name, why)
		case c.stranger != "" && !strings.Contains(why, "di was "+di1) || !strings.Contains(why, c.stranger):
			t.Errorf("%s: %q, want the stranger %s", name, why, c.stranger)
		}
		if a.known != c.known {
			t.Errorf("%s: afterwards it is known as %q, want %q", name, a.known, c.known)
		}
	}
}

// TestANewDIStays: what the Device was given by an update holds for the
// scenarios after it, although the target's file says the old one; what the
// harness noted between two scenarios makes it unknown.
func TestANewDIStays(t *testing.T) {
	says := func(di string) conformance.Observation {
		return conformance.Observation{Kind: conformance.Response, Client: conformance.Privileged, Frame: &conformance.Frame{Type: "ACK", Code: conformance.CodeContent, Path: ocf.PathD, Payload: identityOf(t, di)}}
	}
	update := conformance.Observation{Kind: conformance.Condition, Name: conformance.AutonomousUpdate, Outcome: conformance.Done}
	var a acquaintance
	for i, tl := range []conformance.Timeline{
		acquainted(t, di1, says(di1)), acquainted(t, di1, update, says(di2)), acquainted(t, di1, says(di2)),
	} {
		if why := a.meet(tl); why != "" {
			t.Errorf("scenario %d: %s", i+1, why)
		}
	}
	if why := a.meet(acquainted(t, di1, says(di1))); why == "" {
		t.Error("the old Device answers again, and nobody says so")
	}
	if why := a.meet(acquainted(t, di3, says(di3))); why != "" {
		t.Errorf("the target is another: %s", why)
	}
	noted := acquainted(t, di3, says(di1))
	noted.Observations[0] = conformance.Observation{Kind: conformance.Note, Text: "owned again"}
	if why := a.meet(noted); why != "" {
		t.Errorf("owned again: %s", why)
	}
}
