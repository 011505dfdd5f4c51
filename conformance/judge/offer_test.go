package judge

import (
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
)

// TestAnExpectationWhateverIsOnOffer holds paths that speak of an offer to a Device that
// finds one, to one that does not and to one that is stuck, where nobody could arrange
// what is there.
func TestAnExpectationWhateverIsOnOffer(t *testing.T) {
	const (
		found    = "post tm=V 2.04\nnotify 11 tm=V cm=- dos=RFNOP\nnotify 12 tm=V cm=V dos=RFNOP\nnotify 13 tm=- cm=V dos=RFNOP\nwait seen\nget tm=- cm=V dos=RFNOP\n"
		nothing  = "post tm=V 2.04\nnotify 11 tm=V cm=- dos=RFNOP\nnotify 13 tm=- cm=- dos=RFNOP\nwait seen\nget tm=- cm=- dos=RFNOP\n"
		stuck    = "post tm=V 2.04\nnotify 11 tm=V cm=- dos=RFNOP\nwait timeout\nget tm=V cm=- dos=RFNOP\n"
		wrong    = "post tm=V 2.04\nnotify 11 tm=V cm=- dos=RFNOP\nnotify 12 tm=U cm=- dos=RFNOP\nnotify 13 tm=- cm=V dos=RFNOP\nwait seen\nget tm=- cm=V dos=RFNOP\n"
		finds    = "V U?, V V+U?, - V+U?"
		findsNot = "V U?, - U?"
		lacks    = "lacks update-available\n"
		lacksNo  = "lacks no-update\n"
	)
	for _, c := range []struct {
		name, lacks, script string
		form                conformance.Form
		rows                string
		want                conformance.Verdict
	}{
		{"found what was wanted", lacks, found, conformance.Exactly, finds, conformance.Pass},
		{"found nothing, an update was wanted", lacks, nothing, conformance.Exactly, finds, conformance.Pass},
		{"found nothing at the end", lacks, nothing, conformance.EndsWith, "- V+U?", conformance.Pass},
		{"found nothing, and that was arranged otherwise", lacks + "update-available\n", nothing, conformance.EndsWith, "- V", conformance.Inconclusive},
		{"found something, nothing was wanted", lacksNo, found, conformance.Exactly, findsNot, conformance.Inconclusive},
		{"found something, and it is always nothing", "no-update\n" + lacks, found, conformance.Exactly, finds, conformance.Pass},
		{"found nothing, nothing was wanted", lacksNo, nothing, conformance.Exactly, findsNot, conformance.Pass},
		{"stuck", lacks, stuck, conformance.EndsWith, "- V+U?", conformance.Fail},
		{"stuck, nothing was wanted", lacksNo, stuck, conformance.EndsWith, "- U?", conformance.Fail},
		{"what no offer explains", lacks, wrong, conformance.Exactly, finds, conformance.Fail},
		{"what is never to be seen", lacks, wrong, conformance.NeverDuring, "U *", conformance.Fail},
		{"nothing was to change", lacks, found, conformance.Exactly, "- -", conformance.Fail},
	} {
		tl := play(t, c.lacks+"get tm=- cm=- dos=RFNOP\nobserve tm=- cm=- dos=RFNOP\n"+c.script)
		from := strings.Count(c.lacks, "\n")*2 + begun
		e := conformance.Expectation{Text: c.name, Form: c.form, Client: "privileged", From: from, Rows: rows(t, c.rows)}
		if f := Check(e, tl); f.Verdict != c.want {
			t.Errorf("%s: %q (%s; got %s), want %q", c.name, f.Verdict, f.Reason, f.Got, c.want)
		}
	}
}

// TestAnyResult widens cells of cm.
func TestAnyResult(t *testing.T) {
	for cell, want := range map[string]string{
		"*": "*", "": "*", "-": "V?+U?", "V+U?": "V?+U?", "V?+U?+0x1?": "V?+U?+0x1?", "0x20?": "V?+U?+0x20?",
	} {
		if got := anyResult(cell); got != want {
			t.Errorf("%q: %q, want %q", cell, got, want)
		}
	}
}

// TestARestlessRunExcusesTheOthers judges a Timeline in which a Device's own process
// came between a write and the next look: by itself it is a breach, and in a run that
// shows the Device begin such processes it is none.
func TestARestlessRunExcusesTheOthers(t *testing.T) {
	between := play(t, `
lacks update-available
get tm=- cm=- dos=RFNOP
observe tm=- cm=- dos=RFNOP
post hex:a162746d6236 4.00
notify 11 tm=V cm=- dos=RFNOP
get tm=V cm=- dos=RFNOP
sleep 200ms
get tm=- cm=V dos=RFNOP
`)
	alone := play(t, `
lacks update-available
get tm=- cm=- dos=RFNOP
observe tm=- cm=- dos=RFNOP
sleep 1s
notify 11 tm=V cm=- dos=RFNOP
notify 12 tm=- cm=V dos=RFNOP
get tm=- cm=V dos=RFNOP
`)
	if Restless(between) || !Restless(alone) {
		t.Errorf("restless: %v and %v, want only the second", Restless(between), Restless(alone))
	}
	for restless, want := range map[bool]conformance.Verdict{false: conformance.Fail, true: conformance.Inconclusive} {
		requirements := Scenario(between, Known{Restless: restless}).Requirements
		if f := requirements["DPM-1"]; f.Verdict != want {
			t.Errorf("restless %v: %s (%s), want %s", restless, f.Verdict, f.Reason, want)
		}
	}
}
