package assess

import (
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
type Memory struct {
	mu   sync.Mutex
	made map[recording]conclusion
}

// recording tells Timelines apart, as long as they are in memory.
type recording struct {
	first                      *conformance.Observation
	observations, expectations int
}

// conclusion is what the judges made of a Timeline with that much known.
type conclusion struct {
	known judge.Known
	judge.Conclusion
}

// judge is what the judges make of tl. Nobody may change it.
func (m *Memory) judge(tl conformance.Timeline, known judge.Known) conclusion {
	if m == nil || len(tl.Observations) == 0 {
		return conclude(tl, known)
	}
	key := recording{&tl.Observations[0], len(tl.Observations), len(tl.Expectations)}
	m.mu.Lock()
	c, ok := m.made[key]
	m.mu.Unlock()
	if !ok || !alike(c.known, known) {
		c = conclude(tl, known)
		m.keep(key, c)
	}
	return c
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

func (m *Memory) keep(key recording, c conclusion) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.made == nil {
		m.made = map[recording]conclusion{}
	}
	m.made[key] = c
}

func conclude(tl conformance.Timeline, known judge.Known) conclusion {
	return conclusion{known, judge.Scenario(tl, known)}
}

// alike reports whether no judge can tell a from b.
func alike(a, b judge.Known) bool {
	return a.Lossy == b.Lossy && a.Restless == b.Restless && maps.Equal(a.Left, b.Left)
}
