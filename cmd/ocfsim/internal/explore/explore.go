package explore

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/conformance/steps"
)

// The default budget of an exploration in virtual time. The tests hold walks to it:
// for each deviation, one walk within the budget has to find it.
const (
	Walks = 2500
	Steps = 12
)

// Config is one exploration.
type Config struct {
	Arena   Arena
	Edition string // that the Arena plays by and that walks are judged by; "": the first
	Seed    uint64
	Steps   int           // stimuli of a walk, at most; at least 1
	Walks   int           // how many walks at most; at least 1
	Time    time.Duration // after which no walk begins; 0: no limit
	Tries   int           // how many shorter walks are tried for each failing walk, at most
	// Repeat is how often a walk is tried again until it fails as before, at most. A
	// real Device may not do the same each time. At least 1.
	Repeat    int
	KeepGoing bool // go on after the first walk that fails, and look for other requirements that are broken
	// Only are the ids of the requirements to look for; empty: all.
	Only     []string
	Warnings bool // a warn counts as found too
	Progress func(Progress)
}

// Progress tells what an exploration is doing.
type Progress struct {
	Walk, Of int    // the number of the walk, from 1, and how many there are
	Breaks   string // the requirement whose walk is being shortened; empty: a new walk is tried
	Length   int    // stimuli of the shortest walk so far
}

// String is p on one line.
func (p Progress) String() string {
	if p.Breaks == "" {
		return fmt.Sprintf("walk %d of %d", p.Walk, p.Of)
	}
	return fmt.Sprintf("walk %d of %d breaks %s; shortened to %s", p.Walk, p.Of, p.Breaks, stimuliOf(p.Length))
}

// Result is the result of an exploration.
type Result struct {
	Walks   int       // walks that were played, not counting the tries to repeat or shorten one
	Stimuli int       // stimuli in these walks
	Found   []Found   // broken requirements, in the order in which they were found
	Warned  []string  // requirements that warned somewhere, sorted
	Passed  []string  // requirements that passed somewhere, sorted
	Missing []string  // conditions that the target does not support
	Trouble []Trouble // walks in which the harness or its surroundings failed
}

// Trouble is a walk in which the harness failed, so that it says nothing of the Device.
type Trouble struct {
	Walk   Walk
	Reason string
}

// Found is a requirement that a walk breaks.
type Found struct {
	Requirement string
	Finding     conformance.Finding
	N           int  // number of the walk, from 1
	First       Walk // as it was drawn
	Walk        Walk // the shortest that fails in the same way
	Also        []string
	Tries       int                       // how many walks were tried to shorten it
	Flaky       bool                      // the breach was not seen again when the walk was repeated
	Runs        []conformance.ScenarioRun // the recorded attempts at Walk
}

// troubles is how many walks in a row may end in Trouble before Run stops, since the
// surroundings seem to be broken.
const troubles = 5

// Run explores. An error means that the harness failed or ctx ended; the Result then
// holds what was found until then.
func Run(ctx context.Context, cfg Config) (Result, error) {
	x := newExploration(cfg)
	began := time.Now()
	inRow := 0
	for n := 1; n <= cfg.Walks; n++ {
		if cfg.Time > 0 && time.Since(began) >= cfg.Time {
			break
		}
		x.tell(Progress{Walk: n, Of: cfg.Walks})
		before := len(x.Trouble)
		if err := x.step(ctx, n); err != nil {
			return x.Result, err
		}
		if inRow++; len(x.Trouble) == before {
			inRow = 0
		}
		if len(x.Found) > 0 && !cfg.KeepGoing || inRow == troubles {
			break
		}
	}
	return x.Result, nil
}

type exploration struct {
	cfg  Config
	gen  generator
	made *assess.Memory // of the walk that was played last
	Result
}

func newExploration(cfg Config) *exploration {
	return &exploration{cfg: cfg, gen: generator{
		seed: cfg.Seed, length: cfg.Steps, profile: cfg.Arena.Profile(), edition: edition.Of(cfg.Edition), missing: map[string]bool{},
	}}
}

func (x *exploration) tell(p Progress) {
	if x.cfg.Progress != nil {
		x.cfg.Progress(p)
	}
}

// step plays walk n and shortens it for each requirement that it breaks.
func (x *exploration) step(ctx context.Context, n int) error {
	w := x.gen.walk(n)
	runs, err := x.play(ctx, w.Scenario(fmt.Sprintf("Walk %d", n)))
	if err != nil {
		return err
	}
	run := runs[len(runs)-1]
	x.Walks++
	x.Stimuli += len(w.Whens)
	x.learn(run)
	broken := x.judge(runs)
	if len(broken) == 0 && run.Err != "" {
		x.Trouble = append(x.Trouble, Trouble{w, run.Err})
	}
	var fresh []assess.RequirementResult
	for _, q := range broken {
		if !x.has(q.ID) {
			fresh = append(fresh, q)
		}
	}
	for i, q := range fresh {
		f, err := x.found(ctx, n, w, q, runs)
		for _, other := range broken {
			if other.ID != q.ID {
				f.Also = append(f.Also, other.ID)
			}
		}
		x.Found = append(x.Found, f)
		if err != nil {
			return err
		}
		if !x.cfg.KeepGoing && i == 0 {
			break
		}
	}
	return nil
}

// has reports whether the requirement was found broken before.
func (x *exploration) has(id string) bool {
	return slices.ContainsFunc(x.Found, func(f Found) bool { return f.Requirement == id })
}

// learn notes the conditions that the target does not support.
func (x *exploration) learn(run conformance.ScenarioRun) {
	for _, o := range run.Timeline.Observations {
		if o.Kind == conformance.Condition && o.Outcome == conformance.Unsupported && !x.gen.missing[o.Name] {
			x.gen.missing[o.Name] = true
			x.Missing = append(x.Missing, o.Name)
		}
	}
}

// play runs s. If the run shows a breach that rests on silence alone, play runs s again:
// a datagram may have been lost (docs/adr/0047).
func (x *exploration) play(ctx context.Context, s steps.Scenario) ([]conformance.ScenarioRun, error) {
	var runs []conformance.ScenarioRun
	x.made = &assess.Memory{}
	for {
		run, err := x.cfg.Arena.Play(ctx, s)
		if err != nil {
			return nil, err
		}
		runs = append(runs, run)
		if len(runs) == assess.Most || !assess.Doubtful(runs, x.made) {
			return runs, nil
		}
	}
}

// judge has all requirements judge the runs, and returns those that are broken and that
// count, in the order of the requirements.
func (x *exploration) judge(runs []conformance.ScenarioRun) []assess.RequirementResult {
	var broken []assess.RequirementResult
	for _, q := range x.assess(runs) {
		switch q.Verdict {
		case conformance.Pass:
			x.Passed = insert(x.Passed, q.ID)
		case conformance.Warn:
			x.Warned = insert(x.Warned, q.ID)
		}
		if x.counts(q) {
			broken = append(broken, q)
		}
	}
	return broken
}

// assess has all requirements judge the runs, which are those of the walk that was played
// last.
func (x *exploration) assess(runs []conformance.ScenarioRun) []assess.RequirementResult {
	return assess.Run{Edition: edition.Of(x.cfg.Edition).ID, Target: x.cfg.Arena.Profile(), Scenarios: runs, Memory: x.made}.Assess().Requirements
}

func insert(sorted []string, id string) []string {
	i, ok := slices.BinarySearch(sorted, id)
	if ok {
		return sorted
	}
	return slices.Insert(sorted, i, id)
}

// counts reports whether q is a breach that the exploration looks for.
func (x *exploration) counts(q assess.RequirementResult) bool {
	bad := q.Verdict == conformance.Fail || q.Verdict == conformance.Warn && x.cfg.Warnings
	return bad && (len(x.cfg.Only) == 0 || slices.Contains(x.cfg.Only, q.ID))
}

// found shortens the walk w, which broke q.
func (x *exploration) found(ctx context.Context, n int, w Walk, q assess.RequirementResult, runs []conformance.ScenarioRun) (Found, error) {
	f := Found{Requirement: q.ID, Finding: worst(q), N: n, First: w, Walk: w, Runs: runs, Flaky: true}
	x.tell(Progress{Walk: n, Of: x.cfg.Walks, Breaks: q.ID, Length: len(w.Whens)})
	var failed error
	again := func(shorter Walk) bool {
		if failed != nil {
			return false
		}
		f.Tries++
		runs, err := x.play(ctx, shorter.Scenario(title(q.ID), q.ID))
		if err != nil {
			failed = err
			return false
		}
		for _, r := range x.assess(runs) {
			if r.ID == q.ID && r.Verdict == q.Verdict {
				f.Walk, f.Runs, f.Finding = shorter, runs, worst(r)
				x.tell(Progress{Walk: n, Of: x.cfg.Walks, Breaks: q.ID, Length: len(shorter.Whens)})
				return true
			}
		}
		return false
	}
	for range max(1, x.cfg.Repeat) {
		if again(w) {
			f.Flaky = false
			break
		}
	}
	if !f.Flaky {
		shrink(w, x.cfg.Tries, again)
	}
	return f, failed
}

// title is the name of the scenario that a walk becomes.
func title(requirement string) string { return "A walk that breaks " + requirement }

// worst is the first finding with the verdict of q.
func worst(q assess.RequirementResult) conformance.Finding {
	for _, f := range q.Findings {
		if f.Verdict == q.Verdict {
			return f
		}
	}
	return conformance.Finding{Verdict: q.Verdict, Reason: q.Reason, Witness: -1}
}
