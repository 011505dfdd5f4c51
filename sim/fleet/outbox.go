package fleet

import (
	"errors"
	"net"
)

// outbox holds packets until the current event is over. Packets of a session are not
// encrypted yet.
type outbox struct {
	packets  []Packet
	sessions []*session // of the packet at the same index; nil: plain CoAP
	answers  []answerTo // what the packet at the same index answers
	n        int
}

// answerTo tells an answer to a request that has changed the Device's state from
// other packets. It is kept only where there is a Store.
type answerTo struct {
	changes  bool
	kept     bool // for duplicates, under exchange
	exchange exchangeKey
}

// add makes room for a packet and returns it with empty Data.
func (sh *shard) add(on line) *Packet {
	out := &sh.scratch.out
	if out.n == batchSize {
		sh.flush()
	}
	if out.n == len(out.packets) {
		out.packets = append(out.packets, Packet{Data: make([]byte, 0, 256)})
		out.sessions = append(out.sessions, nil)
		out.answers = append(out.answers, answerTo{})
	}
	sh.stirsAt(on)
	p := &out.packets[out.n]
	out.sessions[out.n] = on.session
	out.answers[out.n].changes = false
	out.n++
	p.Local, p.Peer, p.Multicast, p.Data = on.local, on.peer, false, p.Data[:0]
	return p
}

// flush saves what Devices must not lose if a packet is about to tell of it, and then sends
// the waiting packets in order. It hands each run of adjacent plain packets to the Conn at
// once, and sends the others through their sessions.
func (sh *shard) flush() {
	out := &sh.scratch.out
	if out.n > 0 {
		sh.commit()
	}
	first := 0
	for i, s := range out.sessions[:out.n] {
		if s == nil {
			continue
		}
		sh.write(out.packets[first:i])
		s.send(sh, out.packets[i].Data)
		out.sessions[i], first = nil, i+1
	}
	sh.write(out.packets[first:out.n])
	out.n = 0
}

// write hands plain packets to the Conn.
func (sh *shard) write(packets []Packet) {
	if packets = sh.paid(packets); len(packets) == 0 {
		return
	}
	sh.seeLeaving(packets)
	n, err := sh.conn.WriteBatch(packets)
	if err != nil && !errors.Is(err, net.ErrClosed) {
		sh.stats.drops.unsent.Add(uint64(len(packets) - n))
		sh.log.Warn("write", "error", err, "packets", len(packets)-n)
	}
}
