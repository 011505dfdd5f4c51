package conformance

import (
	"fmt"
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

// TestWhatAnExpectationLooksAt: the entries from From to Upto of its Client.
func TestWhatAnExpectationLooksAt(t *testing.T) {
	tl := play(t, `
get tm=- cm=- dos=RFNOP
second: get tm=U cm=- dos=RFNOP
get tm=V cm=- dos=RFNOP
wait timeout
get tm=V cm=V dos=RFNOP
`) // the answers are entries 1, 3, 5 and 8
	for _, c := range []struct {
		from, upto int
		client     string
		want       string
	}{
		{0, 0, "", "tm=- cm=- dos=RFNOP, tm=U cm=- dos=RFNOP, tm=V cm=- dos=RFNOP, tm=V cm=V dos=RFNOP"},
		{0, 0, "privileged", "tm=- cm=- dos=RFNOP, tm=V cm=- dos=RFNOP, tm=V cm=V dos=RFNOP"},
		{0, 0, "second", "tm=U cm=- dos=RFNOP"},
		{0, 0, "nobody", "nothing"},
		{2, 0, "privileged", "tm=V cm=- dos=RFNOP, tm=V cm=V dos=RFNOP"},
		{5, 0, "privileged", "tm=V cm=- dos=RFNOP, tm=V cm=V dos=RFNOP"},
		{6, 0, "privileged", "tm=V cm=V dos=RFNOP"},
		{0, 8, "privileged", "tm=- cm=- dos=RFNOP, tm=V cm=- dos=RFNOP"},
		{0, 9, "privileged", "tm=- cm=- dos=RFNOP, tm=V cm=- dos=RFNOP, tm=V cm=V dos=RFNOP"},
		{0, 99, "privileged", "tm=- cm=- dos=RFNOP, tm=V cm=- dos=RFNOP, tm=V cm=V dos=RFNOP"},
		{0, 5, "privileged", "tm=- cm=- dos=RFNOP"},
		{-1, 2, "", "tm=- cm=- dos=RFNOP"},
	} {
		e := Expectation{Form: NeverDuring, Client: c.client, From: c.from, Upto: c.upto, Rows: rows(t, "V+U V+U RESET")}
		if f := e.Check(tl); f.Got != c.want {
			t.Errorf("%d to %d, %q: %s, want %s", c.from, c.upto, c.client, f.Got, c.want)
		}
	}
	for _, c := range []struct {
		from, upto int
		want       bool
	}{{0, 0, true}, {6, 0, true}, {7, 0, false}, {0, 6, false}, {0, 7, true}, {-3, 7, true}} {
		if got := (Expectation{From: c.from, Upto: c.upto}).window(read(tl)).timedOut; got != c.want {
			t.Errorf("%d to %d: timed out %v, want %v", c.from, c.upto, got, c.want)
		}
	}
}

// TestWhatAnExpectationSays: the whole finding, for each way to end.
func TestWhatAnExpectationSays(t *testing.T) {
	stuck := "get tm=- cm=- dos=RFNOP\nobserve tm=- cm=- dos=RFNOP\npost tm=V 2.04\nnotify 11 tm=V cm=- dos=RFNOP\nwait timeout\nget tm=V cm=- dos=RFNOP\n"
	unwaited := strings.Replace(stuck, "wait timeout\n", "", 1)
	overheld := "update-available\nhold\n" + strings.Replace(stuck, "wait timeout\n", "sleep 3s\nrelease\nwait timeout\n", 1)
	nothing := "get tm=- cm=- dos=RFNOP\nobserve tm=- cm=- dos=RFNOP\npost tm=V 2.04\n"
	for _, c := range []struct {
		name   string
		form   Form
		rows   string
		script string
		want   string
	}{
		{"exactly", Exactly, "V -, V V, - V", reference, "pass 10 0.011: every state was seen, in this order and no other"},
		{"not that", Exactly, "V -, - V", reference, "fail 9 0.010: privileged saw tm=V cm=V dos=RFNOP, which the path does not have at that point (seen: tm=V cm=- dos=RFNOP, tm=V cm=V dos=RFNOP, tm=- cm=V dos=RFNOP)"},
		{"not reached", Exactly, "V -, V V", stuck, "fail 9 0.010: tm=V cm=V dos=RFNOP was not reached in time; the last state seen was tm=V cm=- dos=RFNOP"},
		{"not reached, nobody waited", Exactly, "V -, V V", unwaited, "inconclusive 8 0.009: tm=V cm=V dos=RFNOP was not reached while it was looked for"},
		{"not reached, held for too long", Exactly, "V -, V V", overheld, "inconclusive 15 3.016: tm=V cm=V dos=RFNOP was not reached while it was looked for"},
		{"not that, held for too long", Exactly, "V V", overheld, "inconclusive 10 0.011: the source's answer was withheld for so long that the Device may have given up"},
		{"nothing seen", Exactly, "V -, V V", nothing, "inconclusive 3 0.004: tm=V cm=V dos=RFNOP was not reached while it was looked for"},
		{"in order", InOrder, "V -, - V", reference, "pass 10 0.011: every state was seen in this order"},
		{"out of order", InOrder, "V V, V -, - V", reference, " -1 0.000: not seen in this order: tm=V cm=- dos=RFNOP, tm=- cm=V dos=RFNOP"},
		{"never", InOrder, "V -, V V, - V", stuck, "fail 9 0.010: tm=- cm=V dos=RFNOP was not reached in time; the last state seen was tm=V cm=- dos=RFNOP"},
		{"ends", EndsWith, "V V, - V", reference, "pass 12 0.013: the last states are these"},
		{"ends otherwise", EndsWith, "V -, - V", reference, " 12 0.013: not seen: tm=V cm=- dos=RFNOP"},
		{"ends, but began otherwise", EndsWith, "V+U -, V -, V V, - V", reference, " 12 0.013: not seen: tm=V+U cm=- dos=RFNOP"},
		{"does not end", EndsWith, "- V", stuck, "fail 9 0.010: tm=- cm=V dos=RFNOP was not reached in time; the last state seen was tm=V cm=- dos=RFNOP"},
		{"no end seen", EndsWith, "- V", nothing, "inconclusive -1 0.000: no state was seen"},
		{"never so", NeverDuring, "V V", reference, "fail 9 0.010: privileged saw tm=V cm=V dos=RFNOP, which must never be seen here"},
		{"not so", NeverDuring, "U *", reference, "pass 12 0.013: no sample shows it"},
		{"nothing to be never so", NeverDuring, "U *", nothing, "inconclusive -1 0.000: no state was seen"},
		{"so before, and told late", NeverDuring, "- -", "get tm=- cm=- dos=RFNOP\nobserve tm=- cm=- dos=RFNOP\npost tm=V 2.04\nnotify 11 tm=- cm=- dos=RFNOP\nnotify 12 tm=V cm=- dos=RFNOP\n", "pass 7 0.008: no sample shows it"},
		{"so again", NeverDuring, "- -", "get tm=- cm=- dos=RFNOP\nobserve tm=- cm=- dos=RFNOP\npost tm=V 2.04\nnotify 11 tm=V cm=- dos=RFNOP\nnotify 12 tm=- cm=- dos=RFNOP\n", "fail 7 0.008: privileged saw tm=- cm=- dos=RFNOP, which must never be seen here"},
		{"so in a GET", NeverDuring, "- -", nothing + "get tm=- cm=- dos=RFNOP\n", "fail 7 0.008: privileged saw tm=- cm=- dos=RFNOP, which must never be seen here"},
	} {
		tl := play(t, c.script)
		from := begun
		if strings.HasPrefix(c.script, "update-available") {
			from = begun + 4
		}
		e := Expectation{Text: c.name, Form: c.form, Client: "privileged", From: from, Rows: rows(t, c.rows)}
		f := e.Check(tl)
		if got := fmt.Sprintf("%s %d %.3f: %s", f.Verdict, f.Witness, f.AtS, f.Reason); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.name, got, c.want)
		}
		if want := string(c.form) + ": " + path(e.Rows); f.Want != want {
			t.Errorf("%s: want is %q", c.name, f.Want)
		}
	}
}

func TestWrongExpectations(t *testing.T) {
	for _, c := range []struct {
		e    Expectation
		want string
	}{
		{Expectation{Form: "somehow", Rows: []Row{{}}}, `unknown form "somehow"`},
		{Expectation{Rows: []Row{{}}}, `unknown form ""`},
		{Expectation{Form: Exactly}, "exactly: no states given"},
		{Expectation{Form: InOrder, Rows: []Row{{}, {TM: "W"}}}, "state 2: tm: "},
		{Expectation{Form: EndsWith, Rows: []Row{{CM: "W"}, {}}}, "state 1: cm: "},
		{Expectation{Form: NeverDuring, Rows: []Row{{DOS: "NOP"}}}, "state 1: "},
	} {
		err := c.e.Validate()
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %s", c.e, err, c.want)
		}
		f := c.e.Check(Timeline{})
		if f.Verdict != Error || f.Witness != -1 || err != nil && f.Reason != err.Error() {
			t.Errorf("%+v is %s at %d: %s", c.e, f.Verdict, f.Witness, f.Reason)
		}
		if !c.e.Complete(Timeline{}) {
			t.Errorf("%+v is waited for", c.e)
		}
	}
	for _, form := range []Form{Exactly, InOrder, EndsWith, NeverDuring} {
		if err := (Expectation{Form: form, Rows: []Row{{}, {TM: "V", CM: "U?", DOS: "*"}}}).Validate(); err != nil {
			t.Errorf("%s: %v", form, err)
		}
	}
}

func TestARowInWords(t *testing.T) {
	for want, r := range map[string]Row{
		"tm=* cm=* dos=*":          {},
		"tm=V cm=- dos=RFNOP":      {"V", "-", "RFNOP"},
		"tm=* cm=V+U? dos=RFPRO":   {"", "V+U?", "RFPRO"},
		"tm=- cm=* dos=*":          {TM: "-", DOS: "*"},
		"tm=0x4000 cm=- dos=RFNOP": {"0x4000", "-", "RFNOP"},
	} {
		if got := r.String(); got != want {
			t.Errorf("%+v: %s, want %s", r, got, want)
		}
	}
}

func TestRowsHoldDOSToo(t *testing.T) {
	all := ocf.PropDOS | ocf.PropTM | ocf.PropCM
	for _, c := range []struct {
		row  Row
		p    ocf.Pstat
		want bool
	}{
		{Row{}, ocf.Pstat{DOS: ocf.RESET, Present: all}, true},
		{Row{DOS: "RESET"}, ocf.Pstat{DOS: ocf.RESET, Present: all}, true},
		{Row{DOS: "RFNOP"}, ocf.Pstat{DOS: ocf.RESET, Present: all}, false},
		{Row{DOS: "RESET"}, ocf.Pstat{DOS: ocf.RESET, Present: all &^ ocf.PropDOS}, false},
		{Row{DOS: "odd"}, ocf.Pstat{DOS: ocf.RESET, Present: all}, false},
		{Row{DOS: "*", CM: "odd"}, ocf.Pstat{Present: all}, false},
		{Row{TM: "odd"}, ocf.Pstat{Present: all}, false},
		{Row{CM: "V"}, ocf.Pstat{CM: ocf.SVV, Present: all}, true},
		{Row{CM: "V"}, ocf.Pstat{TM: ocf.SVV, Present: all}, false},
		{Row{CM: "V?+V"}, ocf.Pstat{CM: ocf.SVV, Present: all}, true},
		{Row{CM: "V?+V"}, ocf.Pstat{Present: all}, true},
		{Row{CM: " V "}, ocf.Pstat{CM: ocf.SVV, Present: all}, true},
	} {
		if got := c.row.Matches(c.p); got != c.want {
			t.Errorf("%+v on %v: %v", c.row, c.p, got)
		}
	}
}
