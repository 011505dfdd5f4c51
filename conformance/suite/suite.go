// Package suite runs the conformance suite against one target and leaves its
// folder behind: timelines, results.json, junit.xml, report.html.
package suite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/conformance/judge"
	"github.com/ocfsim/ocfsim/conformance/steps"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/reports"
)

// Edition is the one edition of the seed.
const Edition = "ocf-1.0"

// Config is one run against one target.
type Config struct {
	Target    target.Config
	Scenarios []steps.Scenario
	Partial   bool   // Scenarios are a selection: what none of them speaks of is not judged
	Dir       string // of this target; made if absent. Empty: nothing is written
	Version   string // of the tool
	Waivers   []assess.Waiver
	Repeat    int // how often each scenario is run; 0: once
	Rerun     func(scenario string) string
	Progress  func(steps.Progress)

	// desks bounds how many runs are written up at a time, where several go on:
	// a page of evidence takes far more memory in the making than on disk.
	desks chan struct{}
	// evidence is what was recorded; set by Run.
	evidence *ledger
}

// Result is a concluded run. Err is of the harness or its surroundings and
// stands beside a Report whose verdict is error.
type Result struct {
	Dir         string
	Report      assess.Report
	Interrupted bool
	Err         error
	Changes     []string                     // of a run that was judged again
	Rerun       func(scenario string) string // the command that runs a scenario again; may be nil
}

// Timelines reads what was recorded.
func (r Result) Timelines() reports.Timelines { return timelineReader(r.Dir) }

// Run drives the target through the scenarios and judges what was recorded. A
// report that says incomplete is written first, so that a crash never leaves
// a pass behind. A defect of this program that panics is the error of this run,
// and takes none with it that goes on beside it.
func Run(ctx context.Context, cfg Config) (res Result) {
	started := time.Now()
	defer func() {
		if p := recover(); p != nil {
			res = res.failed(fmt.Errorf("internal error: %v\n%s", p, debug.Stack()))
		}
	}()
	res = Result{Dir: cfg.Dir, Rerun: cfg.Rerun, Report: assessed(cfg, cfg.Target.Profile, started, nil)}
	if err := begin(cfg, res.Report); err != nil {
		return res.failed(err)
	}
	cfg.evidence = &ledger{}
	runs, profile, err := drive(ctx, cfg)
	report := assessed(cfg, profile, started, runs)
	report.DurationS = time.Since(started).Seconds()
	res.Report = report
	res.Interrupted = ctx.Err() != nil && !errors.Is(err, ErrLeft)
	switch {
	case res.Interrupted:
		res.Report.Verdict, res.Report.Reason = conformance.Error, reports.Interrupted
	case err != nil:
		res.Report.Verdict, res.Report.Reason, res.Err = conformance.Error, err.Error(), err
	}
	if cfg.Dir == "" {
		return res
	}
	if cfg.desks != nil {
		cfg.desks <- struct{}{}
		defer func() { <-cfg.desks }()
	}
	if err := errors.Join(cfg.evidence.save(cfg.Dir), reports.Save(cfg.Dir, reports.Entry{Report: res.Report, Rerun: cfg.Rerun, Timelines: remembered(runs)})); err != nil {
		return res.failed(err)
	}
	return res
}

// begin makes the folder, with results that say incomplete.
func begin(cfg Config, report assess.Report) error {
	if cfg.Dir == "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Join(cfg.Dir, timelinesDir), 0o755); err != nil {
		return err
	}
	if err := forget(cfg.Dir); err != nil {
		return err
	}
	return reports.WriteFile(filepath.Join(cfg.Dir, reports.ResultsFile), func(w io.Writer) error {
		return reports.JSON(w, reports.Incomplete(report))
	})
}

// assessed is the report on what was recorded of the profile's owner.
func assessed(cfg Config, p conformance.Profile, started time.Time, runs []conformance.ScenarioRun) assess.Report {
	return assess.Run{
		Tool:    assess.Tool{Name: "ocfsim", Version: cfg.Version},
		Edition: Edition, Target: p, Started: started, Scenarios: runs, Partial: cfg.Partial, Waivers: cfg.Waivers,
	}.Assess()
}

// entry is r as the formats write it.
func (r Result) entry() reports.Entry {
	return reports.Entry{Report: r.Report, Rerun: r.Rerun, Timelines: r.Timelines()}
}

func (r Result) failed(err error) Result {
	r.Report.Verdict, r.Report.Reason = conformance.Error, err.Error()
	r.Err = err
	return r
}

// drive opens the target, runs the scenarios, and leaves the target as it was
// found, also where the run was interrupted.
func drive(ctx context.Context, cfg Config) (runs []conformance.ScenarioRun, p conformance.Profile, err error) {
	t, err := target.Open(ctx, cfg.Target)
	if err != nil {
		return nil, cfg.Target.Profile, err
	}
	p = t.Profile()
	defer func() {
		switch left := Restore(ctx, t); {
		case left != nil && ctx.Err() != nil:
			err = fmt.Errorf("interrupted, and %w", left)
		case left != nil:
			err = errors.Join(err, left)
		}
	}()
	var open func(steps.Scenario, int) (io.WriteCloser, string, error)
	if cfg.Dir != "" {
		open = func(s steps.Scenario, attempt int) (io.WriteCloser, string, error) {
			w, name, err := openTimeline(cfg.Dir, s.ID, attempt)
			if err != nil {
				return nil, "", err
			}
			return cfg.evidence.watch(w, name), name, nil
		}
	}
	runs, err = steps.Run(ctx, steps.Config{
		Scenarios: cfg.Scenarios,
		Target:    Drive(t),
		Open:      open,
		Again:     cfg.again,
		Check:     judge.Check,
		Progress:  cfg.Progress,
		Edition:   Edition,
		Tool:      "ocfsim " + cfg.Version,
	})
	if err == nil {
		err = recognize(ctx, t, runs)
	}
	return runs, p, err
}

// ErrStranger is the error of a run in which another Device answered in the end
// than in the beginning.
var ErrStranger = errors.New("another Device answers")

// recognize wants the Device that was tested to be the one that answers now.
func recognize(ctx context.Context, t *target.Target, runs []conformance.ScenarioRun) error {
	known := assess.Known(runs)
	if known == "" {
		return nil
	}
	di, err := t.Identify(ctx)
	if err != nil || di == "" || di == known {
		return err
	}
	return fmt.Errorf("%w at %s: di was %s, and is %s after the run, though no update and no reset was asked for or seen since",
		ErrStranger, t.Profile().Endpoint, known, di)
}

// further is how often a scenario is run again, besides what Repeat asks for,
// where its breach rests on silence alone.
const further = 2

// again reports whether a scenario is run once more after these attempts.
func (cfg Config) again(attempts []conformance.ScenarioRun) bool {
	n := len(attempts)
	return n < cfg.Repeat || n < max(cfg.Repeat, 1)+further && assess.Doubtful(attempts)
}

// Restore leaves the target as it was found, also where ctx is over. It takes as
// long as a restart of the Device may, and some more. An error is an ErrLeft.
func Restore(ctx context.Context, t *target.Target) error {
	limit := t.Profile().Timing.Reboot + 30*time.Second
	ctx, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), limit, fmt.Errorf("not done within %v", limit))
	defer cancel()
	if err := t.Close(ctx); err != nil {
		return fmt.Errorf("%w: %w", ErrLeft, err)
	}
	return nil
}

// ErrLeft is the error of a run that could not leave the target as it was found.
var ErrLeft = errors.New("the target is not as it was before the run")

// timelinesDir is where in the folder of a run its timelines are.
const timelinesDir = "timelines"

// openTimeline makes the file that an attempt at a scenario is recorded to. The
// first has the scenario's name; no id has a tilde in it.
func openTimeline(dir, scenario string, attempt int) (io.WriteCloser, string, error) {
	if attempt > 1 {
		scenario += fmt.Sprintf("~%d", attempt)
	}
	name := filepath.Join(timelinesDir, scenario+".jsonl")
	f, err := os.Create(filepath.Join(dir, name))
	if err != nil {
		return nil, "", err
	}
	return f, filepath.ToSlash(name), nil
}

// remembered finds the timelines that were just recorded.
func remembered(runs []conformance.ScenarioRun) reports.Timelines {
	byFile := map[string]conformance.Timeline{}
	for _, r := range runs {
		byFile[r.File] = r.Timeline
	}
	return func(name string) (conformance.Timeline, error) {
		tl, ok := byFile[name]
		if !ok {
			return tl, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
		}
		return tl, nil
	}
}

// timelineReader reads the timelines of a folder.
func timelineReader(dir string) func(string) (conformance.Timeline, error) {
	return func(name string) (conformance.Timeline, error) {
		f, err := os.Open(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			return conformance.Timeline{}, err
		}
		defer f.Close()
		return conformance.ReadTimeline(name, f)
	}
}
