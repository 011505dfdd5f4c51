package main

import (
	"encoding/json"
	"fmt"
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

// tally counts while a run goes on, and says when it has tried enough.
type tally struct {
	bounds
	tried   int
	waiting int   // mutants of changed functions that are not tried yet
	others  score // of all other mutants
	began   time.Time
}

func newTally(p *plan, b bounds) *tally {
	t := &tally{bounds: b, began: time.Now()}
	for _, m := range p.known {
		if !m.Changed {
			t.others.count(m)
		}
	}
	for _, m := range p.order {
		if m.Changed {
			t.waiting++
		}
	}
	return t
}

func (t *tally) count(m *mutant) {
	t.tried++
	if m.Changed {
		t.waiting--
	} else {
		t.others.count(m)
	}
}

func (t *tally) elapsed() time.Duration { return time.Since(t.began) }

// goOn reports whether another mutant is to be tried. A sample below the
// threshold is gone on with for a while: chance evens out, a gap does not. That
// it is too small is said in the end alone: who looks again and again, and
// fails at the first bad look, fails more than once in twenty.
func (t *tally) goOn() bool { return t.more(t.elapsed()) }

func (t *tally) more(elapsed time.Duration) bool {
	switch {
	case t.within == 0 || elapsed < t.within:
		return true
	case elapsed >= t.within+t.extend:
		return false
	}
	return t.waiting > 0 || t.others.ruling(t.threshold) != enough
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

// report prints and writes what the run came to. It is ok unless too few mutants
// were killed of the changed functions, or of the others, for chance to explain it.
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
	var rulings []ruling
	if o.Changed > 0 {
		rulings = append(rulings, c.rule(changed, fmt.Sprintf("functions that differ from %.12s: %d mutants", o.Base, o.Changed)))
	}
	if o.Others > 0 {
		rulings = append(rulings, c.rule(others, fmt.Sprintf("%d other mutants", o.Others)))
	}
	ok = !slices.Contains(rulings, tooFew)
	switch {
	case !ok:
		fmt.Fprintln(c.out, "too many survive: each names a change of the source that no test notices, so write one that does, or delete what nothing needs")
	case slices.Contains(rulings, undecided):
		fmt.Fprintln(c.out, "undecided: a sample like this comes by chance often enough where the share is reached, so it fails nothing; trying more mutants would tell")
	}
	if changed.tried+others.tried < o.Changed+o.Others {
		fmt.Fprintf(c.out, "again, in the same order: go run -C .ci/tools ./mutants -seed %d", o.Seed)
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

// rule prints what became of a part of the mutants and what that says of all.
func (c config) rule(s score, what string) ruling {
	r := s.ruling(c.bounds.threshold)
	fmt.Fprintf(c.out, "%s, %d tried, %d killed: %.1f %%, upper bound %.1f %%, at least %v %% have to be: %s\n",
		what, s.tried, s.killed, s.share(), s.bound(), c.bounds.threshold, r)
	return r
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
