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
	corpusText = "testdata/corpus/findings.txt.gz"
)

// corpus are the Timelines of testdata/corpus: those of compliant and deviant
// Devices recorded in virtual time, those of scripts, and those that come of
// either when a thing or two in it is changed: an entry lost, doubled or late,
// another state, code, Client, time or target. Each was taken in because it
// tells a judge from a slightly wrong one that no other Timeline tells.
//
// It is read once, however often the tests run: that takes longer than judging.
var corpus = sync.OnceValues(func() (all []conformance.Timeline, err error) {
	text, err := unpack(corpusFile)
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
		if err := pack(corpusText, all); err != nil {
			t.Fatal(err)
		}
	}
	text, err := unpack(corpusText)
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

// unpack is the text in a file that gzip packed.
func unpack(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return io.ReadAll(r)
}

// pack writes what is concluded from all to a file that unpack reads. The same
// text makes the same file, as long as the version of Go is the same.
func pack(file string, all []conformance.Timeline) error {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return err
	}
	for i, tl := range all {
		if _, err := fmt.Fprintf(w, "%s\n%s\n", corpusName(i, tl), conclusions(tl)); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	return os.WriteFile(file, b.Bytes(), 0o644)
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
			if f.Request != 0 {
				what += fmt.Sprintf(" (of request %d)", f.Request)
			}
			fmt.Fprintf(&b, "%s %s at %d, %.3f s: %s | %s | %s\n", what, f.Verdict, f.Witness, f.AtS, f.Want, f.Got, f.Reason)
		}
	}
	all := judge.Scenario(tl, judge.Known{Lossy: tl.Lossy()})
	for i, f := range all.Expectations {
		line(fmt.Sprintf("%q:", tl.Expectations[i].Text), f)
	}
	var ids []string
	for _, q := range judge.Requirements() {
		line(q.ID, all.Requirements[q.ID])
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
