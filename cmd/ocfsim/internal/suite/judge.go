package suite

import (
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
	"github.com/ocfsim/ocfsim/reports"
)

// RejudgeAll judges the folder of a run against one target, or each target's
// folder of a run against several. Where the verdict of a requirement is not
// the one that was written then, the result's Changes say so.
func RejudgeAll(dir string) ([]Result, error) {
	dirs, err := recordedIn(dir)
	if err != nil {
		return nil, err
	}
	var results []Result
	for _, d := range dirs {
		fresh, old, err := Rejudge(d)
		if err != nil {
			return nil, err
		}
		results = append(results, Result{
			Dir: d, Report: fresh, Changes: changes(old, fresh),
			Interrupted: old.Verdict == conformance.Error && old.Reason == reports.Interrupted,
		})
	}
	return results, nil
}

// recordedIn are the folders of the targets that the run in dir has.
func recordedIn(dir string) ([]string, error) {
	if _, err := os.Stat(filepath.Join(dir, reports.ResultsFile)); err == nil {
		return []string{dir}, nil
	}
	name := filepath.Join(dir, reports.IndexFile)
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: neither %s nor %s in it: not a recorded run", dir, reports.ResultsFile, reports.IndexFile)
	} else if err != nil {
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

// changes lists the requirements whose verdict differs.
func changes(old, fresh conformance.Report) []string {
	before := map[string]conformance.Verdict{}
	for _, q := range old.Requirements {
		before[q.ID] = q.Verdict
	}
	var lines []string
	for _, q := range fresh.Requirements {
		if was, ok := before[q.ID]; !ok || was != q.Verdict {
			if !ok {
				was = "not judged"
			}
			lines = append(lines, fmt.Sprintf("%s was %s, is %s", q.ID, was, q.Verdict))
		}
	}
	if old.Verdict != fresh.Verdict {
		lines = append(lines, fmt.Sprintf("the verdict was %s, is %s", old.Verdict, fresh.Verdict))
	}
	return lines
}

// Rejudge reads the folder of a recorded run and judges it again: the
// timelines decide, results.json says only which there are and which scenarios
// never ran. It returns the old report too.
func Rejudge(dir string) (fresh, old conformance.Report, err error) {
	name := filepath.Join(dir, reports.ResultsFile)
	f, err := os.Open(name)
	if err != nil {
		return fresh, old, err
	}
	defer f.Close()
	if old, err = reports.ReadJSON(name, f); err != nil {
		return fresh, old, err
	}
	runs, profile, err := readRuns(dir, old)
	if err != nil {
		return fresh, old, err
	}
	if !slices.ContainsFunc(runs, func(r conformance.ScenarioRun) bool { return r.File != "" }) {
		return old, old, nil // nothing was recorded: there is nothing to judge
	}
	fresh = conformance.Run{
		Tool: old.Tool, Edition: old.Edition, Target: profile, Started: old.Started, Scenarios: runs,
		Partial: len(old.Requirements) < len(conformance.Requirements()),
	}.Assess()
	fresh.DurationS = old.DurationS
	if old.Reason != "" && old.Verdict == conformance.Error {
		fresh.Verdict, fresh.Reason = conformance.Error, old.Reason
	}
	return fresh, old, nil
}

func readRuns(dir string, old conformance.Report) ([]conformance.ScenarioRun, conformance.Profile, error) {
	var runs []conformance.ScenarioRun
	profile := conformance.Profile{Name: old.Target.Name, Endpoint: old.Target.Endpoint, DI: old.Target.DI}
	read := timelineReader(dir)
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
func recorded(s conformance.ScenarioResult) conformance.ScenarioRun {
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
