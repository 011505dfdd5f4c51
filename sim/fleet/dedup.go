package fleet

import (
	"encoding/binary"
	"math/bits"
	"math/rand/v2"
	"time"

	"github.com/plgd-dev/go-coap/v3/message"
)

// exchangeLifetime is how long a message id stays in use: EXCHANGE_LIFETIME of RFC
// 7252 with its default parameters.
const exchangeLifetime = 247 * time.Second

// defaultDedup is how many bytes remembered requests may take if Config does not say it.
const defaultDedup = 100 << 20

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

// exchanges remembers the requests without a session and those with one apart, so that
// nobody without a key makes a fleet forget, and carry out twice, what came over a
// session.
type exchanges struct{ plain, secured *dedup }

// newExchanges makes a memory in which either kind of request may take that many bytes.
func newExchanges(limit int) exchanges { return exchanges{newDedup(limit), newDedup(limit)} }

// of returns where a request with that key is remembered.
func (e exchanges) of(key *exchangeKey) *dedup {
	if key.via == 0 {
		return e.plain
	}
	return e.secured
}

// sweep forgets the requests whose lifetime is over.
func (e exchanges) sweep(now time.Duration) {
	e.plain.sweep(now)
	e.secured.sweep(now)
}

// len is how many requests are remembered.
func (e exchanges) len() int { return e.plain.used + e.secured.used }

// exchange is the number of a remembered request. 0 stands for none.
type exchange uint32

// remembered is a request that has been seen, and the datagram that answered it. It has
// no pointers, so that millions cost the garbage collector nothing.
type remembered struct {
	expires time.Duration
	token   [8]byte  // of the answer
	device  int32    // as in exchangeKey, like the next three
	mid     uint16   //
	boot    uint16   //
	port    uint16   //
	first   byte     // the first byte of the answer: version, type and length of the token
	whole   bool     // answer is the whole datagram
	asker   uint32   // who sent it
	answer  uint32   // the answer, after its token; 0: there was no answer
	next    exchange // the next request of the same asker; the next free place
}

const (
	// pageBits says how many places for requests are made at a time: 2^pageBits.
	pageBits = 10
	// rememberedSize is what a request costs: its place and its share of the index, in bytes.
	rememberedSize = 40 + 12
)

// dedup remembers requests for exchangeLifetime, as long as they take no more than limit
// bytes. If they would take more, the address that has most requests here gives way with
// its oldest one. So a flood makes a fleet forget the flood.
type dedup struct {
	limit   int
	pages   []*[1 << pageBits]remembered
	made    exchange // places that were ever used
	free    exchange // the first of those that are free again
	used    int
	index   index
	askers  askers
	answers answers
	seed    uint64 // makes clashes in the index unforeseeable
}

func newDedup(limit int) *dedup {
	return &dedup{limit: limit, seed: rand.Uint64(), index: index{full: fullWith(limit / rememberedSize)}}
}

// at returns the request with that number.
func (d *dedup) at(e exchange) *remembered { return &d.pages[e>>pageBits][e&(1<<pageBits-1)] }

// bytes is how much memory the requests take.
func (d *dedup) bytes() int { return d.used*rememberedSize + d.askers.bytes() + d.answers.bytes }

// hash mixes what identifies a request of an asker.
func (d *dedup) hash(asker uint32, key *exchangeKey) uint32 {
	high, low := bits.Mul64(uint64(asker)<<32|uint64(uint32(key.device))^d.seed, 0x9e3779b97f4a7c15)
	high, low = bits.Mul64(uint64(key.mid)|uint64(key.boot)<<16|uint64(key.port)<<32^high^low, 0xd6e8feb86659fd93)
	return uint32(high ^ low)
}

// find returns the remembered request with that key, or 0 if the request is new.
func (d *dedup) find(key *exchangeKey, now time.Duration) exchange {
	asker := d.askers.find(key.asker())
	if asker == 0 {
		return 0
	}
	e := d.look(d.hash(asker, key), asker, key)
	if e == 0 || d.at(e).expires <= now {
		return 0
	}
	return e
}

// look returns the asker's request with that key and hash, even if its lifetime is over.
func (d *dedup) look(tag, asker uint32, key *exchangeKey) exchange {
	part := d.index.of(tag)
	for i := part.first(tag); ; i = part.after(i) {
		switch place := part.places[i]; {
		case place.exchange == 0:
			return 0
		case place.tag == tag:
			r := d.at(place.exchange)
			if r.asker == asker && r.device == key.device && r.mid == key.mid && r.boot == key.boot && r.port == key.port {
				return place.exchange
			}
		}
	}
}

// meet returns the remembered request with that key, or stores it if it is new. forgotten
// counts the requests that had to give way before their lifetime was over.
func (d *dedup) meet(key *exchangeKey, now time.Duration) (e exchange, seen bool, forgotten int) {
	if d.used%8 == 0 {
		d.expire(d.askers.another(), now, 16)
	}
	d.expire(d.askers.find(key.asker()), now, d.used)
	asker := d.askers.meet(key.asker())
	tag := d.hash(asker, key)
	if e = d.look(tag, asker, key); e != 0 {
		return e, true, 0 // what has expired is gone
	}
	e = d.place()
	*d.at(e) = remembered{
		expires: now + exchangeLifetime, asker: asker,
		device: key.device, mid: key.mid, boot: key.boot, port: key.port,
	}
	d.append(asker, e)
	d.index.add(tag, e)
	return e, false, d.makeRoom(e, now)
}

// place returns a free place.
func (d *dedup) place() exchange {
	d.used++
	if e := d.free; e != 0 {
		d.free = d.at(e).next
		return e
	}
	d.made++ // 0 is no request
	if int(d.made>>pageBits) == len(d.pages) {
		d.pages = append(d.pages, new([1 << pageBits]remembered))
	}
	return d.made
}

// append makes e the newest request of its asker.
func (d *dedup) append(asker uint32, e exchange) {
	a := d.askers.of(asker)
	if a.requests == 0 {
		a.oldest = e
	} else {
		d.at(a.newest).next = e
	}
	a.newest = e
	d.askers.count(asker, 1)
}

// drop forgets a request, which is the oldest of its asker.
func (d *dedup) drop(e exchange) {
	r := d.at(e)
	key := exchangeKey{device: r.device, mid: r.mid, boot: r.boot, port: r.port}
	d.index.remove(d.hash(r.asker, &key), e)
	d.answers.release(r.answer)
	d.askers.of(r.asker).oldest = r.next
	d.askers.count(r.asker, -1)
	d.used--
	if d.used == 0 { // it is over: the memory is given back
		d.pages, d.made, d.free, d.index, d.askers, d.answers = nil, 0, 0, index{full: d.index.full}, askers{}, answers{}
		return
	}
	*r = remembered{next: d.free}
	d.free = e
}

// makeRoom forgets requests until all take no more than limit bytes. It keeps one, which
// is new.
func (d *dedup) makeRoom(keep exchange, now time.Duration) (forgotten int) {
	for d.bytes() > d.limit {
		e := d.askers.of(d.askers.greediest()).oldest
		if e == keep {
			break
		}
		if d.at(e).expires > now {
			forgotten++
		}
		d.drop(e)
	}
	return forgotten
}

// expire forgets the requests of an asker whose lifetime is over, at most that many.
func (d *dedup) expire(asker uint32, now time.Duration, most int) {
	for ; asker != 0 && most > 0 && d.used > 0; most-- {
		a := d.askers.of(asker)
		if a.requests == 0 || d.at(a.oldest).expires > now {
			return
		}
		d.drop(a.oldest)
	}
}

// sweep forgets every request whose lifetime is over.
func (d *dedup) sweep(now time.Duration) {
	for asker := len(d.askers.list) - 1; asker > 0 && d.used > 0; asker-- {
		d.expire(uint32(asker), now, d.used)
	}
}

// keep makes datagram the answer to e. forgotten is like that of remember.
func (d *dedup) keep(e exchange, datagram []byte, now time.Duration) (forgotten int) {
	r := d.at(e)
	before := r.answer
	length, ok := tokenIn(datagram, r.mid)
	if r.whole = !ok; ok {
		r.first = datagram[0]
		copy(r.token[:], datagram[4:4+length])
		r.answer = d.answers.share(datagram[1], datagram[4+length:])
	} else {
		r.answer = d.answers.shareText(datagram)
	}
	d.answers.release(before)
	return d.makeRoom(e, now)
}

// tokenIn returns the length of the token in a datagram with that message id. ok is false
// if the datagram has another message id or is no message.
func tokenIn(datagram []byte, mid uint16) (length int, ok bool) {
	if len(datagram) < 4 || binary.BigEndian.Uint16(datagram[2:]) != mid {
		return 0, false
	}
	length = int(datagram[0] & 15)
	return length, length <= message.MaxTokenSize && len(datagram) >= 4+length
}

// answer appends the answer to e to dst, or nothing if there was none.
func (d *dedup) answer(dst []byte, e exchange) []byte {
	r := d.at(e)
	text := d.answers.text(r.answer)
	if r.whole || text == "" {
		return append(dst, text...)
	}
	dst = append(dst, r.first, text[0], byte(r.mid>>8), byte(r.mid))
	dst = append(dst, r.token[:r.first&15]...)
	return append(dst, text[1:]...)
}

// key returns what identifies e.
func (d *dedup) key(e exchange) exchangeKey {
	r := d.at(e)
	by := d.askers.of(r.asker).key
	return exchangeKey{peer: by.peer, via: by.via, device: r.device, mid: r.mid, boot: r.boot, port: r.port}
}
