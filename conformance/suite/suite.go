package suite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/conformance/steps"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/reports"
)

// Edition is the edition of the seed, by which Devices are judged where nobody says
// another one.
const Edition = edition.OCF10

// Config is a run of the suite. Targets has to name at least one; the zero value
// of everything else is of use.
type Config struct {
	Targets []target.Config
	// Copies are, for each target, more Devices made just like it. Its scenarios are
	// run on it and on them side by side, each on the one that is free first, and are
	// judged together. What a Device does wrong only after many processes shows less
	// then. Nil, or nothing for a target: it runs them all, one after another.
	Copies [][]target.Config
	// Parallel is how many targets are tested at a time; 0: what the function of that
	// name says, fewer of those that have Copies, and up to twice as many more while the
	// machine has time for them.
	Parallel int
	// Edition is the edition that all targets are judged by. "": the one that their
	// files say, which has to be one and the same, or else that of the seed.
	Edition   string
	Selection Selection          // zero: every built-in scenario; its Edition is that of the run
	Sentences []steps.Definition // of one's own, beside the built-in ones
	Waivers   []assess.Waiver    // known breaches that were reviewed; package waiver reads them from a file
	Repeat    int                // how often each scenario is run; 0: once
	KeepGoing bool               // runs all scenarios, also with a Device that stays away; else the run ends early then
	Plain     bool               // runs the scenarios without godog: the same outcome, in less time (steps.Config)
	Strict    bool               // the ambiguous sentences that only warn are judged as fails
	// Dir is where the results are written; made if absent, and cleared of an
	// earlier run's. Until the end they say incomplete, and what is recorded is in its
	// UnfinishedDir. One target writes to Dir itself; of several, each has its own
	// folder in it. "": nothing is written, and what was recorded is remembered as
	// long as the Result is.
	Dir string
	// Capture writes what passes between the harness and each target to CaptureFile in
	// the target's folder, with the secrets of the sessions. It needs a Dir.
	Capture bool
	Version string // of the program that runs, for the record
	Commit  string // of its source; "" where that is unknown
	// Rerun words the command that runs a scenario of a target again, for the
	// reports; nil: they have none.
	Rerun func(target, scenario string) string
	// Remark says what else is to be said of all that was recorded of a target; it
	// changes no verdict. Nil: nothing.
	Remark func([]conformance.Timeline) []assess.Remark
	// Redraw words the command that draws the page of the target in a folder with all that
	// was recorded. It is named by the pages of a run against more than drawn targets, which
	// draw only what did not pass. Nil: each page draws all.
	Redraw func(dir string) string
	// Progress is told how the run goes on, from one goroutine a target; nil for
	// nobody. (*reports.Progress).Show tells it to a terminal.
	Progress func(reports.ProgressEvent)
}

// drawn is of how many targets each page draws all that was recorded: a picture and a table
// of each scenario that passed take two thirds of a page, and nobody looks at those of a
// thousand Devices.
const drawn = 16

// validate names the field that is wrong.
func (c Config) validate() error {
	switch {
	case len(c.Targets) == 0:
		return errors.New("suite: Targets: none to run the scenarios against")
	case len(c.Copies) > 0 && len(c.Copies) != len(c.Targets):
		return fmt.Errorf("suite: Copies: of %d targets, though there are %d", len(c.Copies), len(c.Targets))
	case c.Parallel < 0:
		return fmt.Errorf("suite: Parallel: %d is below 0", c.Parallel)
	case c.Capture && c.Dir == "":
		return errors.New("suite: Capture: there is no Dir to write it to")
	case c.Repeat < 0:
		return fmt.Errorf("suite: Repeat: %d is below 0", c.Repeat)
	}
	if len(c.Sentences) == 0 {
		return nil
	}
	if _, err := steps.NewRunner(steps.Config{Sentences: c.Sentences}); err != nil {
		return fmt.Errorf("suite: Sentences: %w", err)
	}
	return nil
}

// Parallel is how many targets are tested at a time where nobody says: eight for each
// processor that the program may use.
func Parallel() int { return 8 * runtime.GOMAXPROCS(0) }

// Run runs the scenarios in order on each target, and so many targets as Parallel says
// side by side, and judges what was recorded. If Parallel says nothing and not all targets can
// begin at once, those begin first that declare the longest times. The results are in the
// order of the targets. What a Device does wrong, and what fails in the harness while it runs, is in its Result;
// the error says that there was nothing to run, or no place for the results. Where
// ctx ends, what was recorded until then is judged, and the results say so. The
// targets are left as they were found, also then.
func Run(ctx context.Context, cfg Config) ([]Result, error) {
	if _, err := cfg.withdraw(); err != nil {
		return nil, err
	}
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	var err error
	if cfg.Edition, err = EditionOf(cfg.Edition, cfg.Targets); err != nil {
		return nil, fmt.Errorf("suite: Edition: %w", err)
	}
	cfg.Selection.Edition = cfg.Edition
	selection, err := cfg.Selection.Load()
	if err != nil {
		return nil, fmt.Errorf("suite: Selection: %w", err)
	}
	cfg.Selection = selection
	if err := cfg.prepare(); err != nil {
		return nil, err
	}
	runs := cfg.runs()
	results := make([]Result, len(runs))
	for i, r := range runs {
		results[i] = Result{Dir: r.dir, Report: reports.Incomplete(r.assess(r.target.Profile, nil))}
	}
	if err := writeIndex(cfg.Dir, cfg.Dir, results); err != nil {
		return nil, err
	}
	cfg.tested(runs, func(i int) { results[i] = runs[i].do(ctx).brief(len(runs) > 1) })
	if idle := unmatched(results, cfg.Waivers); len(idle) > 0 {
		for i, r := range results {
			results[i] = r.idle(idle).brief(len(results) > 1)
		}
	}
	cfg.finish(results)
	return results, nil
}

// tested does what is to be done with each of the runs, so many side by side as there are places.
// A run gives its place on as soon as its Devices have done their part. When all have, every
// processor may write up what was recorded.
func (c Config) tested(runs []run, do func(i int)) {
	places, end := c.places(len(runs))
	defer end()
	desks := runs[0].desks
	var driving, writing sync.WaitGroup
	for _, i := range c.order() {
		leave, clear := places.take()
		driving.Add(1)
		runs[i].leave = sync.OnceFunc(func() {
			leave()
			driving.Done()
		})
		writing.Go(func() {
			do(i)
			runs[i].leave()
			runs[i] = run{} // what it was made with is not needed any more
			clear()
		})
	}
	driving.Wait()
	desks.open()
	writing.Wait()
}

// withdraw takes back what an earlier run concluded in the folder of the results.
func (c Config) withdraw() (bool, error) {
	if c.Dir == "" {
		return false, nil
	}
	return Withdraw(c.Dir)
}

// prepare makes the folder of the results, and clears it of an earlier run's.
func (c Config) prepare() error {
	if c.Dir == "" {
		return nil
	}
	if err := os.MkdirAll(c.Dir, 0o755); err != nil {
		return err
	}
	for _, dir := range append(folders(c), c.Dir) {
		if err := forget(dir); err != nil {
			return err
		}
	}
	return nil
}

// finish writes the index and moves the files of all runs to their places. If that can't be
// done every run is an error, and nothing in their folders says anything else.
func (c Config) finish(results []Result) {
	if c.Dir == "" {
		return
	}
	err := writeIndex(filepath.Join(c.Dir, UnfinishedDir), c.Dir, results)
	if err == nil {
		err = settle(c.Dir)
	}
	for i, r := range results {
		r.aside = ""
		if err != nil {
			r = r.retract(err, r.Dir, results[i].aside)
		}
		results[i] = r
	}
	if err != nil {
		_ = writeIndex(c.Dir, c.Dir, results) // what failed before may fail again, and then it says incomplete
	}
}

// runs are the runs of the single targets. They share the desks at which results are
// written up.
func (c Config) runs() []run {
	desks, devices, packers, plain := newDesks(), &register{}, &packers{}, &packers{plain: true}
	dirs := folders(c)
	aside := asides(c.Dir, dirs)
	runs := make([]run, len(c.Targets))
	for i, t := range c.Targets {
		runs[i] = run{
			Config: c, target: c.fitted(t, devices), dir: dirs[i], aside: aside[i], started: time.Now(),
			desks: desks, evidence: &ledger{}, packers: packers, bench: benchOf(t),
			deck: newDeck(c.Selection.Scenarios, t.Profile),
		}
		if runs[i].shelving() {
			runs[i].packers = plain
		}
		if len(c.Copies) > 0 {
			for _, t := range c.Copies[i] {
				runs[i].copies = append(runs[i].copies, c.fitted(t, devices))
			}
		}
	}
	return runs
}

// fitted is t as this run tests it.
func (c Config) fitted(t target.Config, devices *register) target.Config {
	t.Profile.Policy.Strict = t.Profile.Policy.Strict || c.Strict
	t.Admit = devices.admitting(t.Admit)
	return t
}

// unmatched are the waivers that name none of the targets.
func unmatched(results []Result, waivers []assess.Waiver) []assess.Waiver {
	var idle []assess.Waiver
	for _, w := range waivers {
		names := func(r Result) bool { return w.Covers(r.Report.Target, r.Report.Edition) }
		if !slices.ContainsFunc(results, names) {
			idle = append(idle, w)
		}
	}
	return idle
}
