package fleet

import (
	"github.com/plgd-dev/go-coap/v3/message/codes"

	"github.com/ocfsim/ocfsim/sim"
)

// A Device that ends all of its observations may have 100,000 of them. Like a state they are
// told to a crowd at a time (telling.go), with the lock free in between. An observation that
// is still to be told so counts as ended: it is told nothing else. Who begins to observe
// meanwhile does so in another era, by which the two are told apart.

// dropObservers ends every observation of a Device. A code other than 0 is sent to the
// Clients. Nobody is told any more what was still to be told before.
func (sh *shard) dropObservers(s *slot, code codes.Code) {
	if !s.is(observedMark) {
		return
	}
	first := sh.audience.first(s.index)
	sh.tellings.cancel(s.index)
	t := telling{device: s.index, next: first, last: sh.audience.at(first).before, era: sh.tellings.era}
	sh.tellings.era++
	e := &sim.Effect{Kind: sim.DropObservers, Code: uint8(code)}
	if sh.tellSome(s, &t, e); t.next != 0 {
		sh.tellLater(t, e)
	}
}

// part ends an observation. A code other than 0 is sent to the Client.
func (sh *shard) part(s *slot, o *observer, code codes.Code) {
	if code != 0 {
		sh.dismiss(s, o, code)
	}
	sh.dropObserver(s, o)
}

// hurryPartings ends the observations of a Device on a line that are to end, before the line
// does.
func (sh *shard) hurryPartings(s *slot, l line) {
	if len(sh.tellings.list) == 0 {
		return
	}
	for o := range sh.audience.on(s.index, l) {
		if t := sh.tellings.parting(o); t != nil && t.effect.Code != 0 {
			sh.dismiss(s, o, codes.Code(t.effect.Code))
		}
	}
}

// parting returns what has o end, if its Device has ended it and it is still to be told; nil
// otherwise.
func (ts *tellings) parting(o *observer) *telling {
	for _, t := range ts.list {
		if t.device == o.device && t.next != 0 && t.effect.Kind == sim.DropObservers && int32(o.era-t.era) <= 0 {
			return t
		}
	}
	return nil
}

// cancel has nobody told what the observers of a Device were still to be told.
func (ts *tellings) cancel(device int32) {
	for _, t := range ts.list {
		if t.device == device {
			t.next = 0
		}
	}
}
