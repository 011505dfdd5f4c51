package suite_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/conformance/suite"
)

// noRule is what became of a scenario of the recording that its own expectation alone
// had failed.
const noRule = "scenario validation.a-check-that-finds-no-update-says-so-and-ends was fail, is inconclusive: pstat changes exactly in this order: " +
	"privileged saw tm=V cm=V dos=RFNOP, which the path does not have at that point (seen: tm=V cm=V dos=RFNOP, tm=V cm=- dos=RFNOP, tm=- cm=- dos=RFNOP); " +
	"no requirement is broken by it"

// TestOlderRecordingsAreJudged judges runs that older versions left behind: they
// can be read, and what comes out of them is said here. Where a judge is meant to
// have changed its mind, so does this table.
func TestOlderRecordingsAreJudged(t *testing.T) {
	for folder, want := range map[string]struct {
		fails   []string
		exit    int
		changes []string
	}{
		"first": {[]string{"SVV-4"}, suite.ExitFail, []string{
			"recorded by ocfsim devel, judged by 9.9.9",
			noRule,
		}},
	} {
		results, err := suite.Rejudge(filepath.Join("testdata/recorded", folder), suite.Judging{Version: "9.9.9"})
		if err != nil {
			t.Errorf("%s: %v", folder, err)
			continue
		}
		for _, r := range results {
			if got := verdictsOf(r, conformance.Fail); !slices.Equal(got, want.fails) {
				t.Errorf("%s: fails %v, want %v", folder, got, want.fails)
			}
			if got := changed(r); !slices.Equal(got, want.changes) {
				t.Errorf("%s: changes\n%s\nwant\n%s", folder, strings.Join(got, "\n"), strings.Join(want.changes, "\n"))
			}
			const since = "SVV-14 was not judged, is pass in validation.a-check-that-finds-an-update-says-so-and-ends: the request for a check left the rest of pstat as it was (new)"
			if !slices.Contains(r.Changes, since) {
				t.Errorf("%s: of a requirement that is newer than the recording nothing is said: %q", folder, r.Changes)
			}
		}
		if got := suite.ExitCode(results); got != want.exit {
			t.Errorf("%s: exit code %d, want %d", folder, got, want.exit)
		}
	}
}

// changed are the changes of what that version judged; requirements that are new
// since are left out.
func changed(r suite.Result) []string {
	return slices.DeleteFunc(slices.Clone(r.Changes), func(line string) bool { return strings.HasSuffix(line, "(new)") })
}

// rewritten is a copy of the first recording with words in its files replaced.
func rewritten(t *testing.T, results, timelines func([]byte) []byte) string {
	t.Helper()
	from, dir := "testdata/recorded/first", t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "timelines", "*.jsonl"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%v, %v", files, err)
	}
	change := func(name string, by func([]byte) []byte) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, by(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	change(filepath.Join(dir, "results.json"), results)
	for _, f := range files {
		change(f, timelines)
	}
	return dir
}

func swap(from, to string) func([]byte) []byte {
	return func(in []byte) []byte { return bytes.ReplaceAll(in, []byte(from), []byte(to)) }
}

// TestNewerRecordingsAreJudged holds the reader to the policy: fields of a newer
// revision are passed over, the same fields without it are mistakes, and another
// schema is refused.
func TestNewerRecordingsAreJudged(t *testing.T) {
	const results, timeline = `"schema": "ocfsim.results/1",`, `"schema":"ocfsim.timeline/1",`
	for name, c := range map[string]struct {
		results, timelines func([]byte) []byte
		says               string // in the error; empty: it is judged
	}{
		"a newer revision": {
			swap(results, results+`"revision": 99, "partial": true, "mood": {"colour": ["blue"]},`), swap(timeline, timeline+`"revision":99,"mood":1,`), "",
		},
		"fields of no revision":            {swap(results, results+`"mood": 1,`), swap("", ""), `unknown field "mood"`},
		"fields of no revision, timelines": {swap("", ""), swap(timeline, timeline+`"mood":1,`), `unknown field "mood"`},
		"another schema":                   {swap("results/1", "results/2"), swap("", ""), `expected "ocfsim.results/1"`},
		"another schema, timelines":        {swap("", ""), swap("timeline/1", "timeline/2"), `expected "ocfsim.timeline/1"`},
	} {
		got, err := suite.Rejudge(rewritten(t, c.results, c.timelines), suite.Judging{Version: "devel"})
		switch {
		case c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)):
			t.Errorf("%s: error %v, want %q", name, err, c.says)
		case c.says == "" && (err != nil || suite.ExitCode(got) != suite.ExitFail || len(changed(got[0])) != 2 || !strings.Contains(got[0].Changes[0], "revision 99")):
			t.Errorf("%s: %v, exit code %d, %d results", name, err, suite.ExitCode(got), len(got))
		}
	}
}

// TestWhatChangedIsSaid judges a recording whose written verdicts are not what
// the timelines say.
func TestWhatChangedIsSaid(t *testing.T) {
	dir := rewritten(t, func(in []byte) []byte {
		in = swap(`"pass": 16`, `"pass": 15`)(in)
		in = swap(`"inconclusive": 0`, `"inconclusive": 1`)(in)
		head, tail, ok := strings.Cut(string(in), `"id": "SVV-1",`)
		if !ok {
			t.Fatal("no SVV-1")
		}
		return []byte(head + `"id": "SVV-1",` + strings.Replace(tail, `"verdict": "pass"`, `"verdict": "inconclusive"`, 1))
	}, swap("", ""))
	results, err := suite.Rejudge(dir, suite.Judging{Version: "devel"})
	if err != nil {
		t.Fatal(err)
	}
	got := changed(results[0])
	if len(got) != 2 || !strings.HasPrefix(got[0], "SVV-1 was inconclusive, is pass in validation.") || got[1] != noRule {
		t.Errorf("changes:\n%s", strings.Join(got, "\n"))
	}
}

// waiverOf waives a requirement of the recording.
func waiverOf(requirement, scenario string) assess.Waiver {
	return assess.Waiver{
		Requirement: requirement, Scenario: scenario, Device: "Acme*", Edition: suite.Edition, Reason: "known",
		Reference: "ACME-1", Expires: "2026-11-23", ApprovedBy: "a reviewer", At: "w.yaml:1:3",
	}
}

// TestRejudgedWithWaivers judges a recording with waivers, and without a file
// with those that it was judged with. What counts is the day on which it began.
func TestRejudgedWithWaivers(t *testing.T) {
	with := func(ws ...assess.Waiver) suite.Judging { return suite.Judging{Waivers: ws, Review: true} }
	late := waiverOf("SVV-4", "")
	late.Expires = "2026-11-22"
	other := waiverOf("SVV-4", "")
	other.Device = "Bolt*"
	both := []assess.Waiver{waiverOf("SVV-4", ""), waiverOf("SVV-4", "*-finds-no-update-*")}
	for name, c := range map[string]struct {
		how  suite.Judging
		exit int
		says assess.WaiverState // of the last
	}{
		"a requirement alone":     {with(both[0]), suite.ExitInconclusive, assess.WaiverUsed}, // an expectation elsewhere is not met
		"and the scenario":        {with(both...), suite.ExitPass, assess.WaiverUsed},
		"a pass":                  {with(append(both, waiverOf("SVV-6", ""))...), suite.ExitFail, assess.WaiverUnexpected},
		"a day late":              {with(late), suite.ExitFail, assess.WaiverExpired},
		"another Device":          {with(append(both, other)...), suite.ExitPass, assess.WaiverOpen}, // of a part of the run
		"what does not apply":     {with(append(both, waiverOf("SVV-3", ""))...), suite.ExitFail, assess.WaiverUnused},
		"what was not exercised":  {with(append(both, waiverOf("SSU-6", ""))...), suite.ExitPass, assess.WaiverOpen},
		"a scenario not selected": {with(append(both, waiverOf("SVV-6", "no-such"))...), suite.ExitPass, assess.WaiverOpen},
	} {
		results, err := suite.Rejudge("testdata/recorded/first", c.how)
		if err != nil {
			t.Fatal(err)
		}
		r := results[0].Report
		if got := suite.ExitCode(results); got != c.exit {
			t.Errorf("%s: exit code %d, want %d: %s %s", name, got, c.exit, r.Verdict, r.Reason)
		}
		if n := len(r.Waivers); n != len(c.how.Waivers) || r.Waivers[n-1].State != c.says {
			t.Errorf("%s: %+v, want the last %s", name, r.Waivers, c.says)
		}
	}
}
