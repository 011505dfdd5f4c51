package judge_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/conformance/judge"
	"github.com/ocfsim/ocfsim/fixtures/seeds"
)

// FuzzJudge makes a Timeline of random events out of the bytes, events that a
// Device and a harness might really have produced in an order that nobody
// thought of, and holds the judges to what is true of every Timeline: they end,
// they say the same twice, also of what was written and read back and of what
// happened an hour later, and a Device that is switched off passes nothing.
func FuzzJudge(f *testing.F) {
	for _, seed := range [][]byte{
		nil,
		[]byte("a check that finds an update and says so"),
		{0, 1, 20, 0, 40, 4, 60, 8, 80, 16, 100, 32, 120, 64, 140, 128, 160, 255},
	} {
		f.Add(seed)
	}
	for i := range byte(24) { // each event once with a few arguments
		f.Add([]byte{7, i, 0, i, 9, 3, 1, i, 33, i, 77, i, 190, 11, 5})
	}
	found, err := seeds.Read("testdata/seeds/FuzzJudge")
	if err != nil {
		f.Fatal(err)
	}
	for _, input := range found {
		f.Add([]byte(input))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		tl := randomTimeline(t, data)
		want := judge.All(tl)
		if diff := cmp.Diff(want, judge.All(tl)); diff != "" {
			t.Fatalf("judged twice (-first +second):\n%s", diff)
		}
		if diff := cmp.Diff(want, judge.All(readBack(t, tl))); diff != "" {
			t.Fatalf("written and read back (-before +after):\n%s", diff)
		}
		later := judge.All(shifted(tl, time.Hour))
		for id, f := range want {
			if later[id].Verdict != f.Verdict || later[id].Witness != f.Witness {
				t.Errorf("%s: %s, and an hour later %s", id, f.Verdict, later[id].Verdict)
			}
		}
		noPassOfTheDead(t, tl)
		soundReport(t, tl)
	})
}

// randomTimeline plays what the bytes spell: the target first, then an event
// for each two or three bytes.
func randomTimeline(t testing.TB, data []byte) conformance.Timeline {
	var lines []string
	next := func() byte {
		if len(data) == 0 {
			return 0
		}
		b := data[0]
		data = data[1:]
		return b
	}
	words := []string{"target"}
	for i, w := range []string{"autonomous", "reboots", "strict", "secured", "any-dos", "dos=RFPRO,RFNOP", "clears=literal", "unversioned"} {
		if len(data) > 0 && data[0]&(1<<i) != 0 {
			words = append(words, w)
		}
	}
	next()
	// What has no request of its own belongs to this one.
	lines = append(lines, strings.Join(words, " "), "get "+[]string{"tm=- cm=- dos=RFNOP", "lost"}[next()&1])
	number := 10
	for len(data) > 0 && len(lines) < 60 {
		lines = append(lines, randomEvent(next, &number))
	}
	tl := play(t, strings.Join(lines, "\n"))
	tl.Expectations = []conformance.Expectation{
		{Text: "a", Form: conformance.Exactly, Rows: []conformance.Row{{TM: "V", CM: "-"}, {TM: "-", CM: "V"}}, From: int(next() % 8)},
		{Text: "b", Form: conformance.InOrder, Rows: []conformance.Row{{TM: "U"}, {TM: "-", CM: "U?"}}, Client: "second", Upto: int(next())},
		{Text: "c", Form: conformance.EndsWith, Rows: []conformance.Row{{TM: "-", DOS: "RFNOP"}}},
		{Text: "d", Form: conformance.NeverDuring, Rows: []conformance.Row{{TM: "*", CM: "V"}}, From: 2},
	}
	return tl
}

// randomEvent is a line of a script; number is the Observe number of the next
// notification.
func randomEvent(next func() byte, number *int) string {
	what, how := next(), next()
	who := []string{"", "", "second: ", "unprivileged: "}[what>>6]
	switch what % 24 {
	case 0, 1, 2, 3:
		*number += []int{1, 1, 1, 1, 2, 0, -1, 1 << 23}[how&7]
		*number &= conformance.ObserveMask
		return fmt.Sprintf("%snotify %d %s", who, *number, randomState(next()))
	case 4, 5:
		return who + "get " + randomState(how)
	case 6, 7, 8:
		return who + "post " + []string{
			"tm=V", "tm=U", "tm=-", "tm=V+U", "tm=V dos=RFPRO", "dos=RESET", "cm=-", "hex:a162746d3903e7", "hex:ff", "tm=0x100", "tm=V cm=V", "isop=true", "p=false", "dos=RFPRO", "dos=SRESET", "dos=RFNOP",
		}[how&15] + []string{" 2.04", " 2.04", " 4.00", " 4.03", " lost", " gone", " 5.00", " 2.05"}[how>>5]
	case 9:
		return who + "observe " + randomState(how)
	case 10:
		return who + "get " + []string{"lost", "4.04", "4.01", "plain", "hex:a0", "gone", "5.03", "hex:"}[how&7]
	case 11:
		return []string{"hold", "release", "asked hold", "asked release"}[how&3]
	case 12:
		return fmt.Sprintf("source checks=%d fetches=%d served=%d holding=%d", how&3, how>>2&3, how>>4&3, how>>6)
	case 13:
		return []string{"update-available", "no-update", "update-fails", "reboot", "factory-reset", "autonomous-validation", "autonomous-update", "asked reboot"}[how&7]
	case 14:
		return fmt.Sprintf("sleep %dms", []int{1, 90, 150, 1900, 2100, 5100, 30000, 129000}[how&7])
	case 15:
		return "wait " + []string{conformance.Seen, conformance.Timeout}[how&1]
	case 16:
		return fmt.Sprintf("version 1.0.%d", how&1)
	case 17:
		return who + []string{conformance.Refused, conformance.Opened, conformance.Closed, "rules 2", "rules 3", "cancel", "retransmit", "unconfirmed"}[how&7]
	case 18:
		return fmt.Sprintf("device %08x-0000-0000-0000-000000000001", how&1)
	case 19:
		return who + "send " + []string{"tm=V", "tm=U", "tm=-", "tm=V+U"}[how&3]
	case 20:
		return who + "answer " + []string{"2.04", "4.00", "lost", "4.01"}[how&3]
	case 21:
		return fmt.Sprintf("begin %s", randomState(how))
	case 22:
		*number = (*number + 1) & conformance.ObserveMask
		return fmt.Sprintf("both %d %s", *number, randomState(how))
	}
	return "end " + randomState(how)
}

// randomState is a representation of pstat.
func randomState(b byte) string {
	modes := []string{"-", "V", "U", "U+V"}
	text := fmt.Sprintf("tm=%s cm=%s dos=%s", modes[b&3], modes[b>>2&3],
		[]string{"RFNOP", "RFNOP", "RFNOP", "RFNOP", "RFPRO", "RFOTM", "SRESET", "RESET"}[b>>4&7])
	if b&0x80 != 0 {
		text += []string{" p=true", " lacks=cm", " isop=false", " owner=00000000-0000-0000-0000-000000000009"}[b&3]
	}
	return text
}

// readBack is tl after it was written and read.
func readBack(t testing.TB, tl conformance.Timeline) conformance.Timeline {
	t.Helper()
	var file bytes.Buffer
	if err := tl.Write(&file); err != nil {
		t.Fatal(err)
	}
	again, err := conformance.ReadTimeline("again", &file)
	if err != nil {
		t.Fatal(err)
	}
	return again
}

// shifted is tl, everything in it happening later by d.
func shifted(tl conformance.Timeline, d time.Duration) conformance.Timeline {
	obs := append([]conformance.Observation(nil), tl.Observations...)
	for i := range obs {
		obs[i].At += d
	}
	tl.Observations = obs
	return tl
}

// switchedOff is tl as it would have been with a Device that answers nothing:
// no answer, no notification, no question to the trusted source.
func switchedOff(tl conformance.Timeline) conformance.Timeline {
	dead := tl
	dead.Observations = nil
	for _, o := range tl.Observations {
		switch o.Kind {
		case conformance.Notification, conformance.Source:
			o = conformance.Observation{Kind: conformance.Note, N: o.N, At: o.At}
		case conformance.Response:
			o = conformance.Observation{Kind: conformance.Lost, N: o.N, At: o.At, Client: o.Client, For: o.For}
		case conformance.Session: // to refuse one is an answer too
			o = conformance.Observation{Kind: conformance.Note, N: o.N, At: o.At}
		}
		dead.Observations = append(dead.Observations, o)
	}
	return dead
}

// noPassOfTheDead wants nothing to pass of tl with the Device switched off, no
// requirement, no expectation, no report.
func noPassOfTheDead(t testing.TB, tl conformance.Timeline) {
	t.Helper()
	dead := switchedOff(tl)
	for id, f := range judge.All(dead) {
		if f.Verdict == conformance.Pass || f.Verdict == conformance.Warn {
			t.Errorf("%s: %s from a Device that never answered: %s", id, f.Verdict, f.Reason)
		}
	}
	for _, e := range dead.Expectations {
		if f := judge.Check(e, dead); f.Verdict == conformance.Pass {
			t.Errorf("%s: pass from a Device that never answered: %s", e.Form, f.Reason)
		}
	}
	if code := assessed(dead).ExitCode(); code == 0 {
		t.Error("exit code 0 from a Device that never answered")
	}
}

// soundReport wants of the report on tl that its verdict is no better than what
// it is made of, and no pass without anything that passed.
func soundReport(t testing.TB, tl conformance.Timeline) {
	t.Helper()
	report := assessed(tl)
	worst := conformance.None
	for _, q := range report.Requirements {
		worst = conformance.Worst(worst, q.Verdict)
	}
	for _, s := range report.Scenarios {
		worst = conformance.Worst(worst, s.Verdict)
	}
	if conformance.Worst(report.Verdict, worst) != report.Verdict {
		t.Errorf("verdict %s of a report with %s in it", report.Verdict, worst)
	}
	if report.ExitCode() == 0 && report.Counts[conformance.Pass]+report.Counts[conformance.Warn] == 0 {
		t.Error("exit code 0, though nothing passed")
	}
}

// assessed is the report of a run of one scenario, which speaks of all there is.
func assessed(tl conformance.Timeline) assess.Report {
	var ids []string
	for _, q := range judge.Requirements() {
		ids = append(ids, q.ID)
	}
	return assess.Of(tl.Header.Target, "ocf-1.0", []conformance.ScenarioRun{{ID: "one", Requirements: ids, Timeline: tl}})
}
