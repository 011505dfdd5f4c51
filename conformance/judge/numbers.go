package judge

import (
	"fmt"

	"github.com/ocfsim/ocfsim/conformance"
)

// This file judges the numbers of the Observe option as the Device sent them (RFC 7641
// sections 3.4 and 4.4): the answer to the registration is the first, and each
// notification has a greater one. A Client drops what has not.

// numbered is one notification as it came off the wire.
type numbered struct {
	n      int
	number uint32
	mid    uint16
}

// numbersBack judges the Observe numbers of o as the Device sent them (RFC 7641
// section 3.4, across the 24-bit wrap). A datagram that the network doubled has
// the same message id; one that it delayed has an older id than what came
// before it, which can be told where the Device counts its ids upwards.
func (s *story) numbersBack(o observing) (n int, certain, found bool) {
	var seen []numbered
	var marks numbers
	counting := true
	for i := range s.tl.Observations {
		e := &s.tl.Observations[i]
		if e.Kind != conformance.Notification || e.Frame == nil || e.Frame.Observe == nil || s.tl.Registration(i) != o.stream {
			continue
		}
		m := numbered{i, *e.Frame.Observe & conformance.ObserveMask, e.Frame.MID}
		if marks.doubled(m) {
			continue
		}
		if last, ok := marks.latest[m.number]; ok && s.at(i)-s.at(last) <= 2*conformance.TrustedFor {
			return i, true, true
		}
		if len(seen) > 0 && s.at(i)-s.at(newest(seen).n) <= conformance.TrustedFor {
			top := newest(seen)
			ahead := m.mid - top.mid
			if !conformance.Newer(top.number, m.number) {
				if ahead >= 1<<15 && counting {
					continue // the network delayed it
				}
				return i, counting && len(seen) > 1 || s.causedLater(o, i, top.n), true
			}
			counting = counting && ahead > 0 && ahead < 1<<12
		}
		seen = append(seen, m)
		marks.add(m)
	}
	return -1, false, false
}

func newest(seen []numbered) numbered { return seen[len(seen)-1] }

// numbers are the Observe numbers that were seen, for a Device may send very many.
type numbers struct {
	latest map[uint32]int // of each number, the notification that had it last
	seen   map[numbered]bool
}

// add takes note of m.
func (x *numbers) add(m numbered) {
	if x.latest == nil {
		x.latest, x.seen = map[uint32]int{}, map[numbered]bool{}
	}
	x.latest[m.number] = m.n
	m.n = 0
	x.seen[m] = true
}

// doubled reports whether a notification before m had its number and its message id.
func (x *numbers) doubled(m numbered) bool {
	m.n = 0
	return x.seen[m]
}

// notAboveAnswer finds a notification whose number is not above that of the answer to the
// registration of o. One that has the same number is none that the network delayed; nor
// is one that shows what a later write has brought about. Where the registration was sent
// again, the Device may have answered it twice.
func (s *story) notAboveAnswer(o observing) (conformance.Finding, bool) {
	answer := &s.tl.Observations[o.from]
	if s.sentAgain(o.stream, o.from) {
		return conformance.Finding{}, false
	}
	first := *answer.Frame.Observe & conformance.ObserveMask
	for i := o.from; i < min(o.upto, len(s.tl.Observations)); i++ {
		e := &s.tl.Observations[i]
		if e.Kind != conformance.Notification || e.Frame == nil || e.Frame.Observe == nil || s.tl.Registration(i) != o.stream {
			continue
		}
		number := *e.Frame.Observe & conformance.ObserveMask
		if e.At-answer.At > conformance.TrustedFor || conformance.Newer(first, number) || e.Frame.MID == answer.Frame.MID {
			continue
		}
		const want = "Observe numbers above that of the registration's answer"
		got := fmt.Sprintf("%d, after %d", number, first)
		if number == first || s.causedLater(o, i, o.from) {
			return broken(i, want, got, "the answer to the registration of Client %s has Observe %d, and a notification after it %d: Clients drop that one", o.client, first, number), true
		}
		return open(i, want, "a notification has a lower Observe number than the answer to the registration, but the network may have changed the order"), true
	}
	return conformance.Finding{}, false
}

// causedLater reports whether the notification i to o shows in tm what a Client has
// requested after the Observation n had arrived, and nobody between the registration
// and then: it was sent after n. Of one in blocks the first may have been sent before, and
// the others show what came of the request.
func (s *story) causedLater(o observing, i, n int) bool {
	p, _, ok := s.tl.Observations[i].Pstat()
	if !ok || s.tl.Later(i) || s.spontaneous() || s.target.Supports.Autonomous && s.unreliable() {
		return false
	}
	for _, w := range s.writes {
		if between(w.n, n, i) && s.quiet(o.stream, w.n) && p.TM&w.asks() != 0 {
			return true
		}
	}
	return false
}
