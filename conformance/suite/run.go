package suite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/conformance/durable"
	"github.com/ocfsim/ocfsim/conformance/steps"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/ocf/capture"
	"github.com/ocfsim/ocfsim/reports"
)

// run is the run against one of the targets.
type run struct {
	Config
	target  target.Config
	copies  []target.Config // Devices like it, which share its scenarios
	deck    *deck
	dir     string // of this target; "" where nothing is written
	aside   string // what is written while it runs; of this target too
	started time.Time
	bench   *assess.Bench
	// leave gives the place of the run to the next one: its Devices have done their part.
	leave func()
	desks desks // which all runs share
	// capture is what passes on the wire; nil where that is not asked for.
	capture *capture.Writer
	scene   *scene // of this Device
	// evidence is what was recorded; it is packed by one of the packers, which all runs
	// share.
	evidence *ledger
	packers  *packers
	reel     *reel // of this Device; nil where each timeline has a file
}

// do drives the target through the scenarios and judges what was recorded. A
// report that says incomplete is written first, so that a crash never leaves
// a pass behind. A defect of this program that panics is the error of this run,
// and takes none with it that goes on beside it.
func (r run) do(ctx context.Context) (res Result) {
	r.started = time.Now()
	defer func() {
		if p := recover(); p != nil {
			res = res.failed(fmt.Errorf("internal error: %v\n%s", p, debug.Stack()))
		}
	}()
	res = Result{Dir: r.dir, aside: r.aside, Rerun: r.rerun(), redraw: r.redraw(), Report: r.assess(r.target.Profile, nil)}
	if err := r.begin(res.Report); err != nil {
		return res.retract(err, r.dir)
	}
	if err := r.beginCapture(); err != nil {
		return res.retract(err, r.dir)
	}
	runs, profile, err := r.share(ctx)
	r.leave()
	res.Report = r.assess(profile, runs)
	res.Report.Remarks = append(res.Report.Remarks, remarks(r.Remark, runs)...)
	err = errors.Join(err, r.endCapture(res.Report, runs))
	res.Report.DurationS = time.Since(r.started).Seconds()
	res.Interrupted = ctx.Err() != nil && !errors.Is(err, ErrLeft)
	switch {
	case res.Interrupted:
		res.Report.Verdict, res.Report.Reason = conformance.Error, reports.Interrupted
	case errors.Is(err, steps.ErrAway) && strings.HasPrefix(res.Report.Reason, assess.DiedOf):
		res.Report.Reason += "; " + inOneLine(err) // what it died of is why it is away, and why it can't be given back
	case err != nil:
		res.Report.Verdict, res.Report.Reason, res.Err = conformance.Error, inOneLine(err), err
	}
	if r.dir == "" {
		res.timelines = remembered(runs)
		return res
	}
	defer r.desks.sit()()
	if err := r.shelve(&res.Report, runs); err != nil {
		res = res.failed(err)
	}
	res.timelines = remembered(runs)
	if err := r.evidence.save(r.aside); err != nil {
		res = res.failed(err)
	}
	res = res.save()
	res.timelines = nil // they are on disk
	return res
}

// inOneLine says what went wrong, each thing after the other.
func inOneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }

// rerun is the command that runs a scenario against this target again. It does not hold r,
// for the result has it until all targets are tested.
func (r run) rerun() func(string) string {
	if r.Rerun == nil {
		return nil
	}
	word, name := r.Rerun, r.target.Profile.Name
	return func(scenario string) string { return word(name, scenario) }
}

// redraw is the command that draws the page with all that was recorded; "" where the page of
// the run does.
func (r run) redraw() string {
	if r.Redraw == nil || len(r.Targets) <= drawn {
		return ""
	}
	return r.Redraw(r.dir)
}

// begin makes the folder, with results that say incomplete, and the one that the run
// writes to.
func (r run) begin(report assess.Report) error {
	if r.dir == "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Join(r.aside, timelinesDir), 0o755); err != nil {
		return err
	}
	if err := os.MkdirAll(r.dir, 0o755); err != nil {
		return err
	}
	return durable.WriteFile(filepath.Join(r.dir, reports.ResultsFile), durable.Readable, func(w io.Writer) error {
		return reports.JSON(w, reports.Incomplete(report))
	})
}

// assess is the report on what was recorded of the profile's owner.
func (r run) assess(p conformance.Profile, runs []conformance.ScenarioRun) assess.Report {
	return r.assessed(p, runs).Assess()
}

// assessed is what is assessed of r, with what was recorded of the profile's owner.
func (r run) assessed(p conformance.Profile, runs []conformance.ScenarioRun) assess.Run {
	return assess.Run{
		Tool:    assess.Tool{Name: "ocfsim", Version: r.Version, Commit: r.Commit},
		Edition: r.Edition, Target: p, Identity: assess.Identity(r.target.Identity), Bench: r.bench, Started: r.started, Scenarios: runs, Partial: r.Selection.Partial,
		Total: r.Selection.total(), Waivers: r.Waivers, Memory: &r.deck.made,
	}
}

// drive opens the target, runs the scenarios that none of its copies has taken, and
// leaves the target as it was found, also where the run was interrupted.
func (r run) drive(ctx context.Context) (runs []conformance.ScenarioRun, p conformance.Profile, err error) {
	leave := func() {}
	defer func() { leave() }()
	if admit := r.target.Admit; r.target.Dial == nil { // what isn't reached over the network has no name on this machine
		r.target.Admit = func(p conformance.Profile) (err error) {
			if leave, err = sit(p.Endpoint); err != nil {
				leave = func() {}
				return err
			}
			return admit(p)
		}
	}
	r.scene = r.watched()
	if r.scene != nil {
		r.target.Capture = r.scene
	}
	t, err := target.Open(ctx, r.target)
	if errors.Is(err, target.ErrOwed) && ctx.Err() != nil { // interrupted while it became the owner
		err = fmt.Errorf("interrupted, and %w: %w", ErrLeft, err)
	}
	if err != nil {
		return nil, r.target.Profile, err
	}
	p = t.Profile()
	defer func() {
		r.scene.set(afterwards)
		switch left := Restore(ctx, t); {
		case left != nil && ctx.Err() != nil:
			err = fmt.Errorf("interrupted, and %w", left)
		case left != nil:
			err = errors.Join(err, left)
		}
	}()
	told := conformance.Inconclusive // where nobody is told, it may be so
	how := steps.Config{
		Scenarios: r.Selection.Scenarios,
		Take:      r.deck.take,
		Target:    Drive(t),
		Sentences: r.Sentences,
		Again:     r.repeats(&told),
		Verdict:   r.verdicts(&told),
		KeepGoing: r.KeepGoing,
		Plain:     r.Plain,
		Edition:   r.Edition,
		Tool:      "ocfsim " + r.Version,
	}
	if r.dir != "" {
		how.Open = r.open
	}
	if r.Progress != nil {
		how.Progress = r.tell
	}
	runs, err = steps.Run(ctx, how)
	if r.dir == "" {
		name(runs)
	}
	if err == nil {
		err = recognize(ctx, t, runs)
	}
	return runs, p, err
}

// open begins the timeline of an attempt: on the Device's reel where it has one, else in a
// file, whose sum the evidence has.
func (r run) open(s steps.Scenario, attempt int) (io.WriteCloser, string, error) {
	if r.reel != nil {
		name := timelineName(s.ID, attempt)
		w, err := r.reel.record(name)
		if err != nil {
			return nil, "", err
		}
		return r.packers.pack(w), name, nil
	}
	w, name, err := openTimeline(r.aside, s.ID, attempt)
	if err != nil {
		return nil, "", err
	}
	r.scene.set(during + name)
	return r.packers.pack(r.evidence.watch(w, name)), name, nil
}

// verdicts says what the judges make of each scenario when it has ended, after these
// attempts at it. An error is looked at once more with the scenarios before it, in
// which the Device may have died. What only a later scenario shows, as a network that
// loses datagrams, may still soften a verdict. told is what they made of the latest.
func (r run) verdicts(told *conformance.Verdict) func(attempts []conformance.ScenarioRun) (conformance.Verdict, string) {
	var before, latest []conformance.ScenarioRun
	return func(attempts []conformance.ScenarioRun) (conformance.Verdict, string) {
		if len(latest) > 0 && latest[0].ID != attempts[0].ID {
			before = append(before, latest...)
		}
		latest = attempts
		rows := r.assessed(attempts[0].Timeline.Header.Target, attempts).Rows()
		if rows[0].Verdict == conformance.Error {
			rows = r.assessed(attempts[0].Timeline.Header.Target, slices.Concat(before, attempts)).Rows()
		}
		last := rows[len(rows)-1]
		*told = last.Verdict
		return last.Verdict, last.Reason
	}
}

// tell is p as the terminal tells it.
func (r run) tell(p steps.Progress) {
	if p.Moment == steps.Ends && p.Attempt == 1 {
		r.deck.ends(steps.CostOf(p.Scenario, r.target.Profile))
	}
	ended, spent := r.deck.progress()
	e := reports.ProgressEvent{
		Target: r.target.Profile.Name, Scenario: p.Scenario.ID, Done: ended, Total: p.Of,
		Spent: reports.Cost(spent), All: reports.Cost(r.deck.all),
	}
	switch p.Moment {
	case steps.Waits:
		e.Waiting, e.Bound = p.Text, p.Bound
	case steps.Ends:
		e.Ended, e.Verdict, e.Reason, e.Took = true, p.Outcome, p.Text, time.Since(p.Since)
	}
	r.Progress(e)
}

// ErrStranger is the error of a run at whose end another Device answered than at
// its beginning.
var ErrStranger = errors.New("another Device answers")

// recognize is an error where another Device answers now than the one that was
// tested.
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

// late is how often, where everybody was late: on a machine with too much to do that is so
// again and again.
const late = 4

// inVain is of how many scenarios in a row further attempts showed no more than the first,
// before one that was late is not run again any more.
const inVain = 3

// repeats says whether a scenario is run once more after these attempts: as often as was
// asked for, and a few times more where what is missing may have passed unseen. told is what
// the judges made of them.
func (r run) repeats(told *conformance.Verdict) func(attempts []conformance.ScenarioRun) bool {
	vain := 0
	return func(attempts []conformance.ScenarioRun) bool {
		n := len(attempts)
		if n < r.Repeat || n < max(r.Repeat, 1)-1+assess.Most && assess.Doubtful(attempts, &r.deck.made) {
			return true
		}
		open := *told == conformance.Inconclusive && r.assessed(attempts[0].Timeline.Header.Target, attempts).Late()
		switch {
		case open && n < max(r.Repeat, 1)+late:
			return vain < inVain
		case open:
			vain++
		case n > 1:
			vain = 0
		}
		return false
	}
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
