package main

import (
	"flag"
	"math/rand/v2"
	"regexp"
	"slices"
)

// choice says which mutants are tried, and in which order.
type choice struct {
	only  string
	since string
	seed  uint64
	most  int
	weave int
}

func (c *choice) flags(f *flag.FlagSet) {
	f.StringVar(&c.only, "only", "", "try only mutants whose key, as -list prints it, matches this `regexp`")
	f.StringVar(&c.since, "since", "", "first try the mutants of functions that differ from this `commit`; auto: the commit where the branch left main or, on main, the last one that is a day older than HEAD")
	f.Uint64Var(&c.seed, "seed", 0, "draw the order of the others from this `number`; 0: from the commit, or from the date where there is none")
	f.IntVar(&c.most, "most", 0, "try at most so `many` of the others; 0: all")
	f.IntVar(&c.weave, "weave", 0, "compile only the first so `many` mutants of the order, and try no others: a run that ends after some minutes tries a few hundred, and so many compile much sooner than all; 0: all")
}

// plan are the mutants of a run: those of changed functions, then the others.
type plan struct {
	seed    uint64
	base    string // the commit that changed functions differ from; empty: none
	changed int    // mutants of changed functions
	others  int    // mutants of other functions, of which a sample is drawn
	order   []*mutant
	known   []*mutant // killed by an earlier run, and not tried
}

// baseName is the name of the base in messages.
func (p *plan) baseName() string {
	if p.base == "" {
		return "an earlier commit (none is given)"
	}
	return p.base
}

// plan puts the mutants into the order in which they are tried. Both parts are shuffled, so
// that a run which stops early has tried a fair sample.
func (c choice) plan(sources []*source, all []*mutant) (*plan, error) {
	only, err := regexp.Compile(c.only)
	if err != nil {
		return nil, err
	}
	history := history{dir: sources[0].module}
	p := &plan{seed: c.seed}
	if p.seed == 0 {
		p.seed = history.seed()
	}
	if p.base, err = history.base(c.since); err != nil {
		return nil, err
	}
	if p.base != "" {
		if err := history.mark(p.base, sources, all); err != nil {
			return nil, err
		}
	}
	var changed, others []*mutant
	for _, m := range all {
		switch {
		case !only.MatchString(m.key()):
		case m.Changed:
			changed = append(changed, m)
		default:
			others = append(others, m)
		}
	}
	p.changed, p.others = len(changed), len(others)
	shuffle(changed, p.seed)
	shuffle(others, p.seed)
	if c.most > 0 {
		others = others[:min(c.most, len(others))]
	}
	p.order = slices.Concat(changed, others)
	return p, nil
}

func shuffle(all []*mutant, seed uint64) {
	rand.New(rand.NewPCG(seed, 0)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
}

// believe leaves out the mutants that the run which wrote the file has killed.
func (p *plan) believe(file string) error {
	if file == "" {
		return nil
	}
	o, err := readJSON(file)
	if err != nil {
		return err
	}
	earlier := map[string]*mutant{}
	for _, m := range o.Mutants {
		if m.dead() {
			earlier[m.key()] = m
		}
	}
	p.order = slices.DeleteFunc(p.order, func(m *mutant) bool {
		e := earlier[m.key()]
		if e != nil {
			m.Status, m.By = e.Status, e.By
			p.known = append(p.known, m)
		}
		return e != nil
	})
	return nil
}
