package fleet

import "time"

// exchangeLifetime is how long a message id stays taken: RFC 7252's
// EXCHANGE_LIFETIME with its default parameters.
const exchangeLifetime = 247 * time.Second

// dedupCapacity bounds the requests that are remembered. When more arrive
// within the lifetime, the oldest are forgotten first.
const dedupCapacity = 1 << 16

// keptAnswer is the memory for an answer that is used again for the next one;
// larger ones, which are rare, are given back.
const keptAnswer = 256

// exchangeKey names a request: peer, Device (in its current life), session and
// message id.
type exchangeKey struct {
	peer   [16]byte
	port   uint16
	mid    uint16
	device int32 // -1 for a multicast group
	boot   uint16
	via    uint32 // number of the session, 0 for plain CoAP
}

func keyOf(l line, device int, boot, mid uint16) exchangeKey {
	return exchangeKey{
		peer: l.peer.Addr().As16(), port: l.peer.Port(), mid: mid, device: int32(device), boot: boot,
		via: l.session.id(),
	}
}

// remembered is a request that was seen, with the datagram that answered it.
type remembered struct {
	key     exchangeKey
	expires time.Duration
	answer  []byte // empty: it was not answered
}

// dedup remembers requests in a ring, oldest out first.
type dedup struct {
	index map[exchangeKey]int32
	ring  []remembered
	next  int // place of the next one, once the ring is full
	limit int
}

func newDedup(limit int) *dedup {
	return &dedup{index: make(map[exchangeKey]int32), limit: limit}
}

// find returns the remembered request with that key; nil when it is new.
func (d *dedup) find(key exchangeKey, now time.Duration) *remembered {
	i, ok := d.index[key]
	if !ok || d.ring[i].expires <= now {
		return nil
	}
	return &d.ring[i]
}

// remember stores a new request. The result is valid until the next call;
// evicted says that a request had to be forgotten before its time.
func (d *dedup) remember(key exchangeKey, now time.Duration) (r *remembered, evicted bool) {
	i := d.next
	if len(d.ring) < d.limit {
		i = len(d.ring)
		d.ring = append(d.ring, remembered{})
	} else {
		d.next = (d.next + 1) % d.limit
	}
	r = &d.ring[i]
	if r.expires > 0 {
		evicted = r.expires > now
		if d.index[r.key] == int32(i) {
			delete(d.index, r.key)
		}
	}
	if cap(r.answer) > keptAnswer {
		r.answer = nil
	}
	r.key, r.expires, r.answer = key, now+exchangeLifetime, r.answer[:0]
	d.index[key] = int32(i)
	return r, evicted
}
