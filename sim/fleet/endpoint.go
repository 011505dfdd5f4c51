package fleet

import (
	"errors"

	"github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/message/codes"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
)

// receive handles one packet. Whatever the packet contains, the worst that can
// happen is that it is dropped and counted.
func (sh *shard) receive(p *Packet) {
	sh.strangers.came(p.Peer, len(p.Data), sh.now())
	if p.Multicast {
		sh.receiveMulticast(p)
		return
	}
	i, ok := sh.book.find(p.Local)
	if !ok {
		sh.stats.drops.noDevice.Add(1)
		return
	}
	s := sh.slot(i)
	if !s.reachable() {
		if sh.hearOffline(s, p) {
			return
		}
		sh.stats.drops.unreachable.Add(1)
		return
	}
	if sh.asleep(s) {
		sh.stats.drops.asleep.Add(1)
		return
	}
	sh.stirs(s)
	sh.receiveFor(s, line{local: p.Local, peer: p.Peer}, p)
}

// receiveFor handles a datagram for a Device that can be reached, either plain CoAP
// or already decrypted.
func (sh *shard) receiveFor(s *slot, on line, p *Packet) {
	sh.sighted(Came, s, on, p.Data, "")
	f := &sh.scratch.frame
	if err := decode(p.Data, f); err != nil {
		sh.stats.malformed.Add(1)
		if errors.Is(err, errFormat) && f.typ == message.Confirmable {
			sh.sendReset(on, f.mid)
		}
		return
	}
	switch f.typ {
	case message.Acknowledgement:
		if !sh.arrived(s, on, f.mid) && !sh.acknowledged(s, on, f.mid) && f.code == codes.Empty {
			sh.shows(on, f.mid)
		}
	case message.Reset:
		if f.code == codes.Empty {
			sh.shows(on, f.mid)
			sh.arrived(s, on, f.mid)
			sh.wasReset(s, on, f.mid)
		}
	default:
		sh.receiveCall(s, on, p, f)
	}
}

// receiveCall handles a CON or NON message.
func (sh *shard) receiveCall(s *slot, on line, p *Packet, f *frame) {
	switch {
	case f.isRequest():
		sh.ping(on) // before the answer, after which a Client may be gone
		sh.receiveRequest(s, on, p, f)
	case f.typ == message.Confirmable: // a ping, or a response to no request
		sh.sendReset(on, f.mid)
	default:
		sh.stats.malformed.Add(1)
	}
}

// receiveRequest answers a request. If it has seen the request before, it repeats
// the answer.
func (sh *shard) receiveRequest(s *slot, on line, p *Packet, f *frame) {
	key := keyOf(on, int(s.index), s.boot, f.mid)
	memory, seen := sh.meet(key)
	if seen {
		sh.stats.duplicates.Add(1)
		if f.typ == message.Confirmable {
			sh.repeat(on, memory)
		}
		return
	}
	sh.stats.requests.Add(1)
	r := &sh.scratch.request
	*r = request{device: int(s.index), envelope: envelope{line: on}, memory: memory}
	if on.session != nil {
		r.body.Via = on.session.via
	}
	if sh.replay != nil {
		if played := sh.replayed(s, on, p.Data, key); played.Known {
			if !played.Withheld {
				sh.performUnheard(s, r, f)
			}
			return
		}
	}
	f.code = sh.method(s, r, f.code)
	no := r.read(f)
	if sh.dozes(s, r) {
		sh.stats.drops.asleep.Add(1)
		return
	}
	if p.Cut && no.code == 0 {
		no = refusal{codes.RequestEntityTooLarge, ""}
	}
	if no.code == codes.BadOption && !r.confirmable() {
		sh.stats.malformed.Add(1) // RFC 7252 5.4.1: reject the message
		sh.sendReset(on, f.mid)
		return
	}
	if no.code == 0 && r.code == codes.POST {
		no = sh.gather(r)
	}
	if no.code != 0 {
		sh.respond(s, r, reply{code: no.code, format: none, payload: []byte(no.why)})
		return
	}
	sh.perform(s, r)
}

// repeat sends the answer to a remembered request again, if there was one.
func (sh *shard) repeat(on line, seen kept) {
	sh.scratch.payload = seen.in.answer(sh.scratch.payload[:0], seen.exchange)
	if len(sh.scratch.payload) > 0 {
		again := sh.add(on)
		again.Data = append(again.Data, sh.scratch.payload...)
	}
}

// gather puts the blocks of a POST together.
func (sh *shard) gather(r *request) refusal {
	if r.block2.present && r.block2.num > 0 {
		return refusal{codes.RequestEntityIncomplete, "the answer to a POST is not kept"}
	}
	if !r.block1.present {
		if len(r.body.Payload) > maxBody {
			return refusal{codes.RequestEntityTooLarge, ""}
		}
		return refusal{}
	}
	payload, done, answer := sh.assemble(r)
	if done {
		r.body.Payload = payload
	}
	return answer
}

// perform gives the request to the Device and carries out the effects.
func (sh *shard) perform(s *slot, r *request) {
	if sh.rerun && r.code != codes.GET {
		sh.respond(s, r, reply{code: codes.ServiceUnavailable, format: none, payload: []byte(rerunRefusal)})
		return
	}
	r.body.Observe = r.observe == observeStart && r.code == codes.GET
	if !r.confirmable() {
		r.body.Way |= sim.Unconfirmed
	}
	if r.block1.present {
		r.body.Way |= sim.InBlocks
	}
	if r.writesPstat() {
		sh.wrote(s, r.line)
	}
	if r.body.Via.OTM && r.code == codes.POST && r.body.Path == ocf.PathCred {
		r.body.Via.OwnerKey = r.session.ownerKey(s)
	}
	if r.code == codes.POST && r.body.Path == ocf.PathDoxm {
		r.body.PIN = freshPIN()
	}
	ev := &sh.scratch.event
	*ev = sim.Event{Kind: r.event(), At: sh.clock(s), Request: r.body}
	sh.undergo(s, r)
	sh.unanswered(s, r)
}

// sendReset rejects the message with that id.
func (sh *shard) sendReset(on line, mid uint16) {
	sh.stats.resets.Add(1)
	out := sh.add(on)
	out.Data = append(out.Data, 0x40|byte(message.Reset)<<4, 0, byte(mid>>8), byte(mid))
}
