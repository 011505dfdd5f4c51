package fleet

import "time"

// exchangeLifetime is how long a message id stays in use: EXCHANGE_LIFETIME of RFC
// 7252 with its default parameters.
const exchangeLifetime = 247 * time.Second

// dedupCapacity bounds how many requests are remembered, of those without a session
// and of those with one. If more arrive within the lifetime, the oldest are forgotten
// first.
const dedupCapacity = 1 << 16

// keptAnswer bounds the answer buffer that is reused for later answers. Larger
// buffers are rare and are freed.
const keptAnswer = 256

// exchangeKey identifies a request: the peer, the Device since it last lost its RAM,
// the session and the message id.
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

// remembered is a request that has been seen, with the datagram that answered it.
type remembered struct {
	key     exchangeKey
	expires time.Duration
	answer  []byte // empty: there was no answer
}

// dedup remembers requests in a ring. The oldest is overwritten first.
type dedup struct {
	index map[exchangeKey]int32
	ring  []remembered
	next  int // position of the next request, once the ring is full
	limit int
}

// exchanges remembers the requests without a session and those with one apart, so that
// nobody without a key makes a fleet forget, and carry out twice, what came over a
// session.
type exchanges struct{ plain, secured *dedup }

func newExchanges(limit int) exchanges { return exchanges{newDedup(limit), newDedup(limit)} }

// of returns where a request with that key is remembered.
func (e exchanges) of(key exchangeKey) *dedup {
	if key.via == 0 {
		return e.plain
	}
	return e.secured
}

func newDedup(limit int) *dedup {
	return &dedup{index: make(map[exchangeKey]int32), limit: limit}
}

// find returns the remembered request with that key, or nil if the request is new.
func (d *dedup) find(key exchangeKey, now time.Duration) *remembered {
	i, ok := d.index[key]
	if !ok || d.ring[i].expires <= now {
		return nil
	}
	return &d.ring[i]
}

// remember stores a new request. The result is valid until the next call. evicted
// says that another request was forgotten before its lifetime was over.
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
