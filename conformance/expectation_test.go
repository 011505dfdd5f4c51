package conformance

import (
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/ocf"
)

func rows(t *testing.T, text string) []Row {
	t.Helper()
	var all []Row
	for line := range strings.SplitSeq(text, ",") {
		cells := strings.Fields(line)
		if len(cells) == 2 {
			cells = append(cells, "RFNOP")
		}
		if len(cells) != 3 {
			t.Fatalf("row %q", line)
		}
		all = append(all, Row{cells[0], cells[1], cells[2]})
	}
	return all
}

// reference is the path of a check that finds an update; the mark # is where
// the expectation begins.
const reference = `
get tm=- cm=- dos=RFNOP
observe tm=- cm=- dos=RFNOP
post tm=V 2.04
notify 11 tm=V cm=- dos=RFNOP
get tm=V cm=- dos=RFNOP
notify 12 tm=V cm=V dos=RFNOP
notify 13 tm=- cm=V dos=RFNOP
get tm=- cm=V dos=RFNOP
`

const begun = 4 // entries before the POST

func TestExpectations(t *testing.T) {
	coalesced := strings.Replace(reference, "notify 12 tm=V cm=V dos=RFNOP\n", "", 1)
	stuck := "get tm=- cm=- dos=RFNOP\nobserve tm=- cm=- dos=RFNOP\npost tm=V 2.04\nnotify 11 tm=V cm=- dos=RFNOP\nwait timeout\nget tm=V cm=- dos=RFNOP\n"
	still := "get tm=- cm=V dos=RFNOP\nobserve tm=- cm=V dos=RFNOP\npost tm=V 2.04\nget tm=- cm=V dos=RFNOP\n"
	for _, c := range []struct {
		name     string
		form     Form
		rows     string
		script   string
		want     Verdict
		complete bool
	}{
		{"the whole path", Exactly, "V -, V V, - V", reference, Pass, true},
		{"with the state before", Exactly, "- -, V -, V V, - V", reference, None, true},
		{"either bit", Exactly, "V ?, V V, - V", reference, Error, true},
		{"an optional bit", Exactly, "V U?, V V+U?, - V+U?", reference, Pass, true},
		{"any dos", Exactly, "V - *, V V *, - V *", reference, Pass, true},
		{"a state too many", Exactly, "V -, - V", reference, Fail, true},
		{"another order", Exactly, "V V, V -, - V", reference, Fail, true},
		{"a state not seen", Exactly, "V -, V V, - V", coalesced, None, true},
		{"never reached", Exactly, "V -, V V, - V", stuck, Fail, false},
		{"not begun", Exactly, "V -, V V, - V", still, None, false},
		{"in order", InOrder, "V -, - V", reference, Pass, true},
		{"in order, with one between", InOrder, "V -, V V", reference, Pass, true},
		{"in order, turned round", InOrder, "- V, V -", reference, None, false},
		{"in order, never", InOrder, "V -, - V", stuck, Fail, false},
		{"ends with", EndsWith, "V V, - V", reference, Pass, true},
		{"ends with one", EndsWith, "- V", reference, Pass, true},
		{"ends with what was not seen", EndsWith, "V V, - V", coalesced, None, true},
		{"ends where it began", EndsWith, "- V", still, Pass, false},
		{"ends elsewhere", EndsWith, "- V", stuck, Fail, false},
		{"never during", NeverDuring, "- -", reference, Pass, false},
		{"never during, and yet", NeverDuring, "V V", reference, Fail, true},
		{"never during anything", NeverDuring, "* *", reference, Fail, true},
	} {
		tl := play(t, c.script)
		e := Expectation{Text: c.name, Form: c.form, Client: "privileged", From: begun, Rows: rows(t, c.rows)}
		f := e.Check(tl)
		if f.Verdict != c.want {
			t.Errorf("%s: %q (%s; got %s), want %q", c.name, f.Verdict, f.Reason, f.Got, c.want)
		}
		if got := e.Complete(tl); got != c.complete {
			t.Errorf("%s: complete is %v, want %v", c.name, got, c.complete)
		}
	}
}

func TestAnExpectationIsNotCompleteBeforeItsEnd(t *testing.T) {
	tl := play(t, reference)
	for form, done := range map[Form]int{Exactly: 11, InOrder: 11, EndsWith: 11} {
		e := Expectation{Form: form, Client: "privileged", From: begun, Rows: rows(t, "V -, V V, - V")}
		for n := range tl.Observations {
			cut := tl
			cut.Observations = tl.Observations[:n]
			if got, want := e.Complete(cut), n >= done; got != want {
				t.Errorf("%s: after %d entries complete is %v, want %v", form, n, got, want)
			}
		}
	}
}

// A GET's answer may overtake a notification, or be overtaken: only what was
// asked for after another had arrived is certainly later.
func TestAnOvertakenNotificationIsNoBreach(t *testing.T) {
	tl := play(t, `
get tm=- cm=- dos=RFNOP
observe tm=- cm=- dos=RFNOP
post tm=V 2.04
get tm=V cm=V dos=RFNOP
notify 11 tm=V cm=- dos=RFNOP
notify 12 tm=V cm=V dos=RFNOP
notify 13 tm=- cm=V dos=RFNOP
`)
	e := Expectation{Form: Exactly, Client: "privileged", From: begun, Rows: rows(t, "V -, V V, - V")}
	if f := e.Check(tl); f.Verdict != Pass {
		t.Errorf("%q: %s", f.Verdict, f.Reason)
	}
}

func TestRows(t *testing.T) {
	for _, c := range []struct {
		row   Row
		tm    ocf.DPM
		match bool
	}{
		{Row{TM: "*"}, 0xffff, true},
		{Row{TM: "-"}, 0, true},
		{Row{TM: "-"}, 1, false},
		{Row{TM: "V"}, ocf.SVV, true},
		{Row{TM: "V"}, ocf.SVV | 2, false},
		{Row{TM: "V+U"}, ocf.SVV, false},
		{Row{TM: "V+U?"}, ocf.SVV, true},
		{Row{TM: "V+U?"}, ocf.SVV | ocf.SSU, true},
		{Row{TM: "V?"}, ocf.SSU, false},
		{Row{TM: "0x4000"}, 0x4000, true},
	} {
		if got := c.row.Matches(ocf.Pstat{TM: c.tm}); got != c.match {
			t.Errorf("%v on %v: %v", c.row, c.tm, got)
		}
	}
	for _, bad := range []Row{{TM: "W"}, {CM: "V++U"}, {DOS: "NOP"}} {
		if bad.Validate() == nil {
			t.Errorf("%v is accepted", bad)
		}
	}
}
