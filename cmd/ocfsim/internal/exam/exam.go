// Package exam tries the suite itself: with deviant Devices, each of which has
// to turn red exactly the requirements that it breaks, and with compliant ones,
// which have to turn none red. All of it runs in virtual time.
package exam

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/bubble"
	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/conformance/steps"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

// Config describes one exam.
type Config struct {
	Candidates []Candidate
	Selection  suite.Selection                  // already loaded, and shared by all candidates
	Setting    Setting                          // zero: the usual one
	Edition    string                           // the one to judge by; "": that of the seed
	Waivers    []assess.Waiver                  // breaches that are accepted
	Select     func(Candidate) []steps.Scenario // of Selection, for one candidate; nil: all of it
	Progress   func(done, of int, last *Result) // after each candidate; may be nil
	// Bench changes what each candidate's target declares of its bench, such as the
	// conditions that can be had; nil leaves it as it is.
	Bench func(*target.Config)
	// Look is shown what the suite reported of each candidate, while the recordings
	// are still there, from several goroutines at a time. It may be nil.
	Look func(Candidate, suite.Result)
}

// Result is what the suite made of one Candidate.
type Result struct {
	Candidate
	Red        []Catch                 // requirements that failed or warned, in the order of requirements.yaml
	Missed     []string                // declared, and not red
	Undeclared []string                // red, and not declared; or scenarios that fail though no requirement does
	Open       []string                // inconclusive, which only a bad network or a condition that fails or is not there may cause
	Unsettled  []assess.ScenarioResult // the scenarios that ended inconclusive
	Escaped    []string                // of Breaks, and neither red nor inconclusive
	Err        error                   // of the harness, or of an interruption
}

// Catch is a requirement that turned red, and the first scenario that did it.
type Catch struct {
	Requirement string
	Verdict     conformance.Verdict
	Finding     conformance.Finding
}

// Right reports whether exactly what was declared turned red.
func (o Result) Right() bool { return o.Err == nil && len(o.Missed) == 0 && len(o.Undeclared) == 0 }

// Killed reports whether a deviant was caught for what it does wrong.
func (o Result) Killed() bool {
	return o.Kind == Deviant && o.Err == nil && !slices.ContainsFunc(o.Missed, func(id string) bool { return slices.Contains(o.Breaks, id) })
}

// Run tries each candidate with all scenarios, as many candidates at a time as
// there are processors. If ctx ends, the outcomes of those that were not tried yet
// have its error.
func Run(ctx context.Context, cfg Config) ([]Result, error) {
	if len(cfg.Candidates) == 0 || len(cfg.Selection.Scenarios) == 0 {
		return nil, fmt.Errorf("nothing to try: %s, %s", ocf.Count(len(cfg.Candidates), "Device"), ocf.Count(len(cfg.Selection.Scenarios), "scenario"))
	}
	outcomes := make([]Result, len(cfg.Candidates))
	next := make(chan int)
	var (
		all  sync.WaitGroup
		mu   sync.Mutex
		done int
	)
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for i := range next {
				o := try(ctx, cfg, cfg.Candidates[i])
				mu.Lock()
				outcomes[i] = o
				done++
				if cfg.Progress != nil {
					cfg.Progress(done, len(outcomes), &o)
				}
				mu.Unlock()
			}
		})
	}
	for _, i := range longestFirst(cfg.Candidates) {
		next <- i
	}
	close(next)
	all.Wait()
	return outcomes, nil
}

// longestFirst puts the candidates with security first. They take longest, and one
// that began last would make the exam wait for it alone.
func longestFirst(list []Candidate) []int {
	var first, then []int
	for i, c := range list {
		if c.Secured {
			first = append(first, i)
		} else {
			then = append(then, i)
		}
	}
	return append(first, then...)
}

func try(ctx context.Context, cfg Config, c Candidate) Result {
	if ctx.Err() != nil {
		return Result{Candidate: c, Err: ctx.Err()}
	}
	report, err := run(cfg, c)
	o := Result{Candidate: c, Err: err}
	if err != nil {
		return o
	}
	var green []string
	for _, q := range report.Requirements {
		switch {
		case q.Verdict == conformance.Warn && slices.Contains(c.May, q.ID):
		case q.Verdict == conformance.Fail, q.Verdict == conformance.Warn:
			o.Red = append(o.Red, Catch{Requirement: q.ID, Verdict: q.Verdict, Finding: finding(q)})
		case q.Verdict == conformance.Inconclusive:
			o.Open = append(o.Open, q.ID)
		default:
			green = append(green, q.ID)
		}
	}
	for _, s := range report.Scenarios {
		if s.Verdict == conformance.Inconclusive {
			o.Unsettled = append(o.Unsettled, s)
		}
	}
	o.Undeclared = unnamed(report, o.Red)
	declared := c.Declared()
	for _, id := range declared {
		if !o.caught(id) {
			o.Missed = append(o.Missed, id)
			if slices.Contains(green, id) && slices.Contains(c.Breaks, id) {
				o.Escaped = append(o.Escaped, id)
			}
		}
	}
	for _, r := range o.Red {
		if !slices.Contains(declared, r.Requirement) {
			o.Undeclared = append(o.Undeclared, r.Requirement)
		}
	}
	return o
}

// unnamed are the scenarios that fail of a Device that fails no requirement: what they
// expect is wrong, or a requirement is missing.
func unnamed(report assess.Report, red []Catch) []string {
	if slices.ContainsFunc(red, func(c Catch) bool { return c.Verdict == conformance.Fail }) {
		return nil
	}
	var ids []string
	for _, s := range report.Scenarios {
		if s.Verdict == conformance.Fail {
			ids = append(ids, s.ID)
		}
	}
	return ids
}

func (o Result) caught(id string) bool {
	return slices.ContainsFunc(o.Red, func(c Catch) bool { return c.Requirement == id })
}

// finding is the first finding that gave q its verdict.
func finding(q assess.RequirementResult) conformance.Finding {
	for _, f := range q.Findings {
		if f.Verdict == q.Verdict {
			return f
		}
	}
	return conformance.Finding{Verdict: q.Verdict, Witness: -1}
}

// run runs the scenarios against c in a bubble.
func run(cfg Config, c Candidate) (assess.Report, error) {
	specimen, err := cfg.Setting.specimen(c)
	if err != nil {
		return assess.Report{}, err
	}
	selection := cfg.Selection
	if cfg.Select != nil {
		selection.Scenarios = cfg.Select(c)
	}
	var report assess.Report
	err = bubble.Run(func() error {
		l, err := lab.OpenVirtual(lab.Config{
			Specimens: []lab.Specimen{specimen}, Unsecured: !c.Secured && !cfg.Setting.Secured, Seed: 1,
		}, memnet.New(cfg.Setting.Seed, cfg.Setting.Network))
		if err != nil {
			return err
		}
		targets := []target.Config{cfg.Setting.describe(l.Targets()[0])}
		if cfg.Bench != nil {
			cfg.Bench(&targets[0])
		}
		results, err := suite.Run(context.Background(), suite.Config{Targets: targets, Selection: selection, Plain: true, Edition: cfg.Edition, Waivers: cfg.Waivers})
		if err != nil {
			return errors.Join(err, l.Close())
		}
		report = results[0].Report
		if cfg.Look != nil {
			cfg.Look(c, results[0])
		}
		return errors.Join(results[0].Err, l.Close())
	})
	if err == nil && report.Verdict == conformance.Error && c.Kind != Deviant {
		err = errors.New(errorsOf(report))
	}
	return report, err
}

// errorsOf says why the verdict of report is error.
func errorsOf(report assess.Report) string {
	var parts []string
	if report.Reason != "" {
		parts = append(parts, report.Reason)
	}
	for _, s := range report.Scenarios {
		if s.Verdict == conformance.Error {
			parts = append(parts, s.ID+": "+s.Reason)
		}
	}
	return strings.Join(parts, "; ")
}
