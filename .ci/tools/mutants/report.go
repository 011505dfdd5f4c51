package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"time"
)

// score is how many of the mutants that were tried were killed.
type score struct{ tried, killed int }

func (s *score) count(m *mutant) {
	s.tried++
	if m.dead() {
		s.killed++
	}
}

// share is the share of killed mutants, in percent.
func (s score) share() float64 {
	if s.tried == 0 {
		return 0
	}
	return 100 * float64(s.killed) / float64(s.tried)
}

// nearly reports whether the share reaches the threshold, or misses it by less than one
// mutant: in a small function one mutant may survive.
func (s score) nearly(threshold float64) bool {
	return float64(s.tried-s.killed) <= math.Ceil(float64(s.tried)*(100-threshold)/100-1e-9)
}

// tally counts the mutants while a run goes on, and says when it has tried enough.
type tally struct {
	bounds
	score
	waiting int // mutants of changed functions that are not tried yet
	began   time.Time
}

func newTally(p *plan, b bounds) *tally {
	t := &tally{bounds: b, began: time.Now()}
	for _, m := range p.known {
		t.score.count(m)
	}
	for _, m := range p.order {
		if m.Changed {
			t.waiting++
		}
	}
	return t
}

func (t *tally) count(m *mutant) {
	t.score.count(m)
	if m.Changed {
		t.waiting--
	}
}

func (t *tally) elapsed() time.Duration { return time.Since(t.began) }

// goOn reports whether another mutant is to be tried. If a sample is below the threshold,
// the run goes on for a while: that may be chance, which evens out, or a gap in the tests,
// which does not.
func (t *tally) goOn() bool { return t.more(t.elapsed()) }

func (t *tally) more(elapsed time.Duration) bool {
	switch {
	case t.within == 0 || elapsed < t.within:
		return true
	case elapsed >= t.within+t.extend:
		return false
	}
	return t.waiting > 0 || t.share() < t.threshold
}

// outcome is the result of a run.
type outcome struct {
	Seed    uint64    `json:"seed"`
	Base    string    `json:"base,omitempty"` // the commit that changed functions differ from
	Changed int       `json:"changed"`        // mutants of changed functions, tried or not
	Others  int       `json:"others"`         // all other mutants, tried or not
	Mutants []*mutant `json:"mutants"`        // those that were tried, in the order of the source
}

func conclude(p *plan) outcome {
	o := outcome{Seed: p.seed, Base: p.base, Changed: p.changed, Others: p.others}
	for _, m := range slices.Concat(p.known, p.order) {
		if m.Status != "" {
			o.Mutants = append(o.Mutants, m)
		}
	}
	slices.SortFunc(o.Mutants, func(a, b *mutant) int { return a.ID - b.ID })
	return o
}

// scores are the scores of the changed functions and of the others.
func (o outcome) scores() (changed, others score) {
	for _, m := range o.Mutants {
		if m.Changed {
			changed.count(m)
		} else {
			others.count(m)
		}
	}
	return changed, others
}

// report prints the outcome and writes it to a file. ok says that the changed functions
// reach the threshold, and all mutants together do.
func (c config) report(o outcome) (ok bool, err error) {
	for _, m := range o.Mutants {
		if c.verbose {
			fmt.Fprintf(c.out, "%s: %s %s\n", m.key(), m.Status, m.By)
		}
	}
	for _, m := range o.Mutants {
		if !m.dead() {
			fmt.Fprintf(c.out, "%s:%d: %s: %s (%s, in %s)\n", m.File, m.Line, m.Status, m.change(), m.Op, m.Func)
		}
	}
	changed, others := o.scores()
	all := score{changed.tried + others.tried, changed.killed + others.killed}
	if o.Changed > 0 {
		fmt.Fprintf(c.out, "functions that differ from %.12s: %d mutants, %d tried, %d killed: %.1f %%\n",
			o.Base, o.Changed, changed.tried, changed.killed, changed.share())
	}
	fmt.Fprintf(c.out, "%d other mutants, %d tried, %d killed: %.1f %%\n", o.Others, others.tried, others.killed, others.share())
	fmt.Fprintf(c.out, "%d of %d killed: %.1f %%, at least %v %% have to be\n", all.killed, all.tried, all.share(), c.bounds.threshold)
	ok = all.share() >= c.bounds.threshold && changed.nearly(c.bounds.threshold)
	if !ok {
		fmt.Fprintf(c.out, "too many survive: each line above is a change of the source that no test notices; write a test that does, or delete the code if nothing needs it\n")
	}
	if all.tried < o.Changed+o.Others {
		fmt.Fprintf(c.out, "to try the same mutants again, in the same order: go run -C .ci/tools ./mutants -seed %d", o.Seed)
		if others.tried > 0 {
			fmt.Fprintf(c.out, " -most %d", others.tried)
		}
		if o.Base != "" {
			fmt.Fprintf(c.out, " -since %.12s", o.Base)
		}
		fmt.Fprintln(c.out)
	}
	if c.json != "" {
		err = o.writeJSON(c.json)
	}
	return ok, err
}

func (o outcome) writeJSON(name string) error {
	text, err := json.MarshalIndent(o, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(name, append(text, '\n'), 0o644)
}

func readJSON(name string) (o outcome, err error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return o, err
	}
	if err := json.Unmarshal(text, &o); err != nil {
		return o, fmt.Errorf("%s: %w", name, err)
	}
	return o, nil
}
