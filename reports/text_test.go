package reports

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
)

var rewrite = flag.Bool("rewrite", false, "write the golden files anew")

// golden compares got with testdata/name. The file has ␛ for the escape character,
// so that people can read it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	got = strings.ReplaceAll(strings.ReplaceAll(got, "\x1b", "␛"), "\r", "␍")
	file := filepath.Join("testdata", name)
	if *rewrite {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (regenerate with -rewrite):\n%s", file, diff)
	}
}

func summaryOf(t *testing.T, rep assess.Report, style Style) string {
	t.Helper()
	var b bytes.Buffer
	if err := Summary(&b, rep, style); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestSummary(t *testing.T) {
	golden(t, "summary.txt", summaryOf(t, acme().report, Style{Rerun: rerun}))
	golden(t, "summary-evidence.txt", summaryOf(t, acme().report, Style{Rerun: rerun, Timelines: acme().timeline}))
	golden(t, "summary-color-60.txt", summaryOf(t, acme().report, Style{Rerun: rerun, Color: true, Width: 60, Limit: 3}))
	golden(t, "summary-incomplete.txt", summaryOf(t, Incomplete(newSample().report), Style{Limit: 1}))
	good := newSample()
	good.checkFinds()
	for i := range good.report.Requirements {
		good.report.Requirements[i].Verdict = conformance.Pass
	}
	golden(t, "summary-pass.txt", summaryOf(t, good.conclude().report, Style{}))
}

func TestSummaryKeepsItsWidth(t *testing.T) {
	for _, width := range []int{40, 60, 80, 132} {
		for line := range strings.Lines(summaryOf(t, acme().report, Style{Width: width, Timelines: acme().timeline})) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > width {
				t.Errorf("%d columns in a terminal of %d: %q", n, width, line)
			}
		}
	}
}

func TestSummaryOfAHostileDevice(t *testing.T) {
	rep, timelines := hostile()
	out := summaryOf(t, rep, Style{Rerun: func(s string) string { return s }, Timelines: timelines})
	if strings.ContainsAny(out, "\x1b\x00\u202e\r") || !utf8.ValidString(out) {
		t.Errorf("what the Device sent reaches the terminal: %q", out)
	}
}

func TestExit(t *testing.T) {
	for v, want := range map[conformance.Verdict]int{
		conformance.Pass: 0, conformance.Warn: 0, conformance.Waived: 0, conformance.Fail: 1, conformance.Inconclusive: 3,
		conformance.NotApplicable: 3, conformance.None: 3, conformance.Error: 4, "odd": 4,
	} {
		if got, means := Exit(v); got != want || means == "" {
			t.Errorf("%q: %d %q, expected %d", v, got, means, want)
		}
	}
}

// course is how the runs against two targets progress.
func course() []ProgressEvent {
	return []ProgressEvent{
		{Target: "Acme lamp", Scenario: "svv.check-finds", Total: 2},
		{Target: "Acme lamp", Scenario: "svv.check-finds", Total: 2, Waiting: "tm without V", Bound: 30 * time.Second},
		{Target: "Bolt lock", Scenario: "svv.check-finds", Total: 2},
		{Target: "Acme lamp", Scenario: "svv.check-finds", Done: 1, Total: 2, Ended: true, Verdict: conformance.Pass, Took: 657 * time.Millisecond},
		{
			Target: "Bolt lock", Scenario: "svv.check-finds", Done: 1, Total: 2, Ended: true, Verdict: conformance.Fail,
			Reason: "SVV-6: cm.V was 0\x1b[31m", Took: 1200 * time.Millisecond,
		},
		{Target: "Acme lamp", Scenario: "svv.check-ends-unreachable-source-with-a-long-name", Done: 1, Total: 2, Waiting: "tm without V"},
		{
			Target: "Acme lamp", Scenario: "svv.check-ends", Done: 2, Total: 2, Ended: true, Verdict: conformance.Inconclusive,
			Reason: "not testable: hold", Took: 2 * time.Millisecond,
		},
	}
}

// shown is what a Progress writes of the course, an event a second, and what Close adds.
func shown(t *testing.T, style ProgressStyle) (going, closing string) {
	t.Helper()
	var b bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		p := NewProgress(&b, style)
		for _, e := range course() {
			p.Show(e)
			time.Sleep(time.Second)
		}
		going = b.String()
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
	})
	return going, strings.TrimPrefix(b.String(), going)
}

func TestProgress(t *testing.T) {
	for name, style := range map[string]ProgressStyle{
		"progress.txt": {}, "progress-live.txt": {Live: true, Width: 60, Color: true},
	} {
		going, closing := shown(t, style)
		golden(t, name, going+closing)
	}
}

// TestLiveProgressLeavesAScreen plays the output on a screen.
func TestLiveProgressLeavesAScreen(t *testing.T) {
	going, closing := shown(t, ProgressStyle{Live: true, Width: 60})
	want := []string{
		"fail           [1/2] Bolt lock: svv.check-finds (1.2 s): SVV-6: cm.V was 0\\x1b[31m",
		"inconclusive   [2/2] Acme lamp: svv.check-ends (2 ms): not testable: hold",
	}
	live := []string{"3/4 scenarios in 6s, 1 fail, 1 inconclusive, about 1s to go", "Bolt lock  1/2  svv.check-finds"}
	if diff := cmp.Diff(append(want, live...), screen(going)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want, screen(going+closing)); diff != "" {
		t.Errorf("after Close: %s", diff)
	}
}

// However much happens, the terminal is rewritten some times a second, and what did not
// pass is told all the same.
func TestProgressIsDrawnSeldom(t *testing.T) {
	var b bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		p := NewProgress(&b, ProgressStyle{Live: true, Targets: 2})
		for i := range 10_000 {
			e := ProgressEvent{Target: "Acme lamp", Scenario: fmt.Sprint(i), Done: i, Total: 20_000, Ended: true, Verdict: conformance.Pass, Took: time.Millisecond}
			if i%1000 == 0 {
				e.Verdict, e.Reason = conformance.Fail, "because"
			}
			p.Show(e)
			time.Sleep(time.Millisecond)
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
	})
	if n := strings.Count(b.String(), "\x1b[J"); n < 50 || n > 80 {
		t.Errorf("drawn %d times in 10 s, want 5 to 8 times a second", n)
	}
	if n := strings.Count(b.String(), "because"); n != 10 {
		t.Errorf("%d of 10 fails are told", n)
	}
	if sum := `49\d\d/40000 scenarios in 5s, 5 fail, about 3\ds to go`; !regexp.MustCompile(sum).MatchString(b.String()) {
		t.Errorf("the sum is not told: %s", sum)
	}
}

// Without a terminal a minute has one line.
func TestProgressTellsEachMinute(t *testing.T) {
	var b bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		p := NewProgress(&b, ProgressStyle{Targets: 1})
		time.Sleep(time.Second / 2)
		for i := range 150 {
			p.Show(ProgressEvent{Target: "Acme lamp", Done: i, Total: 300})
			time.Sleep(time.Second)
			p.Show(ProgressEvent{Target: "Acme lamp", Done: i + 1, Total: 300, Ended: true, Verdict: conformance.Pass, Took: time.Second})
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
	})
	want := "59/300 scenarios in 1m0s, about 4m1s to go\n119/300 scenarios in 2m0s, about 3m1s to go\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}

// screen returns what a terminal shows after out; the terminal is wide enough not to
// wrap.
func screen(out string) []string {
	lines := []string{""}
	for row := 0; out != ""; {
		var up int
		switch {
		case strings.HasPrefix(out, "\x1b[J"):
			lines, out = append(lines[:row:row], ""), out[3:]
		case strings.HasPrefix(out, "\x1b["):
			if _, err := fmt.Sscanf(out, "\x1b[%dA", &up); err != nil {
				return []string{"unknown sequence: " + out}
			}
			row -= up
			out = out[strings.IndexByte(out, 'A')+1:]
		case out[0] == '\r':
			out = out[1:]
		case out[0] == '\n':
			row++
			if row == len(lines) {
				lines = append(lines, "")
			}
			out = out[1:]
		default:
			lines[row] += out[:1]
			out = out[1:]
		}
	}
	return lines[:len(lines)-1]
}

// TestProgressCountsTheLatestAttempt shows a scenario that is run again: what it came to in
// the end is counted, and said where something else had been said before.
func TestProgressCountsTheLatestAttempt(t *testing.T) {
	var b bytes.Buffer
	p := NewProgress(&b, ProgressStyle{Targets: 1})
	for _, v := range []conformance.Verdict{conformance.Inconclusive, conformance.Inconclusive, conformance.Pass} {
		p.Show(ProgressEvent{Target: "lamp", Scenario: "check.ends", Ended: true, Verdict: v, Done: 1, Total: 2})
	}
	if got := p.sum(); strings.Contains(got, "inconclusive") {
		t.Errorf("the sum is %q", got)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != 3 || !strings.HasPrefix(lines[0], "inconclusive") || !strings.HasPrefix(lines[2], "pass ") {
		t.Errorf("%q", lines)
	}
}

func TestProgressOfManyTargets(t *testing.T) {
	var b bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		p := NewProgress(&b, ProgressStyle{Live: true})
		for i := range 40 {
			p.Show(ProgressEvent{Target: fmt.Sprintf("target %d", i), Total: 1})
		}
		time.Sleep(drawEvery)
	})
	got := screen(b.String())
	if len(got) != mostLive+2 || got[mostLive+1] != "and 24 more targets" {
		t.Errorf("%d lines, the last %q", len(got), got[len(got)-1])
	}
}

func TestProgressIsSafeForConcurrentUse(t *testing.T) {
	var b bytes.Buffer
	p := NewProgress(&b, ProgressStyle{})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for _, e := range course() {
				p.Show(e)
			}
		})
	}
	wg.Wait()
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(b.String(), "\n"); n != 8*2 {
		t.Errorf("%d lines", n)
	}
}

func TestProgressStopsAfterAnError(t *testing.T) {
	w := &brokenWriter{room: 10}
	p := NewProgress(w, ProgressStyle{})
	for _, e := range course() {
		p.Show(e)
	}
	if err := p.Close(); !errors.Is(err, syscall.ENOSPC) {
		t.Error(err)
	}
}

func TestOverview(t *testing.T) {
	good := newSample()
	good.report.Target.Name = "Bolt lock, the second of a very long name"
	good.checkFinds()
	for i := range good.report.Requirements {
		good.report.Requirements[i].Verdict = conformance.Pass
	}
	lamp := acme()
	other := acme()
	other.report.Target.Name = "Acme lamp 2"
	var b bytes.Buffer
	err := Overview(&b, []Entry{
		{Report: good.conclude().report}, {Report: lamp.report, Rerun: rerun}, {Report: other.report, Rerun: rerun},
	}, Style{Limit: 4})
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "overview.txt", b.String())
	b.Reset()
	if err := Overview(&b, nil, Style{}); err != nil || !strings.Contains(b.String(), "exit 4") {
		t.Errorf("the overview of nothing: %v\n%s", err, b.String())
	}
}

// TestSummaryTellsFlakyScenarios checks that the summary names each attempt of a
// scenario whose attempts differ.
func TestSummaryTellsFlakyScenarios(t *testing.T) {
	rep := reported("SVV-1=fail")
	rep.Requirements[0].Findings[0].Attempt = 2
	rep.Scenarios[0].Flaky, rep.Scenarios[0].Attempt = true, 2
	rep.Scenarios[0].Attempts = []assess.Attempt{{Verdict: conformance.Pass}, {Verdict: conformance.Fail}}
	out := summaryOf(t, rep, Style{})
	for _, want := range []string{"\nflaky          s.SVV-1: pass, fail\n", "s.SVV-1, attempt 2\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
}
