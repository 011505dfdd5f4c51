package assess

import (
	"hash/maphash"
	"maps"
	"slices"
	"sync"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

// Memory remembers what the judges made of each Timeline of a run. A Timeline is looked
// at when its scenario has ended and once more in the end, mostly with nothing new
// known of the rest of the run: then it need not be judged again. The zero value
// remembers nothing yet, a nil Memory never does, and several goroutines may share one.
//
// Of most scenarios a judge says the same. So that a Timeline takes some hundred bytes and
// not twelve thousand, each saying is kept once, without the name of the scenario.
type Memory struct {
	mu      sync.Mutex
	made    map[recording]remembered
	sayings []saying
	seed    maphash.Seed
	where   map[uint64]int32 // in sayings, by hash: the sayings themselves would be in memory twice
}

// saying is what the judge of a requirement finds, of whichever scenario.
type saying struct {
	requirement string // its id
	finding     conformance.Finding
}

// recording tells Timelines apart, as long as they are in memory.
type recording struct {
	first                      *conformance.Observation
	observations, expectations int
}

// keyOf tells tl, which is not empty, from others.
func keyOf(tl conformance.Timeline) recording {
	return recording{&tl.Observations[0], len(tl.Observations), len(tl.Expectations)}
}

// conclusion is what the judges made of a Timeline with that much known.
type conclusion struct {
	known judge.Known
	judge.Conclusion
}

// remembered is a conclusion, with the sayings of the judges by their index.
type remembered struct {
	conclusion
	sayings []int32
}

// judge is what the judges make of tl. The findings are the caller's.
func (m *Memory) judge(tl conformance.Timeline, known judge.Known) conclusion {
	if m == nil || len(tl.Observations) == 0 {
		return conclude(tl, known)
	}
	key := keyOf(tl)
	if c, ok := m.recall(key, tl.Header.Scenario); ok && alike(c.known, known) {
		return c
	}
	c := conclude(tl, known)
	m.keep(key, c)
	return c
}

// silent reports whether a breach in tl rests on silence alone.
func (m *Memory) silent(tl conformance.Timeline, known judge.Known) bool {
	if silent, ok := m.recallSilent(tl, known); ok {
		return silent
	}
	return m.judge(tl, known).silent()
}

// recallSilent is silent by what is remembered.
func (m *Memory) recallSilent(tl conformance.Timeline, known judge.Known) (silent, ok bool) {
	if m == nil || len(tl.Observations) == 0 {
		return false, false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.made[keyOf(tl)]
	if !ok || !alike(r.known, known) {
		return false, false
	}
	of := func(i int32) bool { return m.sayings[i].finding.Silent }
	return r.silent() || slices.ContainsFunc(r.sayings, of), true
}

// silent reports whether a breach rests on silence alone.
func (c conclusion) silent() bool {
	for _, f := range c.Requirements {
		if f.Silent {
			return true
		}
	}
	return slices.ContainsFunc(c.Expectations, func(f conformance.Finding) bool { return f.Silent })
}

// recall is what is remembered of a Timeline of that scenario.
func (m *Memory) recall(key recording, scenario string) (conclusion, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.made[key]
	if !ok {
		return conclusion{}, false
	}
	c := r.conclusion
	c.Expectations = slices.Clone(c.Expectations)
	c.Requirements = make(map[string]conformance.Finding, len(r.sayings))
	for _, i := range r.sayings {
		f := m.sayings[i].finding
		f.Scenario = scenario
		c.Requirements[m.sayings[i].requirement] = f
	}
	return c, true
}

func (m *Memory) keep(key recording, c conclusion) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.made == nil {
		m.made, m.where, m.seed = map[recording]remembered{}, map[uint64]int32{}, maphash.MakeSeed()
	}
	r := remembered{c, make([]int32, 0, len(c.Requirements))}
	r.Requirements, r.Expectations = nil, slices.Clone(c.Expectations)
	for id, f := range c.Requirements {
		f.Scenario = ""
		r.sayings = append(r.sayings, m.place(saying{id, f}))
	}
	m.made[key] = r
}

// place is where s is in m.sayings. The lock is held.
func (m *Memory) place(s saying) int32 {
	hash := maphash.Comparable(m.seed, s)
	i, ok := m.where[hash]
	if !ok || m.sayings[i] != s { // of two with the same hash, the latest is found again
		i = int32(len(m.sayings))
		m.sayings, m.where[hash] = append(m.sayings, s), i
	}
	return i
}

func conclude(tl conformance.Timeline, known judge.Known) conclusion {
	return conclusion{known, judge.Scenario(tl, known)}
}

// alike reports whether no judge can tell a from b.
func alike(a, b judge.Known) bool {
	return a.Lossy == b.Lossy && a.Restless == b.Restless && maps.Equal(a.Left, b.Left)
}
