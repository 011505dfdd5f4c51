package judge

import (
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// TestWhatAFullRecordLeavesOpen: a pass, and a breach that what was not kept may explain.
func TestWhatAFullRecordLeavesOpen(t *testing.T) {
	for name, c := range map[string]struct {
		s    story
		f    conformance.Finding
		want conformance.Finding
	}{
		"a pass": {
			story{full: true},
			conformance.Finding{Verdict: conformance.Pass},
			conformance.Finding{Verdict: conformance.Inconclusive, Reason: lacksRoom},
		},
		"a breach that rests on silence": {
			story{full: true},
			conformance.Finding{Verdict: conformance.Fail, Silent: true, Reason: "r"},
			conformance.Finding{Verdict: conformance.Inconclusive, Reason: "r; " + lacksRoom},
		},
		"a breach of a Device with processes of its own": {
			story{full: true, target: conformance.Profile{Supports: conformance.Supports{Autonomous: true}}},
			conformance.Finding{Verdict: conformance.Fail, Reason: "r"},
			conformance.Finding{Verdict: conformance.Inconclusive, Reason: "r; " + lacksRoom},
		},
		"another breach": {
			story{full: true},
			conformance.Finding{Verdict: conformance.Fail, Reason: "r"},
			conformance.Finding{Verdict: conformance.Fail, Reason: "r"},
		},
		"a warning of a Device with processes of its own": {
			story{full: true, target: conformance.Profile{Supports: conformance.Supports{Autonomous: true}}},
			conformance.Finding{Verdict: conformance.Warn, Silent: true},
			conformance.Finding{Verdict: conformance.Warn, Silent: true},
		},
		"what is open": {
			story{full: true},
			conformance.Finding{Verdict: conformance.Inconclusive, Reason: "r"},
			conformance.Finding{Verdict: conformance.Inconclusive, Reason: "r"},
		},
		"a pass on a whole record": {
			story{},
			conformance.Finding{Verdict: conformance.Pass, Reason: "r"},
			conformance.Finding{Verdict: conformance.Pass, Reason: "r"},
		},
		"a breach that rests on silence, on a whole record": {
			story{},
			conformance.Finding{Verdict: conformance.Fail, Silent: true},
			conformance.Finding{Verdict: conformance.Fail, Silent: true},
		},
	} {
		if got := c.s.untilFull(c.f); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// TestStill: only one that allows no row but those of an idle Device.
func TestStill(t *testing.T) {
	idle, any, busy := conformance.Row{TM: "-", CM: "*"}, conformance.Row{TM: "*"}, conformance.Row{TM: "V"}
	for name, c := range map[string]struct {
		e    conformance.Expectation
		want bool
	}{
		"idle":           {conformance.Expectation{Form: conformance.Exactly, Rows: []conformance.Row{idle}}, true},
		"idle twice":     {conformance.Expectation{Form: conformance.Exactly, Rows: []conformance.Row{idle, idle}}, true},
		"in this order":  {conformance.Expectation{Form: conformance.InOrder, Rows: []conformance.Row{idle}}, false},
		"in the end":     {conformance.Expectation{Form: conformance.EndsWith, Rows: []conformance.Row{idle}}, false},
		"never":          {conformance.Expectation{Form: conformance.NeverDuring, Rows: []conformance.Row{idle}}, false},
		"whatever":       {conformance.Expectation{Form: conformance.Exactly, Rows: []conformance.Row{any}}, false},
		"idle, and busy": {conformance.Expectation{Form: conformance.Exactly, Rows: []conformance.Row{idle, busy}}, false},
	} {
		if got := still(c.e); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// TestAnEndThatARefusalExplains: where every request that an expectation looks at was
// refused, and pstat is as before, nothing had to end.
func TestAnEndThatARefusalExplains(t *testing.T) {
	const idle = "get tm=- cm=U dos=RFNOP\n"
	for name, c := range map[string]struct {
		script     string
		from, upto int
		want       conformance.Verdict
	}{
		"refused":                            {idle + "post tm=V 4.00\n" + idle + "wait timeout\n", 2, 0, conformance.Inconclusive},
		"refused twice":                      {idle + "post tm=V 4.00\npost tm=U 4.00\n" + idle + "wait timeout\n", 2, 0, conformance.Inconclusive},
		"accepted":                           {idle + "post tm=V 2.04\n" + idle + "wait timeout\n", 2, 0, conformance.Fail},
		"the second was accepted":            {idle + "post tm=V 4.00\npost tm=V 2.04\n" + idle + "wait timeout\n", 2, 0, conformance.Fail},
		"the first was accepted":             {idle + "post tm=V 2.04\npost tm=V 4.00\n" + idle + "wait timeout\n", 2, 0, conformance.Fail},
		"what was accepted is no request":    {idle + "post tm=V 4.00\npost tm=- 2.04\n" + idle + "wait timeout\n", 2, 0, conformance.Inconclusive},
		"nothing was requested":              {idle + "post tm=- 4.00\n" + idle + "wait timeout\n", 2, 0, conformance.Fail},
		"it changed":                         {idle + "post tm=V 4.00\nget tm=- cm=- dos=RFNOP\nwait timeout\n", 2, 0, conformance.Fail},
		"it changed back":                    {idle + "post tm=V 4.00\nget tm=- cm=- dos=RFNOP\n" + idle + "wait timeout\n", 2, 0, conformance.Inconclusive},
		"nobody had looked":                  {"post tm=V 4.00\n" + idle + "wait timeout\n", 0, 0, conformance.Fail},
		"another was accepted before":        {"post tm=V 2.04\nget tm=V cm=- dos=RFNOP\n" + idle + "post tm=V 4.00\n" + idle + "wait timeout\n", 6, 0, conformance.Inconclusive},
		"another is accepted afterwards":     {idle + "post tm=V 4.00\n" + idle + "wait timeout\npost tm=V 2.04\n", 2, 7, conformance.Inconclusive},
		"another is accepted right within":   {idle + "post tm=V 4.00\n" + idle + "post tm=V 2.04\nwait timeout\n", 2, 9, conformance.Fail},
		"the refused one was before it":      {idle + "post tm=V 4.00\n" + idle + "wait timeout\n", 4, 0, conformance.Fail},
		"the refused one is where it begins": {"hold\n" + idle + "post tm=V 4.00\n" + idle + "wait timeout\n", 4, 0, conformance.Inconclusive},
	} {
		tl := play(t, c.script)
		tl.Expectations = []conformance.Expectation{{
			Text: "x", Form: conformance.EndsWith, Rows: []conformance.Row{{TM: "-", CM: "V+U"}}, From: c.from, Upto: c.upto,
		}}
		if f := Scenario(tl, Known{}).Expectations[0]; f.Verdict != c.want {
			t.Errorf("%s: %s, want %s: %s", name, f.Verdict, c.want, f.Reason)
		}
	}
}

// TestWhatOtherClientsDrop: only answers and notifications of pstat have options that
// Clients have to understand.
func TestWhatOtherClientsDrop(t *testing.T) {
	cbor := uint16(ocf.FormatOCFCBOR)
	strange := []byte{0x40, 0x45, 0, 1, 0xd0, 0xec} // CON 2.05, option 249
	plain := []byte{0x40, 0x45, 0, 1}
	for name, c := range map[string]struct {
		kind conformance.Kind
		f    *conformance.Frame
		want bool
	}{
		"an answer":                       {conformance.Response, &conformance.Frame{Code: conformance.CodeContent, Path: ocf.PathPstat, Raw: strange, Format: &cbor}, true},
		"a notification":                  {conformance.Notification, &conformance.Frame{Code: conformance.CodeContent, Path: ocf.PathPstat, Raw: strange, Format: &cbor}, true},
		"a request":                       {conformance.Request, &conformance.Frame{Code: conformance.MethodPOST, Path: ocf.PathPstat, Raw: strange, Format: &cbor}, false},
		"of another resource":             {conformance.Response, &conformance.Frame{Code: conformance.CodeContent, Path: ocf.PathD, Raw: strange, Format: &cbor}, false},
		"without the option":              {conformance.Response, &conformance.Frame{Code: conformance.CodeContent, Path: ocf.PathPstat, Raw: plain, Format: &cbor}, false},
		"without a format":                {conformance.Response, &conformance.Frame{Code: conformance.CodeContent, Path: ocf.PathPstat, Raw: plain}, true},
		"a refusal without a format":      {conformance.Response, &conformance.Frame{Code: "4.00", Path: ocf.PathPstat, Raw: plain}, false},
		"nobody knows what came":          {conformance.Response, &conformance.Frame{Code: conformance.CodeContent, Path: ocf.PathPstat}, false},
		"a notification without a format": {conformance.Notification, &conformance.Frame{Code: conformance.CodeContent, Path: ocf.PathPstat, Raw: plain}, true},
		"nothing":                         {conformance.Response, nil, false},
	} {
		f, got := dropped(3, &conformance.Observation{Kind: c.kind, Frame: c.f})
		if got != c.want || got && (f.Verdict != conformance.Warn || f.Witness != 3) {
			t.Errorf("%s: %v, want %v: %+v", name, got, c.want, f)
		}
	}
}

// TestAWriteInAnotherFormatTellsNothing: no Device need understand it, so that DPM-12 says
// nothing of what came of it.
func TestAWriteInAnotherFormatTellsNothing(t *testing.T) {
	text := uint16(0)
	for name, c := range map[string]struct {
		format *uint16
		want   conformance.Verdict
	}{
		"as the Client sent it": {new(uint16(ocf.FormatOCFCBOR)), conformance.Pass},
		"plain CBOR":            {new(uint16(ocf.FormatCBOR)), conformance.Pass},
		"text":                  {&text, conformance.None},
		"nothing said":          {nil, conformance.None},
	} {
		tl := play(t, "get tm=- cm=- dos=RFNOP\npost cm=V 4.00\nsleep 150ms\nget tm=- cm=- dos=RFNOP\n")
		for i := range tl.Observations {
			if f := tl.Observations[i].Frame; f != nil && f.Code == conformance.MethodPOST {
				f.Format = c.format
			}
		}
		if f := All(tl)["DPM-12"]; f.Verdict != c.want {
			t.Errorf("%s: %s, want %s: %s", name, f.Verdict, c.want, f.Reason)
		}
	}
}

// inFormat is the Timeline of a script in which every POST has another Content-Format.
func inFormat(t *testing.T, script string, format uint16) conformance.Timeline {
	t.Helper()
	tl := play(t, script)
	for i := range tl.Observations {
		if f := tl.Observations[i].Frame; f != nil && f.Code == conformance.MethodPOST {
			f.Format = &format
		}
	}
	return tl
}

// TestRequestsInAnotherFormat: a Device may refuse one, but not pass over it in silence;
// and what is written together with it counts only where the Device has to understand it.
func TestRequestsInAnotherFormat(t *testing.T) {
	const neglected = "update-available\nget tm=- cm=- dos=RFNOP\nsource checks=0\npost tm=V isop=true 2.04\nsleep 9s\nget tm=- cm=- dos=RFNOP\nsource\n"
	for name, c := range map[string]struct {
		script, id string
		format     uint16
		want       conformance.Verdict
	}{
		"refused":                     {"get tm=- cm=- dos=RFNOP\npost tm=V 4.15\n", "SVV-1", ocf.FormatOCFCBOR, conformance.Fail},
		"refused, in plain CBOR":      {"get tm=- cm=- dos=RFNOP\npost tm=V 4.15\n", "SVV-1", ocf.FormatCBOR, conformance.Inconclusive},
		"not answered":                {"get tm=- cm=- dos=RFNOP\npost tm=V lost\n", "SVV-1", ocf.FormatOCFCBOR, conformance.Fail},
		"not answered, in plain CBOR": {"get tm=- cm=- dos=RFNOP\npost tm=V lost\n", "SVV-1", ocf.FormatCBOR, conformance.Fail},
		"neglected":                   {neglected, "SVV-5", ocf.FormatOCFCBOR, conformance.Fail},
		"neglected, in plain CBOR":    {neglected, "SVV-5", ocf.FormatCBOR, conformance.Fail},
		"neglected, as text":          {neglected, "SVV-5", 0, conformance.None},
	} {
		if f := All(inFormat(t, c.script, c.format))[c.id]; f.Verdict != c.want {
			t.Errorf("%s: %s %s, want %s: %s", name, c.id, f.Verdict, c.want, f.Reason)
		}
	}
}

// TestAMaskThatChangesUnasked after a write that was refused is a breach, but not of a
// Device that is known to begin processes by itself.
func TestAMaskThatChangesUnasked(t *testing.T) {
	tl := play(t, "get tm=- cm=- dos=RFNOP\npost hex:a162746d6156 4.00\nsleep 150ms\nget tm=0x1 cm=- dos=RFNOP\n")
	if f := Scenario(tl, Known{}).Requirements["DPM-1"]; f.Verdict != conformance.Fail {
		t.Errorf("%s: %s", f.Verdict, f.Reason)
	}
	if f := Scenario(tl, Known{Restless: true}).Requirements["DPM-1"]; f.Verdict == conformance.Fail {
		t.Errorf("a Device that begins processes by itself: %s", f.Reason)
	}
}

// TestExpectationsOfAFullRecord: one that looks at what was kept alone is judged by it.
func TestExpectationsOfAFullRecord(t *testing.T) {
	tl := play(t, "get tm=V cm=- dos=RFNOP\nget tm=- cm=- dos=RFNOP\n")
	tl.Observations = append(tl.Observations, conformance.Observation{N: 4, At: tl.Observations[3].At, Kind: conformance.Note, Text: conformance.RecordFull})
	e := conformance.Expectation{Text: "x", Form: conformance.NeverDuring, Rows: []conformance.Row{{TM: "V"}}}
	for upto, want := range map[int]conformance.Verdict{2: conformance.Fail, 4: conformance.Fail, 5: conformance.Inconclusive} {
		e.Upto = upto
		if f := Check(e, tl); f.Verdict != want {
			t.Errorf("up to %d: %s, want %s: %s", upto, f.Verdict, want, f.Reason)
		}
	}
	e.Rows = nil
	e.Upto = 2
	if f := Check(e, tl); f.Verdict != conformance.Error || f.Witness != -1 {
		t.Errorf("without rows: %+v", f)
	}
}

// TestAnAnswerToNothingShutsNobodyOut: nobody knows who was refused what.
func TestAnAnswerToNothingShutsNobodyOut(t *testing.T) {
	s := storyOf(t, "get tm=- cm=- dos=RFNOP\nget 4.01\nhold\n")
	x := s.samples[0]
	if !s.shuts(x, 6) {
		t.Error("a refused look")
	}
	s.tl.Observations[3].For = nil
	if s.shuts(x, 6) {
		t.Error("an answer to nothing")
	}
	s.tl.Observations[3].Frame = nil
	if s.shuts(x, 6) {
		t.Error("an answer without anything")
	}
}
