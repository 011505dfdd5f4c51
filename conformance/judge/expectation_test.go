package judge

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
)

func rows(t *testing.T, text string) []conformance.Row {
	t.Helper()
	var all []conformance.Row
	for line := range strings.SplitSeq(text, ",") {
		cells := strings.Fields(line)
		if len(cells) == 2 {
			cells = append(cells, "RFNOP")
		}
		if len(cells) != 3 {
			t.Fatalf("row %q", line)
		}
		all = append(all, conformance.Row{TM: cells[0], CM: cells[1], DOS: cells[2]})
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
	before := strings.ReplaceAll(reference, "get tm=- cm=- dos=RFNOP\nobserve tm=- cm=- dos", "get tm=- cm=V dos=RFNOP\nobserve tm=- cm=V dos")
	first := strings.NewReplacer("notify 13", "notify 14", "notify 12", "notify 13", "notify 11 tm=V cm=- dos=RFNOP", "notify 11 tm=- cm=- dos=RFNOP\nnotify 12 tm=V cm=- dos=RFNOP").Replace(before)
	for _, c := range []struct {
		name   string
		form   conformance.Form
		rows   string
		script string
		want   conformance.Verdict
	}{
		{"the whole path", conformance.Exactly, "V -, V V, - V", reference, conformance.Pass},
		{"cm cleared before tm shows the check", conformance.Exactly, "V -, V V, - V", first, conformance.Pass},
		{"cm.U cleared by a check", conformance.Exactly, "V -, V V, - V", strings.ReplaceAll(first, "tm=- cm=V dos=RFNOP\nobserve tm=- cm=V", "tm=- cm=V+U dos=RFNOP\nobserve tm=- cm=V+U"), conformance.Fail},
		{"a bit of the high byte", conformance.Exactly, "V -, V V, - V", strings.ReplaceAll(reference, "cm=V", "cm=0x140"), conformance.Pass},
		{"with the state before", conformance.Exactly, "- -, V -, V V, - V", reference, conformance.None},
		{"either bit", conformance.Exactly, "V ?, V V, - V", reference, conformance.Error},
		{"an optional bit", conformance.Exactly, "V U?, V V+U?, - V+U?", reference, conformance.Pass},
		{"any dos", conformance.Exactly, "V - *, V V *, - V *", reference, conformance.Pass},
		{"a state too many", conformance.Exactly, "V -, - V", reference, conformance.Fail},
		{"another order", conformance.Exactly, "V V, V -, - V", reference, conformance.Fail},
		{"a state not seen", conformance.Exactly, "V -, V V, - V", coalesced, conformance.None},
		{"never reached", conformance.Exactly, "V -, V V, - V", stuck, conformance.Fail},
		{"not begun", conformance.Exactly, "V -, V V, - V", still, conformance.None},
		{"in order", conformance.InOrder, "V -, - V", reference, conformance.Pass},
		{"in order, with one between", conformance.InOrder, "V -, V V", reference, conformance.Pass},
		{"in order, turned round", conformance.InOrder, "- V, V -", reference, conformance.None},
		{"in order, never", conformance.InOrder, "V -, - V", stuck, conformance.Fail},
		{"ends with", conformance.EndsWith, "V V, - V", reference, conformance.Pass},
		{"ends with one", conformance.EndsWith, "- V", reference, conformance.Pass},
		{"ends with what was not seen", conformance.EndsWith, "V V, - V", coalesced, conformance.None},
		{"ends where it began", conformance.EndsWith, "- V", still, conformance.Pass},
		{"ends elsewhere", conformance.EndsWith, "- V", stuck, conformance.Fail},
		{"never during", conformance.NeverDuring, "- -", reference, conformance.Pass},
		{"never during, and yet", conformance.NeverDuring, "V V", reference, conformance.Fail},
		{"never during anything", conformance.NeverDuring, "* *", reference, conformance.Fail},
	} {
		tl := play(t, c.script)
		e := conformance.Expectation{Text: c.name, Form: c.form, Client: "privileged", From: begun, Rows: rows(t, c.rows)}
		f := Check(e, tl)
		if f.Verdict != c.want {
			t.Errorf("%s: %q (%s; got %s), want %q", c.name, f.Verdict, f.Reason, f.Got, c.want)
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
	e := conformance.Expectation{Form: conformance.Exactly, Client: "privileged", From: begun, Rows: rows(t, "V -, V V, - V")}
	if f := Check(e, tl); f.Verdict != conformance.Pass {
		t.Errorf("%q: %s", f.Verdict, f.Reason)
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
		e := conformance.Expectation{Form: conformance.NeverDuring, Client: c.client, From: c.from, Upto: c.upto, Rows: rows(t, "V+U V+U RESET")}
		if f := Check(e, tl); f.Got != c.want {
			t.Errorf("%d to %d, %q: %s, want %s", c.from, c.upto, c.client, f.Got, c.want)
		}
	}
	for _, c := range []struct {
		from, upto int
		want       bool
	}{{0, 0, true}, {6, 0, true}, {7, 0, false}, {0, 6, false}, {0, 7, true}, {-3, 7, true}} {
		if got := windowOf(conformance.Expectation{From: c.from, Upto: c.upto}, read(tl)).timedOut; got != c.want {
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
		form   conformance.Form
		rows   string
		script string
		want   string
	}{
		{"exactly", conformance.Exactly, "V -, V V, - V", reference, "pass 10 0.011: every state was seen, in this order and no other"},
		{"not that", conformance.Exactly, "V -, - V", reference, "fail 9 0.010: privileged saw tm=V cm=V dos=RFNOP, which the path does not have at that point (seen: tm=V cm=- dos=RFNOP, tm=V cm=V dos=RFNOP, tm=- cm=V dos=RFNOP)"},
		{"not reached", conformance.Exactly, "V -, V V", stuck, "fail 9 0.010: tm=V cm=V dos=RFNOP was not reached in time; the last state seen was tm=V cm=- dos=RFNOP"},
		{"not reached, nobody waited", conformance.Exactly, "V -, V V", unwaited, "inconclusive 8 0.009: tm=V cm=V dos=RFNOP was not reached while it was looked for"},
		{"not reached, held for too long", conformance.Exactly, "V -, V V", overheld, "inconclusive 15 3.016: tm=V cm=V dos=RFNOP was not reached while it was looked for"},
		{"not that, held for too long", conformance.Exactly, "V V", overheld, "inconclusive 10 0.011: the source's answer was withheld for so long that the Device may have given up"},
		{"nothing seen", conformance.Exactly, "V -, V V", nothing, "inconclusive 3 0.004: tm=V cm=V dos=RFNOP was not reached while it was looked for"},
		{"in order", conformance.InOrder, "V -, - V", reference, "pass 10 0.011: every state was seen in this order"},
		{"out of order", conformance.InOrder, "V V, V -, - V", reference, " -1 0.000: not seen in this order: tm=V cm=- dos=RFNOP, tm=- cm=V dos=RFNOP"},
		{"never", conformance.InOrder, "V -, V V, - V", stuck, "fail 9 0.010: tm=- cm=V dos=RFNOP was not reached in time; the last state seen was tm=V cm=- dos=RFNOP"},
		{"ends", conformance.EndsWith, "V V, - V", reference, "pass 12 0.013: the last states are these"},
		{"ends otherwise", conformance.EndsWith, "V -, - V", reference, " 12 0.013: not seen: tm=V cm=- dos=RFNOP"},
		{"ends, but began otherwise", conformance.EndsWith, "V+U -, V -, V V, - V", reference, " 12 0.013: not seen: tm=V+U cm=- dos=RFNOP"},
		{"does not end", conformance.EndsWith, "- V", stuck, "fail 9 0.010: tm=- cm=V dos=RFNOP was not reached in time; the last state seen was tm=V cm=- dos=RFNOP"},
		{"no end seen", conformance.EndsWith, "- V", nothing, "inconclusive -1 0.000: no state was seen"},
		{"never so", conformance.NeverDuring, "V V", reference, "fail 9 0.010: privileged saw tm=V cm=V dos=RFNOP, which must never be seen here"},
		{"not so", conformance.NeverDuring, "U *", reference, "pass 12 0.013: no sample shows it"},
		{"nothing to be never so", conformance.NeverDuring, "U *", nothing, "inconclusive -1 0.000: no state was seen"},
		{"so before, and told late", conformance.NeverDuring, "- -", "get tm=- cm=- dos=RFNOP\nobserve tm=- cm=- dos=RFNOP\npost tm=V 2.04\nnotify 11 tm=- cm=- dos=RFNOP\nnotify 12 tm=V cm=- dos=RFNOP\n", "pass 7 0.008: no sample shows it"},
		{"so again", conformance.NeverDuring, "- -", "get tm=- cm=- dos=RFNOP\nobserve tm=- cm=- dos=RFNOP\npost tm=V 2.04\nnotify 11 tm=V cm=- dos=RFNOP\nnotify 12 tm=- cm=- dos=RFNOP\n", "fail 7 0.008: privileged saw tm=- cm=- dos=RFNOP, which must never be seen here"},
		{"so in a GET", conformance.NeverDuring, "- -", nothing + "get tm=- cm=- dos=RFNOP\n", "fail 7 0.008: privileged saw tm=- cm=- dos=RFNOP, which must never be seen here"},
	} {
		tl := play(t, c.script)
		from := begun
		if strings.HasPrefix(c.script, "update-available") {
			from = begun + 4
		}
		e := conformance.Expectation{Text: c.name, Form: c.form, Client: "privileged", From: from, Rows: rows(t, c.rows)}
		f := Check(e, tl)
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
		e    conformance.Expectation
		want string
	}{
		{conformance.Expectation{Form: "somehow", Rows: []conformance.Row{{}}}, `unknown form "somehow"`},
		{conformance.Expectation{Rows: []conformance.Row{{}}}, `unknown form ""`},
		{conformance.Expectation{Form: conformance.Exactly}, "exactly: no states given"},
		{conformance.Expectation{Form: conformance.InOrder, Rows: []conformance.Row{{}, {TM: "W"}}}, "state 2: tm: "},
		{conformance.Expectation{Form: conformance.EndsWith, Rows: []conformance.Row{{CM: "W"}, {}}}, "state 1: cm: "},
		{conformance.Expectation{Form: conformance.NeverDuring, Rows: []conformance.Row{{DOS: "NOP"}}}, "state 1: "},
	} {
		err := c.e.Validate()
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %s", c.e, err, c.want)
		}
		f := Check(c.e, conformance.Timeline{})
		if f.Verdict != conformance.Error || f.Witness != -1 || err != nil && f.Reason != err.Error() {
			t.Errorf("%+v is %s at %d: %s", c.e, f.Verdict, f.Witness, f.Reason)
		}
	}
	for _, form := range []conformance.Form{conformance.Exactly, conformance.InOrder, conformance.EndsWith, conformance.NeverDuring} {
		if err := (conformance.Expectation{Form: form, Rows: []conformance.Row{{}, {TM: "V", CM: "U?", DOS: "*"}}}).Validate(); err != nil {
			t.Errorf("%s: %v", form, err)
		}
	}
}

// TestUnrequestedProcess wants a path to be left open where a process that nobody
// requested was pending when the scenario began to look: it ends meanwhile.
func TestUnrequestedProcess(t *testing.T) {
	const script = `
target autonomous
get tm=- cm=- dos=RFNOP
observe tm=- cm=- dos=RFNOP
post dos=SRESET 2.04
get tm=V cm=V dos=SRESET
post hex:a1626f6d04 2.04
notify 12 tm=V cm=V dos=SRESET
notify 13 tm=- cm=V dos=SRESET
`
	for _, c := range []struct {
		name, script string
		want         conformance.Verdict
	}{
		{"that the Device has begun by itself", script, conformance.Inconclusive},
		{"of a Device that declares none", strings.Replace(script, "target autonomous\n", "", 1), conformance.Fail},
		{"that a Client has requested", strings.Replace(script, "post dos=SRESET", "post tm=V dos=SRESET", 1), conformance.Fail},
	} {
		tl := play(t, c.script)
		tl.Expectations = []conformance.Expectation{{Text: "pstat is unchanged", Form: conformance.Exactly, From: 8, Rows: rows(t, "V V SRESET")}}
		checks := Scenario(tl, Known{}).Expectations
		if f := checks[0]; f.Verdict != c.want {
			t.Errorf("a process %s: %s, want %s: %s", c.name, f.Verdict, c.want, f.Reason)
		}
	}
}

// TestBelatedNotifications wants a path not to be broken by notifications that tell of
// the check before, as long as they may still be on their way, and to be broken by the
// same ones where they come later.
func TestBelatedNotifications(t *testing.T) {
	const before = `
get tm=- cm=- dos=RFNOP
observe tm=- cm=- dos=RFNOP
post tm=V 2.04
get tm=V cm=- dos=RFNOP
get tm=- cm=V dos=RFNOP
`
	const told = "notify 11 tm=V cm=- dos=RFNOP\nnotify 12 tm=V cm=V dos=RFNOP\nnotify 13 tm=- cm=V dos=RFNOP\n"
	const write = "post tm=- 2.04\nget tm=- cm=V dos=RFNOP\n"
	for _, c := range []struct {
		name, script string
		want         conformance.Verdict
	}{
		{"late", before + write + told, conformance.Pass},
		{"after the settle time", before + write + "sleep 3s\n" + told, conformance.Fail},
		{"of an update that nobody asked for", before + told + write + "notify 14 tm=U cm=V dos=RFNOP\n", conformance.Fail},
	} {
		tl := play(t, c.script)
		from := strings.Index(c.script, write)
		from = len(play(t, c.script[:from]).Observations)
		tl.Expectations = []conformance.Expectation{{Text: "pstat is unchanged", Form: conformance.Exactly, From: from, Rows: rows(t, "- V")}}
		checks := Scenario(tl, Known{}).Expectations
		if f := checks[0]; f.Verdict != c.want {
			t.Errorf("%s: %s, want %s: %s", c.name, f.Verdict, c.want, f.Reason)
		}
	}
}
