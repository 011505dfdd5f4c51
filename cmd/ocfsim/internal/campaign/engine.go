package campaign

import (
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/message/codes"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/update"
	"github.com/ocfsim/ocfsim/ocf"
)

// The parameters of RFC 7252 section 4.8.
const (
	ackTimeout    = 2 * time.Second
	ackRandom     = time.Second // up to so much is added to ackTimeout
	maxRetransmit = 4
)

// Engine takes Devices that speak plain CoAP through a campaign. It does no I/O and knows
// no clock: it is told of datagrams and of the time, which counts from the beginning of the
// run, and calls send and ended. It is not safe for concurrent use.
type Engine struct {
	plan     *Plan
	tails    tails
	devices  []device
	index    map[netip.AddrPort]int32
	alarms   alarms
	throttle throttle
	random   *rand.Rand
	send     func(source int, to netip.AddrPort, data []byte)
	ended    func(device int)
	asking   func(device int) // before the Device is asked for an update; nil for nobody
	reads    reads
	parts    map[*device]*parts
	buffer   []byte
	rtt      func(time.Duration) // of each request that was sent once
	strays   int                 // datagrams that no Device of the campaign can have sent
	heard    bool                // a Device of the campaign has sent something
	begun    int                 // Devices
}

// newEngine makes an Engine for the Devices at these addresses, of which some may be
// invalid: they are never begun. send must not keep data.
func newEngine(plan *Plan, addrs []netip.AddrPort, send func(source int, to netip.AddrPort, data []byte), ended func(device int), rtt func(time.Duration)) (*Engine, error) {
	t, err := newTails()
	if err != nil {
		return nil, err
	}
	e := &Engine{
		plan: plan, tails: t, devices: make([]device, len(addrs)), index: make(map[netip.AddrPort]int32, len(addrs)),
		alarms: newAlarms(len(addrs)), throttle: newThrottle(), random: rand.New(rand.NewPCG(plan.Seed, uint64(len(addrs)))),
		send: send, ended: ended, rtt: rtt, parts: map[*device]*parts{},
	}
	for i, a := range addrs {
		if a.IsValid() {
			e.devices[i].peer, e.index[a] = a, int32(i)
		}
	}
	return e, nil
}

// Begin begins with a Device, which comes with what an earlier run knew of it.
func (e *Engine) Begin(i int, known update.Known, now time.Duration) {
	d := &e.devices[i]
	d.began, d.step, d.known = now, meeting, known
	e.begun++
	d.source = uint16(i % e.plan.Sources)
	d.mid = uint16(e.random.Uint32())
	d.want = askDevice
	e.settle(int32(i), now)
}

// Due is when Expire has to be called next; ok is false where nothing is to come.
func (e *Engine) Due() (at time.Duration, ok bool) {
	_, at, ok = e.alarms.first()
	return at, ok
}

// Expire does what is due.
func (e *Engine) Expire(now time.Duration) {
	for {
		i, at, ok := e.alarms.first()
		if !ok || at > now {
			return
		}
		e.expire(&e.devices[i], now)
		e.settle(i, now)
	}
}

// silent is how many Devices are under way that have not answered what they were asked last,
// though it was sent again.
func (e *Engine) silent() (n int) {
	for i := range e.devices {
		if d := &e.devices[i]; d.step > idle && d.step < leaving && (d.silent || d.outstanding != askNothing && d.copies > 0 && !d.acked) {
			n++
		}
	}
	return n
}

// Stop ends the course of every Device that is under way.
func (e *Engine) Stop(why string, now time.Duration) {
	for i := range e.devices {
		if d := &e.devices[i]; d.step > idle && d.step < done {
			if d.step != leaving {
				d.verdict, d.reason = UnderWay, why
			}
			e.finish(d, now)
			e.settle(int32(i), now)
		}
	}
}

// settle puts the Device in line if it is to be asked for something, and sets its alarm.
func (e *Engine) settle(i int32, now time.Duration) {
	d := &e.devices[i]
	if d.step == done {
		if !d.told {
			d.told = true
			e.alarms.set(i, 0)
			e.ended(int(i))
		}
		return
	}
	if d.want != askNothing && d.outstanding == askNothing && !d.inLine {
		d.inLine = true
		e.throttle.line(i)
	}
	e.alarms.set(i, d.due())
}

// Full reports whether requests have to wait, so that it is better not to begin with
// further Devices.
func (e *Engine) Full() bool { return e.throttle.full() }

// Flush sends the requests that may be sent now. It has to be called after each of Begin,
// Receive and Expire, or after several of them.
func (e *Engine) Flush(now time.Duration) {
	for !e.throttle.full() {
		i, ok := e.throttle.next()
		if !ok {
			return
		}
		d := &e.devices[i]
		d.inLine = false
		if d.want != askNothing && d.outstanding == askNothing {
			if d.want == askUpdate && e.asking != nil {
				e.asking(int(i))
			}
			e.request(d, now)
			e.alarms.set(i, d.due())
		}
	}
}

// release takes note that a request of the Device no longer counts in the throttle.
func (e *Engine) release(d *device) {
	if d.counts {
		d.counts = false
		e.throttle.open--
	}
}

// request sends what the Device is to be asked next.
func (e *Engine) request(d *device, now time.Duration) {
	d.outstanding, d.want = d.want, askNothing
	d.mid++
	switch watch := d.outstanding == askWatch; {
	case watch && !d.observing || !watch && d.outstanding != askLeave:
		d.token = e.random.Uint32()
		for d.token == d.watch {
			d.token = e.random.Uint32()
		}
		if watch {
			d.watch = d.token
		}
	default:
		d.token = d.watch
	}
	d.sent, d.copies, d.acked = now, 0, false
	d.timeout = ackTimeout + time.Duration(e.random.Int64N(int64(ackRandom)))
	d.again = now + d.timeout
	d.requests++
	d.counts = true
	e.throttle.open++
	e.transmit(d)
}

func (e *Engine) transmit(d *device) {
	var tail []byte
	if d.outstanding != askBlock {
		tail = e.tails[d.outstanding]
	} else if p := e.parts[d]; p != nil {
		tail = p.tail
	}
	e.buffer = appendRequest(e.buffer[:0], d.outstanding, d.mid, d.token, tail)
	e.send(int(d.source), d.peer, e.buffer)
}

// empty answers a message by an ACK or a RST.
func (e *Engine) empty(source int, peer netip.AddrPort, kind message.Type, mid uint16) {
	e.buffer = appendEmpty(e.buffer[:0], kind, mid)
	e.send(source, peer, e.buffer)
}

// Receive takes in a datagram that has come to a source.
func (e *Engine) Receive(source int, peer netip.AddrPort, data []byte, now time.Duration) {
	a, ok := e.reads.read(data)
	i, known := e.index[peer]
	if !ok || !known || int(e.devices[i].source) != source {
		e.strays++
		return
	}
	e.heard = true
	d := &e.devices[i]
	switch {
	case a.kind == message.Acknowledgement || a.kind == message.Reset:
		if d.outstanding == askNothing || a.mid != d.mid {
			return // late, or doubled
		}
		e.acknowledged(d, a, now)
	case class(a.code) < 2: // a ping, or a request: nothing is served here
		if a.kind == message.Confirmable {
			e.empty(source, peer, message.Reset, a.mid)
		}
		return
	default:
		e.separate(d, a, now)
	}
	e.settle(i, now)
}

// acknowledged takes in an ACK or a RST for the request that is outstanding.
func (e *Engine) acknowledged(d *device, a arrival, now time.Duration) {
	switch {
	case a.kind == message.Reset:
		e.end(d, now)
		e.fault(d, arrival{code: codes.InternalServerError}, "RST", now)
	case class(a.code) == 0 && a.code != codes.Empty: // no answer has such a code: it was damaged on the way
	case a.code == codes.Empty:
		e.release(d)
		d.acked, d.again = true, now+e.plan.Answer
	case a.known && a.token == d.token:
		e.answered(d, a, now)
	default:
		e.misread(d, now)
	}
}

// separate takes in a message that is a notification, or an answer that comes by itself.
func (e *Engine) separate(d *device, a arrival, now time.Duration) {
	live := d.watching() && a.token == d.watch
	answer := a.known && d.outstanding != askNothing && a.token == d.token && (d.acked || !live || !d.observing)
	if !a.known || !live && !answer {
		if a.kind == message.Confirmable {
			e.empty(int(d.source), d.peer, message.Reset, a.mid)
		}
		return
	}
	if a.kind == message.Confirmable {
		e.empty(int(d.source), d.peer, message.Acknowledgement, a.mid)
	}
	if answer {
		e.answered(d, a, now)
		return
	}
	d.notifications++
	if class(a.code) != 2 { // the Device has ended the observation (RFC 7641 section 4.2)
		d.observing = false
		d.look = now + pauseAfter(a)
		return
	}
	if a.block.more { // the rest has to be asked for, and so may the beginning
		d.look = now
		return
	}
	if p, ok := decode(a.payload); ok && a.observes && d.fresh(a.observe, true, now) {
		e.see(d, p, now)
	}
}

// expire does what is due for a Device.
func (e *Engine) expire(d *device, now time.Duration) {
	switch {
	case d.outstanding != askNothing && d.again <= now:
		if !d.acked && d.copies < maxRetransmit {
			d.copies++
			d.resent++
			e.release(d) // it may be that nobody is there
			if d.step > meeting {
				e.throttle.cut(now)
			}
			d.timeout *= 2
			d.again = now + d.timeout
			e.transmit(d)
			return
		}
		e.unanswered(d, now)
	case d.limit != 0 && d.limit <= now:
		e.late(d, now)
	case d.look != 0 && d.look <= now:
		d.look = 0
		if d.want != askNothing { // it is in line
			return
		}
		if d.retry != askNothing {
			d.want, d.retry = d.retry, askNothing
			return
		}
		d.want = e.looks()
	}
}

// looks is the request that shows pstat.
func (e *Engine) looks() ask {
	if e.plan.Poll {
		return askRead
	}
	return askWatch
}

// decode reads pstat. ok is false if it lacks what an update is followed by.
func decode(payload []byte) (ocf.Pstat, bool) {
	p, _, err := ocf.DecodePstat(payload)
	return p, err == nil && p.Present.Has(ocf.PropTM|ocf.PropCM|ocf.PropDOS)
}
