package fortune

import (
	"time"

	"github.com/ocfsim/ocfsim/fixtures/fleetfile"
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/source"
)

// failing is a trusted source that fails questions while the plan has an outage.
type failing struct {
	*source.Source
	fortune *Fortune
}

// SourceOf returns the sources of Devices whose groups have one of their own, with the outages of
// the plan, as the fleet wants it; own is that source of a group, nil for none. It is nil if no
// group has one.
func (c *Fortune) SourceOf(own func(*fleetfile.Group) fleet.Verifier) func(i int) fleet.Asker {
	groups := c.plan.Sources()
	if len(groups) == 0 {
		return nil
	}
	askers := map[*fleetfile.Group]fleet.Asker{}
	for _, g := range groups {
		if askers[g] = own(g); c.hasOutages() {
			askers[g] = &failingOther{own(g), c}
		}
	}
	return func(i int) fleet.Asker {
		g, _, _ := c.groupOf(i)
		if g.Source == nil {
			return nil
		}
		return askers[g]
	}
}

// failingOther is the source of a group, and fails questions likewise.
type failingOther struct {
	fleet.Verifier
	fortune *Fortune
}

// Ask fails the question, or lets the source answer it.
func (s *failingOther) Ask(q source.Question, reply func(source.Answer)) (cancel func()) {
	return s.fortune.ask(s.Verifier, q, reply)
}

// hasOutages reports whether the source can fail.
func (c *Fortune) hasOutages() bool {
	if c.faults != nil {
		return len(c.faults.outages) > 0
	}
	return c.any(func(o *odds) bool { return o.outages })
}

// Ask fails the question, or lets the source answer it. The fleet calls it while it holds
// its lock.
func (s *failing) Ask(q source.Question, reply func(source.Answer)) (cancel func()) {
	return s.fortune.ask(s.Source, q, reply)
}

// ask fails the question, or lets a source answer it.
func (c *Fortune) ask(of fleet.Asker, q source.Question, reply func(source.Answer)) (cancel func()) {
	i := c.device(q.Device)
	if !c.fails(i) {
		c.asks(i)
		return of.Ask(q, reply)
	}
	t := time.AfterFunc(0, func() { reply(source.Answer{Failed: true}) })
	return func() { t.Stop() }
}

// AskNow fails the question, or has the source answer it at once.
func (s *failing) AskNow(q source.Question) (a source.Answer, ok bool) {
	i := s.fortune.device(q.Device)
	if s.fortune.fails(i) {
		return source.Answer{Failed: true}, true
	}
	if a, ok = s.Source.AskNow(q); ok {
		s.fortune.asks(i)
	}
	return a, ok
}

// device is the index of the Device with this uuid, -1 if the fleet has none.
func (c *Fortune) device(id string) int {
	c.mu.Lock()
	fl := c.fleet
	c.mu.Unlock()
	if fl == nil {
		return -1
	}
	uuid, err := ocf.ParseUUID(id)
	if err != nil {
		return -1
	}
	if i, ok := fl.Made(uuid); ok {
		return i
	}
	return -1
}

// asks counts a question of the fleet's i-th Device that does not fail.
func (c *Fortune) asks(i int) {
	if i < 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked[i]++
}

// fails reports whether a question of the fleet's i-th Device fails now, and counts it if it
// does.
func (c *Fortune) fails(i int) bool {
	if i < 0 {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.asked == nil {
		c.asked = make([]uint32, c.count)
	}
	n := c.asked[i]
	if !c.starved(i, n) {
		return false
	}
	c.asked[i]++
	c.note(Line{At: c.now(), Device: i, Kind: "source-outage", N: n})
	return true
}

// starved decides whether the n-th question of the Device fails.
func (c *Fortune) starved(i int, n uint32) bool {
	if c.faults != nil {
		return c.faults.outages[numbered{c.first + i, n}]
	}
	g, o, within := c.groupOf(i)
	at := c.now()
	for k := range o.profiles {
		p := &o.profiles[k]
		if p.Holds(at) && p.outage.hold(at) && p.Starves(g, within) {
			return true
		}
	}
	return false
}
