package target

import (
	"bytes"
	"time"
)

// exchangeLifetime is EXCHANGE_LIFETIME of RFC 7252 section 4.8.2.
const exchangeLifetime = 247 * time.Second

// maxRepeats bounds how many datagrams are remembered.
const maxRepeats = 256

// repeats remembers the CON and NON datagrams received lately. A datagram with
// a known MID and other bytes is a new one: a Device that restarts may count
// from anywhere.
type repeats struct {
	seen  map[uint16]arrival
	order []uint16 // oldest first
}

// arrival is one remembered datagram, and whether it was rejected.
type arrival struct {
	raw []byte
	at  time.Time
	rst bool
	th  *thread // whose it was, nil for nobody's
}

// known returns what was remembered of an identical datagram.
func (r *repeats) known(mid uint16, raw []byte, now time.Time) (arrival, bool) {
	a, ok := r.seen[mid]
	if !ok || now.Sub(a.at) > exchangeLifetime || !bytes.Equal(a.raw, raw) {
		return arrival{}, false
	}
	return a, true
}

// remember keeps raw, and forgets the oldest where there are too many.
func (r *repeats) remember(mid uint16, raw []byte, now time.Time, rst bool, th *thread) {
	if r.seen == nil {
		r.seen = map[uint16]arrival{}
	}
	if _, ok := r.seen[mid]; !ok {
		r.order = append(r.order, mid)
	}
	r.seen[mid] = arrival{raw: clone(raw), at: now, rst: rst, th: th}
	if len(r.order) > maxRepeats {
		delete(r.seen, r.order[0])
		r.order = r.order[1:]
	}
}
