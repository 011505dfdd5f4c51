package fleet

import (
	"github.com/plgd-dev/go-coap/v3/message/codes"

	"github.com/ocfsim/ocfsim/sim"
)

// asleep reports whether Device s hears nothing now.
func (sh *shard) asleep(s *slot) bool {
	if sh.stirred == nil {
		return false
	}
	sleep := s.device.Messages().Sleep
	if sleep.Every == 0 {
		return false
	}
	now := sh.now()
	return now >= sh.stirred[s.index]+sleep.Awake && now%sleep.Every >= sleep.Awake
}

// stirs takes note that Device s, which is awake, has heard or sent something.
func (sh *shard) stirs(s *slot) {
	if sh.stirred != nil {
		sh.stirred[s.index] = sh.now()
	}
}

// stirsAt is stirs of the Device that sends a packet.
func (sh *shard) stirsAt(on line) {
	switch {
	case sh.stirred == nil:
	case on.session != nil:
		sh.stirs(sh.slot(int(on.session.key.device)))
	default:
		if i, ok := sh.book.find(on.local); ok {
			sh.stirs(sh.slot(i))
		}
	}
}

// dozes reports whether Device s loses a request that comes while it is awake.
func (sh *shard) dozes(s *slot, r *request) bool {
	hook := s.device.Shell().Dozes
	return len(hook) > 0 && hook.Decide(sim.Asked{Path: r.body.Path, Writes: r.code == codes.POST, Payload: r.body.Payload}, false)
}
