package suite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/conformance/steps"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/reports"
)

// Plan is a run against one or several targets at once.
type Plan struct {
	Targets   []target.Config
	Scenarios []steps.Scenario
	Partial   bool // Scenarios are a selection
	Waivers   []assess.Waiver
	Repeat    int // how often each scenario is run; 0: once
	Dir       string
	Version   string
	Rerun     func(target, scenario string) string
	Progress  func(reports.Event)
}

// RunAll runs the scenarios in order on each target, and the targets side by
// side. One target writes to Dir itself; of several, each has its own folder
// and an index stands above them.
func RunAll(ctx context.Context, plan Plan) ([]Result, error) {
	if len(plan.Targets) == 0 || len(plan.Scenarios) == 0 {
		return nil, fmt.Errorf("nothing to run: %d targets, %d scenarios", len(plan.Targets), len(plan.Scenarios))
	}
	if err := os.MkdirAll(plan.Dir, 0o755); err != nil {
		return nil, err
	}
	if err := forget(plan.Dir); err != nil {
		return nil, err
	}
	dirs := folders(plan)
	results := make([]Result, len(plan.Targets))
	for i, t := range plan.Targets {
		started := assessed(Config{Version: plan.Version, Partial: plan.Partial}, t.Profile, time.Now(), nil)
		results[i] = Result{Dir: dirs[i], Report: reports.Incomplete(started)}
	}
	if err := writeIndex(plan.Dir, results); err != nil {
		return nil, err
	}
	desks := make(chan struct{}, runtime.GOMAXPROCS(0))
	var wg sync.WaitGroup
	for i, t := range plan.Targets {
		wg.Go(func() {
			results[i] = Run(ctx, Config{
				Target:    t,
				Scenarios: plan.Scenarios,
				Partial:   plan.Partial,
				Repeat:    plan.Repeat,
				Waivers:   plan.Waivers,
				Dir:       dirs[i],
				Version:   plan.Version,
				Rerun:     func(scenario string) string { return plan.Rerun(t.Profile.Name, scenario) },
				Progress:  func(p steps.Progress) { plan.Progress(event(t.Profile.Name, p)) },
				desks:     desks,
			})
		})
	}
	wg.Wait()
	for i, added := range unmatched(results, plan.Waivers) {
		if !added || results[i].Err != nil {
			continue
		}
		r := results[i]
		if err := reports.Save(r.Dir, r.entry()); err != nil {
			results[i] = r.failed(err)
		}
	}
	return results, writeIndex(plan.Dir, results)
}

// unmatched makes every result red where a waiver names none of the targets, and
// says which results were changed.
func unmatched(results []Result, waivers []assess.Waiver) []bool {
	var idle []assess.Waiver
	for _, w := range waivers {
		names := func(r Result) bool { return w.Covers(r.Report.Target, r.Report.Edition) }
		if !slices.ContainsFunc(results, names) {
			idle = append(idle, w)
		}
	}
	changed := make([]bool, len(results))
	for i := range results {
		if len(idle) > 0 {
			results[i].Report = results[i].Report.Unmatched(idle)
			changed[i] = true
		}
	}
	return changed
}

// writeIndex leaves the index above several targets; one target has none.
func writeIndex(dir string, results []Result) error {
	if len(results) == 1 {
		return nil
	}
	entries, err := Entries(dir, results)
	if err != nil {
		return err
	}
	return reports.WriteIndex(dir, entries)
}

// forget removes what an earlier run concluded and recorded in dir, so that a
// crash does not leave its verdict to this one, and its evidence is not taken
// for this one's.
func forget(dir string) error {
	names := append(reports.Files(), reports.IndexFile, reports.IndexPageFile, SumsFile)
	recorded, err := filepath.Glob(filepath.Join(dir, timelinesDir, "*.jsonl"))
	if err != nil {
		return err
	}
	for _, path := range recorded {
		names = append(names, filepath.Join(timelinesDir, filepath.Base(path)))
	}
	for _, name := range names {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

var unsafeInNames = regexp.MustCompile(`[^a-z0-9]+`)

// folders gives each target a folder of its own name, made unique.
func folders(plan Plan) []string {
	if len(plan.Targets) == 1 {
		return []string{plan.Dir}
	}
	taken := map[string]int{}
	dirs := make([]string, len(plan.Targets))
	for i, t := range plan.Targets {
		name := strings.Trim(unsafeInNames.ReplaceAllString(strings.ToLower(t.Profile.Name), "-"), "-")
		if name == "" {
			name = "target"
		}
		taken[name]++
		if n := taken[name]; n > 1 {
			name = fmt.Sprintf("%s-%d", name, n)
		}
		dirs[i] = filepath.Join(plan.Dir, name)
	}
	return dirs
}

// Entries are the results as an overview and an index show them; folders are
// relative to dir.
func Entries(dir string, results []Result) ([]reports.Entry, error) {
	var entries []reports.Entry
	for _, r := range results {
		rel, err := filepath.Rel(dir, r.Dir)
		if err != nil {
			return nil, err
		}
		e := r.entry()
		e.Folder = filepath.ToSlash(rel)
		entries = append(entries, e)
	}
	return entries, nil
}

// event is p as the terminal tells it.
func event(target string, p steps.Progress) reports.Event {
	e := reports.Event{Target: target, Scenario: p.Scenario.ID, Done: p.N - 1, Total: p.Of}
	switch p.Moment {
	case steps.Waits:
		e.Waiting, e.Bound = p.Text, p.Bound
	case steps.Ends:
		e.Ended, e.Done, e.Verdict, e.Reason, e.Took = true, p.N, p.Outcome, p.Text, time.Since(p.Since)
	}
	return e
}
