package fleet

import (
	"iter"
	"slices"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
)

// In this file whoever plays the fortune of a fleet says what happens to single Devices, by
// their index.

// Begin has Device i start the processes in bits by itself: SVV, SSU or both.
func (f *Fleet) Begin(i int, bits ocf.DPM) {
	f.happen([]int{i}, sim.Event{Kind: sim.Autonomous, Bits: bits})
}

// Restart has Device i restart, as after a crash: a running process is interrupted.
func (f *Fleet) Restart(i int) { f.happen([]int{i}, sim.Event{Kind: sim.PowerCycle}) }

// IsOff reports whether Device i is switched off.
func (f *Fleet) IsOff(i int) bool {
	f.shard.mu.Lock()
	defer f.shard.mu.Unlock()
	return f.shard.peek(i).is(offMark)
}

// OfferEach says of each Device whether the trusted source has an update for it from now on,
// as Offer does.
func (f *Fleet) OfferEach(available func(i int) bool) {
	if f.world != nil {
		f.offer(f.all(), true, func(i int) sim.UpdateOutcome { return offered(available(i)) })
	}
}

// Offer says whether the trusted source has an update for Device i from now on. What
// becomes of it is up to the Device's behaviour. It does nothing unless the source is a
// World.
func (f *Fleet) Offer(i int, available bool) {
	if f.world == nil {
		return
	}
	f.offer(slices.Values([]int{i}), f.Len() == 1, func(int) sim.UpdateOutcome { return offered(available) })
}

// offered is how an update ends: if one is available, however the behaviour ends by itself,
// which is 0.
func offered(available bool) sim.UpdateOutcome {
	if available {
		return 0
	}
	return sim.FindsNone
}

// all are all Devices.
func (f *Fleet) all() iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range f.Len() {
			if !yield(i) {
				return
			}
		}
	}
}

// Strike is what happens to a Device that has entered a stage of a process.
type Strike uint8

// The strikes.
const (
	Spared    Strike = iota // nothing
	Restarted               // the Device restarts, as after a crash
	CutOff                  // its power is lost until SwitchOn
)

// entered tells whoever wants to know in which stage of a process the Device is, and does
// to the Device what it says.
func (sh *shard) entered(s *slot) {
	if sh.stages == nil || s.is(offMark) {
		return
	}
	switch sh.stages(int(s.index), s.device.Stage()) {
	case Spared:
	case Restarted:
		sh.apply(s, &sim.Event{Kind: sim.PowerCycle})
	case CutOff:
		sh.switchOff(s)
	}
}
