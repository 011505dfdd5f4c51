package fleet

import (
	"slices"
	"time"

	"github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/message/codes"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
)

// What a shard does where the Device that it serves is a deviant one. A Device
// without slips is served as the RFCs have it.

const (
	// forgottenAfter is how many notifications an observer gets of a Device
	// that forgets it.
	forgottenAfter = 5
	// stride is what lies between two Observe numbers of a Device whose numbers
	// jump: far less than the half of them all that RFC 7641 section 3.4 allows.
	stride = 70_001
	// throttle is what a Device that is slow to tell leaves between two
	// notifications.
	throttle = time.Second
)

// wrote notes who wrote pstat, and ends the observations of the others where
// the Device does that.
func (sh *shard) wrote(s *slot, on line) {
	l := s.device.Slips()
	if l == 0 {
		return
	}
	m := s.memory()
	m.writer = on
	if !l.Has(sim.WriteDropsRest) {
		return
	}
	for _, o := range slices.Clone(m.observers) {
		if o.line != on {
			sh.dropObserver(s, o)
		}
	}
}

// admits reports whether another observation can be had; where the Device has
// room for one alone, the others end.
func (sh *shard) admits(s *slot, on line) bool {
	l, m := s.device.Slips(), s.memory()
	if l.Has(sim.OneObserver) && len(m.observers) > 0 {
		return false
	}
	if l.Has(sim.Replaces) {
		for _, o := range slices.Clone(m.observers) {
			if o.line != on {
				sh.dropObserver(s, o)
			}
		}
	}
	return true
}

// passes reports whether o is passed over and not told.
func (sh *shard) passes(s *slot, o *observer) bool {
	l, m := s.device.Slips(), s.ram
	switch {
	case l == 0:
		return false
	case l.Has(sim.TellsLast) && o != m.observers[len(m.observers)-1],
		l.Has(sim.TellsWriter) && o.line != m.writer,
		l.Has(sim.SparesWriter) && o.line == m.writer:
		return true
	case l.Has(sim.Throttles) && o.told > 0 && sh.now()-o.toldAt < throttle:
		return true
	case l.Has(sim.ForgetsObserver) && o.told >= forgottenAfter:
		return true // and it is told nothing any more
	}
	o.told, o.toldAt = o.told+1, sh.now()
	return false
}

// observeNumber is the number of the next message to an observer: one more than
// last, a stride more, or the seconds of a clock.
func (sh *shard) observeNumber(s *slot, last uint32) uint32 {
	if s.device.Slips().Has(sim.ClockNumbers) {
		return uint32(sh.now()/time.Second) & observeMask
	}
	if s.device.Slips().Has(sim.NumbersJump) {
		if last == 0 {
			last = observeMask - 2*stride // wraps at the third message
		}
		return (last + stride) & observeMask
	}
	return (last + 1) & observeMask
}

// takePUT makes a POST of a PUT where the Device does not tell them apart.
func (r *request) takePUT(s *slot, f *frame) {
	if f.code == codes.PUT && s.device.Slips().Has(sim.TakesPUT) {
		f.code = codes.POST
		r.body.Way |= sim.ByPUT
	}
}

// refuseByACK acknowledges r and leaves it at that.
func (sh *shard) refuseByACK(r *request) {
	if r.answered || r.multicast || !r.confirmable() {
		return
	}
	r.answered = true
	out := sh.add(r.line)
	out.Data = append(out.Data, 0x40|byte(message.Acknowledgement)<<4, 0, byte(r.mid>>8), byte(r.mid))
	if r.memory != nil {
		r.memory.answer = append(r.memory.answer, out.Data...)
	}
}

// writesPstat reports whether r is a write of pstat.
func (r *request) writesPstat() bool { return r.code == codes.POST && r.body.Path == ocf.PathPstat }
