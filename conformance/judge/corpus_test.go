package judge_test

import (
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

const (
	corpusFile = "testdata/corpus/timelines.jsonl.gz"
	corpusText = "testdata/corpus/findings.txt"
)

// corpus are the Timelines of testdata/corpus: those of compliant and deviant
// Devices recorded in virtual time, those of scripts, and those that come of
// either when a thing or two in it is changed: an entry lost, doubled or late,
// another state, code, Client, time or target. Each was taken in because it
// tells a judge from a slightly wrong one that no other Timeline tells.
//
// It is read once, however often the tests run: that takes longer than judging.
var corpus = sync.OnceValues(func() (all []conformance.Timeline, err error) {
	packed, err := os.Open(corpusFile)
	if err != nil {
		return nil, err
	}
	defer packed.Close()
	r, err := gzip.NewReader(packed)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	for part := range bytes.SplitSeq(text, []byte("\n\n")) {
		tl, err := conformance.ReadTimeline(fmt.Sprintf("%s, no. %d", corpusFile, len(all)), bytes.NewReader(part))
		if err != nil {
			return nil, err
		}
		all = append(all, tl)
	}
	return all, nil
})

// TestCorpus judges the corpus: every finding in full, every expectation, and
// what the scenario's row would say. A change here is a change of a verdict, or
// of its words, for somebody; -rewrite writes the text anew.
func TestCorpus(t *testing.T) {
	all, err := corpus()
	if err != nil {
		t.Fatal(err)
	}
	if f := flag.Lookup("rewrite"); f.Value.String() == "true" {
		var b strings.Builder
		for i, tl := range all {
			fmt.Fprintf(&b, "%s\n%s\n", corpusName(i, tl), conclusions(tl))
		}
		if err := os.WriteFile(corpusText, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(corpusText)
	if err != nil {
		t.Fatal(err)
	}
	rest := string(text)
	for i, tl := range all {
		var want string
		want, rest, _ = strings.Cut(rest, "\n\n")
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			if got := corpusName(i, tl) + "\n" + strings.TrimSuffix(conclusions(tl), "\n"); got != want {
				t.Errorf("%s", firstDifference(got, want))
			}
		})
		if t.Failed() {
			t.FailNow() // one difference is enough to read
		}
	}
	if rest != "" {
		t.Errorf("%s has more than the corpus: %.80q", corpusText, rest)
	}
}

func corpusName(i int, tl conformance.Timeline) string {
	return fmt.Sprintf("== %d %s %s", i, tl.Header.Target.Name, tl.Header.Scenario)
}

// conclusions is all that is concluded from tl, a line each.
func conclusions(tl conformance.Timeline) string {
	var b strings.Builder
	line := func(what string, f conformance.Finding) {
		if f.Verdict != conformance.None || f.Reason != "" {
			if f.Silent {
				what += " (silence)"
			}
			fmt.Fprintf(&b, "%s %s at %d, %.3f s: %s | %s | %s\n", what, f.Verdict, f.Witness, f.AtS, f.Want, f.Got, f.Reason)
		}
	}
	for _, e := range tl.Expectations {
		line(fmt.Sprintf("%q:", e.Text), judge.Check(e, tl))
	}
	findings := judge.All(tl)
	var ids []string
	for _, q := range judge.Requirements() {
		line(q.ID, findings[q.ID])
		if slices.Contains(tl.Header.Tags, "@"+q.ID) {
			ids = append(ids, q.ID)
		}
	}
	if len(ids) > 0 {
		run := assess.Run{Target: tl.Header.Target, Partial: true, Scenarios: []conformance.ScenarioRun{{Requirements: ids, Timeline: tl}}}
		r := run.Assess()
		fmt.Fprintf(&b, "row %s %s, run %s %s, exit %d\n", r.Scenarios[0].Verdict, r.Scenarios[0].Reason, r.Verdict, r.Reason, r.ExitCode())
	}
	return b.String()
}

// firstDifference is the name of a Timeline and the first line that differs.
func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range g {
		if i >= len(w) || g[i] != w[i] {
			return fmt.Sprintf("%s\ngot  %s\nwant %s", w[0], g[i], strings.Join(w[min(i, len(w)):min(i+1, len(w))], ""))
		}
	}
	return fmt.Sprintf("%s\nwant also %s", w[0], strings.Join(w[len(g):], "\n"))
}
