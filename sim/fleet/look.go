package fleet

import (
	"time"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
)

// Look is what can be seen of one Device at a moment.
type Look struct {
	sim.Standing
	DI        ocf.UUID // its present uuid
	Owner     ocf.UUID // nil: nobody owns it, or it has no security
	Observers int
	Sessions  int
}

// Look looks at Device i.
func (f *Fleet) Look(i int) Look {
	f.shard.mu.Lock()
	defer f.shard.mu.Unlock()
	s := f.shard.peek(i)
	l := Look{Standing: s.device.Standing(), DI: s.device.ID(), Owner: s.device.Owner()}
	l.Down = l.Down || !s.reachable()
	l.Observers = f.shard.observersAt(s)
	if s.ram != nil {
		l.Sessions = len(s.ram.sessions)
	}
	return l
}

// Behaviour is the name of the behaviour that Device i plays.
func (f *Fleet) Behaviour(i int) string { return f.models(i).Behaviour().Name }

// Letters is text with a letter for each process of Device i's edition, wherever it has a mask in
// the notation of ocf.DPM.
func (f *Fleet) Letters(i int, text string) string {
	if f.models(i).Availability() {
		return ocf.Lettered(text)
	}
	return text
}

// Began is when the fleet began, from which the times of a Watcher count.
func (f *Fleet) Began() time.Time { return f.shard.mu.began }
