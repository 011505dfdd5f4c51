package steps

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
)

// Config is what Run needs. Take, Open, Again, Verdict and Progress may be nil.
type Config struct {
	Scenarios []Scenario
	Target    Target
	// Sentences are added to the language of this package.
	Sentences []Definition
	// Take says whether the scenario at this place, from 0, is run here; it is asked
	// when its turn has come. Without it every scenario is.
	Take func(i int) bool
	// Open returns where the Timeline of a scenario's attempt, from 1, is
	// written, and the name that the report cites it by.
	Open func(s Scenario, attempt int) (io.WriteCloser, string, error)
	// Again decides whether a scenario is run once more after these attempts at
	// it. A scenario that does not apply or was interrupted is never run again.
	Again func(attempts []conformance.ScenarioRun) bool
	// Verdict is what the judges make of a scenario after these attempts at it, and
	// why, for the Outcome of a Progress. Without it an Outcome says only what needs
	// no judge.
	Verdict func(attempts []conformance.ScenarioRun) (conformance.Verdict, string)
	// Progress is called from the goroutine that called Run.
	Progress func(Progress)
	// KeepGoing runs all scenarios, also where the Device stays away; without it
	// Run ends early then, with ErrAway.
	KeepGoing bool
	// Plain matches and executes the sentences without godog. The outcome is the same,
	// in much less time: for those who run the scenarios thousands of times.
	Plain   bool
	Edition string
	Tool    string
}

// Moment is what a Progress tells of.
type Moment string

// The moments of a run.
const (
	Begins Moment = "begins" // a scenario begins
	Waits  Moment = "waits"  // it waits for what Text says, at most Bound
	Ends   Moment = "ends"   // it ended with Outcome
)

// Progress tells what a run is doing.
type Progress struct {
	Moment   Moment
	Scenario Scenario
	N, Of    int           // the scenario's place in the run, from 1
	Attempt  int           // at the scenario, from 1
	Text     string        // what is waited for; the reason at the end
	Since    time.Time     // when the wait or the scenario began
	Bound    time.Duration // how long the wait may last
	// Outcome is the verdict on the attempts until now; None where nobody has judged.
	Outcome conformance.Verdict
}

// Run runs the scenarios in order and returns what was recorded of each. What a
// Device does wrong is in the Timelines. The error is the context's, if it was
// cancelled, or ErrAway; scenarios that had not begun by then are left out. Attempts at the
// same scenario follow each other.
func Run(ctx context.Context, cfg Config) ([]conformance.ScenarioRun, error) {
	if cfg.Target == nil {
		return nil, errors.New("no target to run scenarios against")
	}
	if len(cfg.Scenarios) == 0 {
		return nil, errors.New("no scenarios to run")
	}
	runner, err := NewRunner(cfg)
	if err != nil {
		return nil, err
	}
	var runs []conformance.ScenarioRun
	for i, s := range cfg.Scenarios {
		if ctx.Err() != nil {
			return runs, ctx.Err()
		}
		if cfg.Take != nil && !cfg.Take(i) {
			continue
		}
		first := len(runs)
		for {
			runs = append(runs, runner.play(ctx, s, runs[first:]))
			if ctx.Err() != nil || !cfg.again(runs[first:]) {
				break
			}
		}
		if left := len(cfg.Scenarios) - i - 1; runner.memory.away >= patienceWith && left > 0 && !cfg.KeepGoing && ctx.Err() == nil {
			return runs, fmt.Errorf("%w: it answered nothing in %d scenarios in a row; %d were not run", ErrAway, patienceWith, left)
		}
	}
	return runs, ctx.Err()
}

// again reports whether the scenario of these attempts is run once more.
func (c Config) again(attempts []conformance.ScenarioRun) bool {
	return c.Again != nil && attempts[len(attempts)-1].Skipped == "" && c.Again(attempts)
}

// Runner runs scenarios against one target that are not known beforehand. It is
// not safe for concurrent use.
type Runner struct {
	cfg      Config
	began    time.Time // when it played first: all its Timelines have the time of day from then on
	memory   *memory
	language *language
	played   int
}

// NewRunner readies the language for a target. The Scenarios of cfg only say,
// for Progress, how many are to come. The error is of one of cfg's own sentences.
func NewRunner(cfg Config) (*Runner, error) {
	words, err := languageWith(cfg.Sentences)
	if err != nil {
		return nil, err
	}
	return &Runner{cfg: cfg, memory: &memory{}, language: words}, nil
}

// On is a Runner for another target. It shares nothing with r but the language.
func (r *Runner) On(t Target) *Runner {
	cfg := r.cfg
	cfg.Target = t
	return &Runner{cfg: cfg, memory: &memory{}, language: r.language}
}

// Play runs s and returns what was recorded. It never fails: what went wrong,
// an interruption too, is in the result.
func (r *Runner) Play(ctx context.Context, s Scenario) conformance.ScenarioRun {
	return r.play(ctx, s, nil)
}

// play is the attempt at s that follows these.
func (r *Runner) play(ctx context.Context, s Scenario, before []conformance.ScenarioRun) conformance.ScenarioRun {
	if len(before) == 0 {
		r.played++
	}
	one := &run{cfg: r.cfg, time: r.time, scenario: s, n: r.played, attempt: len(before) + 1, before: before, memory: r.memory, language: r.language}
	return one.play(ctx)
}

// time is the time of day, as the clock said it when r played first and as it has gone on evenly
// since: the Timelines of a run follow one another also where somebody sets the clock meanwhile.
func (r *Runner) time() time.Time {
	if r.began.IsZero() {
		r.began = time.Now()
	}
	return r.began.Add(time.Since(r.began))
}

// memory is what one scenario of a run hands on to the next.
type memory struct {
	// found is what is on offer where nobody arranges it, by the Device's own
	// results; "" where they do not say.
	found string
	// stuck is the state in which the Device failed to come to rest within its
	// own bounds. Waiting for that again would teach nothing.
	stuck string
	// legible says that pstat could be read, in this scenario or in one before.
	legible bool
	// hides says that the Device did not show what it was to do by itself.
	hides bool
	// lost says that renewing the Device was tried in vain.
	lost bool
	// failed is how often in a row renewing it failed.
	failed int
	// silent says that the Device did not answer at all; heard, that it ever did.
	silent, heard bool
	// away is how many scenarios in a row ended with the Device silent.
	away int
	// revived is how often in a row it was restarted for its silence in vain.
	revived int
	// slowest is the longest that an answer was seen to take, and lossy says that
	// the network was seen to lose datagrams.
	slowest time.Duration
	lossy   bool
	// opened says that the gate was opened once: before that, a run that was
	// killed may have left it closed.
	opened bool
	// full is how many scenarios of the run had no room left for what the Device sent.
	full int
}

// run is one scenario on its way.
type run struct {
	cfg      Config
	time     func() time.Time
	scenario Scenario
	n        int
	attempt  int
	before   []conformance.ScenarioRun // the attempts before
	memory   *memory
	language *language
}

// play runs the scenario. It never fails: what went wrong is in the result.
func (r *run) play(ctx context.Context) (out conformance.ScenarioRun) {
	s, began := r.scenario, time.Now()
	out = conformance.ScenarioRun{ID: s.ID, Name: s.Name, Feature: s.Feature, Tags: s.Tags, Requirements: s.Requirements}
	r.tell(Progress{Moment: Begins, Since: began})
	defer func() {
		out.Duration = time.Since(began)
		r.tell(r.ended(out, began))
	}()
	header := r.header(r.time())
	if why := Applicable(s, header.Target); why != "" {
		out.Skipped, out.Timeline.Header = why, header
		return out
	}
	var w io.Writer
	if r.cfg.Open != nil {
		file, name, err := r.cfg.Open(s, r.attempt)
		if err != nil {
			out.Err, out.Timeline.Header = fmt.Sprintf("opening the timeline: %v", err), header
			return out
		}
		w, out.File = file, name
		defer func() {
			if err := file.Close(); err != nil && out.Err == "" {
				out.Err = fmt.Sprintf("closing the timeline: %v", err)
			}
		}()
	}
	stuck, err := r.renew(ctx, header.Target)
	if ctx.Err() != nil {
		classify(ctx.Err(), &out)
		out.Timeline = conformance.NewRecorder(header, w).Timeline() // the file begins with its header
		return out
	}
	header.Started = r.time()
	rec := conformance.NewRecorder(header, w)
	rec.Confine(conformance.FullRoom().Less(r.memory.full))
	if err != nil { // the Given says what can't be tested for that
		rec.Append(conformance.Observation{Kind: conformance.Note, Text: err.Error()})
	}
	if stuck != "" {
		rec.Append(conformance.Observation{Kind: conformance.Note, Text: "the Device was renewed before this scenario, for it was stuck: " + stuck})
	}
	t := newTrial(r, header.Target, rec)
	classify(t.perform(ctx), &out)
	if rec.Finish(); rec.Full() {
		r.memory.full++
	}
	if err := rec.Err(); err != nil && out.Err == "" {
		out.Err = fmt.Sprintf("writing the timeline: %v", err)
	}
	out.Timeline = rec.Timeline()
	if r.memory.silent {
		r.memory.away++
	} else {
		r.memory.away = 0
	}
	r.memory.lossy = r.memory.lossy || out.Timeline.Lossy()
	return out
}

func (r *run) header(began time.Time) conformance.Header {
	s := r.scenario
	return conformance.Header{
		Schema: conformance.TimelineSchema, Tool: r.cfg.Tool, Edition: r.cfg.Edition, Scenario: s.ID, Name: s.Name,
		Feature: s.Feature, Tags: s.Tags, Started: began, Target: r.cfg.Target.Profile(),
	}
}

func (r *run) tell(p Progress) {
	if r.cfg.Progress == nil {
		return
	}
	p.Scenario, p.N, p.Of, p.Attempt = r.scenario, r.n, len(r.cfg.Scenarios), r.attempt
	r.cfg.Progress(p)
}

// classify sorts the error of a scenario into what the report says of it.
func classify(err error, out *conformance.ScenarioRun) {
	var not notTestable
	var skipped notApplicable
	switch {
	case err == nil:
	case errors.Is(err, context.Canceled):
		out.Err = "interrupted"
	case errors.As(err, &skipped):
		out.Skipped = skipped.why
	case errors.As(err, &not):
		out.NotTestable = not.Error()
	default:
		out.Err = err.Error()
	}
}

// ended is the Progress of a scenario that is over.
func (r *run) ended(out conformance.ScenarioRun, began time.Time) Progress {
	p := Progress{Moment: Ends, Since: began}
	switch {
	case r.cfg.Progress == nil: // nobody is told
	case r.cfg.Verdict != nil:
		p.Outcome, p.Text = r.cfg.Verdict(append(slices.Clone(r.before), out))
	case out.Err != "":
		p.Outcome, p.Text = conformance.Error, out.Err
	case out.Skipped != "":
		p.Outcome, p.Text = conformance.NotApplicable, out.Skipped
	case out.NotTestable != "":
		p.Outcome, p.Text = conformance.Inconclusive, out.NotTestable
	}
	return p
}
