package suite

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/conformance/judge"
	"github.com/ocfsim/ocfsim/fixtures/bounded"
	"github.com/ocfsim/ocfsim/reports"
)

// Judging is how a recorded run is judged again.
type Judging struct {
	Version string // of this program
	Commit  string // of its source; "" where that is unknown
	// Waivers replace those that the run was judged with, where Review is set.
	Waivers []assess.Waiver
	Review  bool
	// Remark says what else is to be said of what was recorded, as Config.Remark. Nil:
	// what was said when the run was recorded.
	Remark  func([]conformance.Timeline) []assess.Remark
	Edition string // the one to judge by; "": the one that the run was judged by
}

// Rejudge judges again the folder of a run against one target, or each target's
// folder of a run against several. Where a verdict is not the one that was
// written then, the result's Changes say so.
func Rejudge(dir string, how Judging) ([]Result, error) {
	dirs, err := recordedIn(dir)
	if err != nil {
		return nil, err
	}
	var results []Result
	var before []assess.Report
	for _, d := range dirs {
		fresh, old, err := rejudge(d, how)
		if err != nil {
			return nil, err
		}
		before = append(before, old)
		results = append(results, Result{
			Dir: d, Report: fresh,
			Interrupted: old.Verdict == conformance.Error && old.Reason == reports.Interrupted,
		})
	}
	if how.Review {
		if idle := unmatched(results, how.Waivers); len(idle) > 0 {
			for i := range results {
				results[i].Report = results[i].Report.Unmatched(idle)
			}
		}
	}
	for i := range results {
		results[i].Changes = append(unfinished(dir), changes(before[i], results[i].Report)...)
	}
	return results, nil
}

// unfinished says where the files are that a run which did not come to its end has left in dir.
func unfinished(dir string) []string {
	left := filepath.Join(dir, UnfinishedDir)
	if _, err := os.Stat(left); err != nil {
		return nil
	}
	return []string{"the run did not come to its end; what it recorded until then is in " + left}
}

// recordedIn are the folders of the targets that the run in dir has.
func recordedIn(dir string) ([]string, error) {
	if _, err := os.Stat(filepath.Join(dir, reports.ResultsFile)); err == nil {
		return []string{dir}, nil
	}
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return nil, fmt.Errorf("%s: expected the folder of a recorded run, this is a file", dir)
	}
	dirs, err := indexed(dir, reports.IndexFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: neither %s nor %s in it: not a recorded run", dir, reports.ResultsFile, reports.IndexFile)
	}
	return dirs, err
}

// indexed are the folders that an index file in dir names.
func indexed(dir, file string) ([]string, error) {
	name := filepath.Join(dir, file)
	data, err := bounded.ReadFile(name, bounded.Text)
	if err != nil {
		return nil, err
	}
	var index struct {
		Targets []struct {
			Folder string `json:"folder"`
		} `json:"targets"`
	}
	if err := json.Unmarshal(data, &index); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var dirs []string
	for _, t := range index.Targets {
		if !filepath.IsLocal(filepath.FromSlash(t.Folder)) {
			return nil, fmt.Errorf("%s: folder %q leads out of the run", name, t.Folder)
		}
		dirs = append(dirs, filepath.Join(dir, filepath.FromSlash(t.Folder)))
	}
	if len(dirs) == 0 {
		return nil, fmt.Errorf("%s: no targets: not a recorded run", name)
	}
	return dirs, nil
}

// changes are the lines that say what is judged otherwise than it was, and by
// which versions.
func changes(old, fresh assess.Report) []string {
	var lines []string
	if old.Edition != fresh.Edition {
		lines = append(lines, fmt.Sprintf("judged by %s, was judged by %s", fresh.Edition, old.Edition))
	}
	if old.Tool.Version != fresh.Tool.Version {
		lines = append(lines, fmt.Sprintf("recorded by %s %s, judged by %s", old.Tool.Name, old.Tool.Version, fresh.Tool.Version))
	}
	if old.Revision > reports.ResultsRevision {
		lines = append(lines, fmt.Sprintf("written in revision %d of %s, of which %d is known here: what it adds is not looked at",
			old.Revision, old.Schema, reports.ResultsRevision))
	}
	for _, c := range reports.Compare(old, fresh).Changes {
		switch {
		case c.Of == "run":
			lines = append(lines, fmt.Sprintf("the verdict was %s, is %s", c.Was.Verdict, c.Is.Verdict))
		case c.Of == "requirement" && c.Was.Verdict == conformance.None:
			lines = append(lines, c.Line()+" (new)")
		case c.Of == "scenario":
			lines = append(lines, "scenario "+c.Line())
		default:
			lines = append(lines, c.Line())
		}
	}
	return lines
}

// rejudge reads the folder of a run against one target and judges it again: the
// timelines decide, results.json says only which there are and which scenarios
// never ran. It returns the old report too.
func rejudge(dir string, how Judging) (fresh, old assess.Report, err error) {
	if old, err = readReport(filepath.Join(dir, reports.ResultsFile)); err != nil {
		return fresh, old, err
	}
	runs, profile, err := readRuns(dir, old)
	if err != nil {
		return fresh, old, err
	}
	if !slices.ContainsFunc(runs, func(r conformance.ScenarioRun) bool { return r.File != "" }) {
		return nothing(old), old, nil
	}
	if err := intact(dir, runs); err != nil {
		return fresh, old, err
	}
	if profile.Client {
		return rejudgeClient(runs, profile, old, how), old, nil
	}
	by := cmp.Or(how.Edition, old.Edition)
	if _, ok := edition.Named(by); !ok {
		return fresh, old, fmt.Errorf("unknown edition %q, expected %s", by, strings.Join(edition.IDs(), " or "))
	}
	waivers := how.Waivers
	if !how.Review {
		waivers = judgedWith(old)
	}
	fresh = assess.Run{
		Tool: assess.Tool{Name: "ocfsim", Version: how.Version, Commit: how.Commit}, Edition: by, Target: profile, Started: old.Started,
		Identity: old.Target.Identity(), Bench: old.Bench,
		Scenarios: runs, Partial: partial(old), Total: total(old), Waivers: waivers,
	}.Assess()
	fresh.Remarks = append(fresh.Remarks, how.remarks(old, runs)...)
	if !how.Review {
		fresh = fresh.Unmatched(idle(old))
	}
	fresh.DurationS = old.DurationS
	if old.Reason != "" && old.Verdict == conformance.Error {
		fresh.Verdict, fresh.Reason = conformance.Error, old.Reason
	}
	return fresh, old, nil
}

// remarks are those that the judges do not make themselves.
func (how Judging) remarks(old assess.Report, runs []conformance.ScenarioRun) []assess.Remark {
	if how.Remark != nil {
		return remarks(how.Remark, runs)
	}
	var kept []assess.Remark
	for _, r := range old.Remarks {
		if r.About != assess.AboutTiming {
			kept = append(kept, r)
		}
	}
	return kept
}

// remarks asks say about what was recorded in runs.
func remarks(say func([]conformance.Timeline) []assess.Remark, runs []conformance.ScenarioRun) []assess.Remark {
	if say == nil {
		return nil
	}
	var all []conformance.Timeline
	for _, r := range runs {
		all = append(all, r.Timeline)
	}
	return say(all)
}

// rejudgeClient judges again what a Client did.
func rejudgeClient(runs []conformance.ScenarioRun, who conformance.Profile, old assess.Report, how Judging) assess.Report {
	return assess.ClientRun{
		Tool: assess.Tool{Name: "ocfsim", Version: how.Version, Commit: how.Commit}, Edition: old.Edition, Client: who, Conversations: runs,
	}.Assess()
}

// partial reports whether scenarios had been selected. Before revision 1 that
// was not written: fewer requirements than there are say so, of a run by an older
// version maybe wrongly; then what is new and was not exercised is left out.
func partial(old assess.Report) bool {
	return old.Partial || old.Revision == 0 && len(old.Requirements) < len(judge.Of(edition.Of(old.Edition)))
}

// total is how many scenarios there were to select from; 0 where the run was of all
// of them, and where that was not written down, which was so before revision 2.
func total(old assess.Report) int {
	if old.Selection == nil {
		return 0
	}
	return old.Selection.OfScenarios
}

// judgedWith are the waivers of a recorded run that name its target.
func judgedWith(old assess.Report) []assess.Waiver {
	var all []assess.Waiver
	for _, w := range old.Waivers {
		if w.Covers(old.Target, old.Edition) {
			all = append(all, w.Waiver)
		}
	}
	return all
}

// idle are the waivers of a recorded run that named none of its targets.
func idle(old assess.Report) []assess.Waiver {
	var all []assess.Waiver
	for _, w := range old.Waivers {
		if !w.Covers(old.Target, old.Edition) {
			all = append(all, w.Waiver)
		}
	}
	return all
}

// nothing is old where nothing was recorded: what it concluded stands only
// where it is no conclusion about the Device.
func nothing(old assess.Report) assess.Report {
	switch old.Verdict {
	case conformance.Error, conformance.Inconclusive:
		return old
	}
	old.Verdict, old.Reason = conformance.Error, "nothing was recorded that could be judged again"
	return old
}

func readRuns(dir string, old assess.Report) ([]conformance.ScenarioRun, conformance.Profile, error) {
	var runs []conformance.ScenarioRun
	profile := conformance.Profile{Name: old.Target.Name, Endpoint: old.Target.Endpoint, DI: old.Target.DI}
	read := timelineFiles(dir)
	for _, scenario := range old.Scenarios {
		for _, s := range scenario.Each() {
			run := recorded(s)
			if s.Timeline != "" {
				if !filepath.IsLocal(filepath.FromSlash(s.Timeline)) {
					return nil, profile, fmt.Errorf("%s: timeline %q of scenario %s leads out of the folder", dir, s.Timeline, s.ID)
				}
				tl, err := read(s.Timeline)
				if err != nil {
					return nil, profile, err
				}
				run.Timeline = tl
				profile = tl.Header.Target
			}
			runs = append(runs, run)
		}
	}
	return runs, profile, nil
}

// recorded restores what the runner said of a scenario besides its timeline.
func recorded(s assess.ScenarioResult) conformance.ScenarioRun {
	run := conformance.ScenarioRun{
		ID: s.ID, Name: s.Name, Feature: s.Feature, Tags: s.Tags, Requirements: s.Requirements, File: s.Timeline,
		Duration: time.Duration(s.DurationS * float64(time.Second)),
	}
	switch {
	case s.Verdict == conformance.Error:
		run.Err = s.Reason
	case s.Verdict == conformance.NotApplicable:
		run.Skipped = s.Reason
	case strings.HasPrefix(s.Reason, "not testable:"):
		run.NotTestable = s.Reason
	}
	return run
}
