package fleet

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/ocfsim/ocfsim/ocf/secure"
)

// gate is the secured side of a fleet: it reads the secured socket, answers
// first ClientHellos without keeping anything of them, and gives every other
// record to the handshake or session that it belongs to.
//
// Its lock may be taken while the shard's is held, never the other way round.
type gate struct {
	Secure  // with its defaults filled in
	conn    Conn
	book    *book
	doorman *secure.Doorman
	shard   *shard
	stats   gateCounters

	mu         sync.Mutex
	closed     bool
	table      map[pair]entry
	handshakes int
	underway   map[int32]int // of them, with each Device
	sessions   int
	numbers    uint32 // of sessions, so far
	// proven are the owner transfers whose Client has sent its last flight: it
	// may believe that it has a session before the Device knows of it.
	proven map[int32]*handshake
	work   sync.WaitGroup
}

// pair is a Client's address and a Device: there is at most one session
// between the two.
type pair struct {
	peer   netip.AddrPort
	device int32
}

// entry is what is between a Client and a Device. A session stays until the
// next handshake has succeeded (RFC 6347 4.2.8).
type entry struct {
	session   *session
	handshake *handshake
}

func newGate(s Secure, conn Conn, book *book, sh *shard) (*gate, error) {
	doorman, err := secure.NewDoorman(nil)
	if err != nil {
		return nil, err
	}
	return &gate{Secure: s.withDefaults(), conn: conn, book: book, doorman: doorman, shard: sh, table: make(map[pair]entry), underway: make(map[int32]int), proven: make(map[int32]*handshake)}, nil
}

// receiveAll handles packets that came together.
func (g *gate) receiveAll(packets []Packet) {
	var devices [batchSize]int32
	g.shard.locate(g.book, packets, &devices)
	for i := range packets {
		if devices[i] >= 0 {
			g.receive(&packets[i], devices[i])
		}
	}
}

// locate finds the Devices that packets are for; -1 for one that is none, or
// that can't be reached.
func (sh *shard) locate(b *book, packets []Packet, devices *[batchSize]int32) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	for i := range packets {
		devices[i] = -1
		switch d, ok := b.find(packets[i].Local); {
		case !ok:
			sh.stats.drops.noDevice.Add(1)
		case !sh.slots[d].reachable():
			sh.stats.drops.unreachable.Add(1)
		default:
			devices[i] = int32(d)
		}
	}
}

// receive handles one datagram for a Device that can be reached.
func (g *gate) receive(p *Packet, device int32) {
	key := pair{p.Peer, device}
	switch {
	case p.Multicast, p.Cut, !isRecord(p.Data):
		g.shard.stats.malformed.Add(1)
	case secure.Begins(p.Data):
		g.meet(key, p)
	default:
		g.route(key, p.Data)
	}
}

const (
	recordHeader  = 13 // length of a DTLS record's header
	handshakeType = 22 // content type of handshake messages
)

// isRecord reports whether a datagram begins with a record of DTLS 1.0 or 1.2.
func isRecord(data []byte) bool {
	return len(data) > recordHeader && data[0] >= 20 && data[0] <= 23 && data[1] == 0xfe
}

func epochOf(record []byte) uint16 { return binary.BigEndian.Uint16(record[3:]) }

// route gives a datagram to the session, to the handshake, or to both where
// only their keys could tell whose it is. What is the session's must not
// disturb the handshake, which a record with another key ends.
func (g *gate) route(key pair, data []byte) {
	g.mu.Lock()
	e := g.table[key]
	g.mu.Unlock()
	if e.session == nil && e.handshake == nil {
		g.stats.strays.Add(1)
		return
	}
	var taken bool
	switch {
	case e.session == nil:
		taken = e.handshake.take(data)
	case e.handshake == nil:
		taken = e.session.wire.offer(data)
	case epochOf(data) == 0 || data[0] == handshakeType:
		taken = e.handshake.take(data)
	default:
		taken = e.session.wire.offer(data)
		if e.handshake.proven { // it may be the first word of the next session
			taken = e.handshake.take(data) && taken
		}
	}
	if !taken {
		g.stats.overflow.Add(1)
	}
}

// meet answers a ClientHello with a cookie, or lets it in.
func (g *gate) meet(key pair, p *Packet) {
	verdict, reply, hello := g.doorman.Meet(p.Data, p.Peer, p.Local, time.Now())
	switch verdict {
	case secure.Challenge:
		g.stats.challenges.Add(1)
		g.answer(p, reply)
	case secure.Admit:
		if !g.repeated(key, p.Data) {
			g.admit(key, p, hello)
		}
	default:
		g.shard.stats.malformed.Add(1)
	}
}

// repeated reports whether a ClientHello has begun what is there already: then
// the handshake hears it again, in case its answer was lost.
func (g *gate) repeated(key pair, data []byte) bool {
	g.mu.Lock()
	e := g.table[key]
	g.mu.Unlock()
	random := randomOf(data)
	if e.handshake != nil && e.handshake.random == random {
		e.handshake.wire.offer(data)
		return true
	}
	return e.session != nil && e.session.random == random
}

// randomOf is the random of a ClientHello that the doorman has admitted.
func randomOf(hello []byte) (random [32]byte) {
	copy(random[:], hello[recordHeader+12+2:])
	return random
}

// answer sends a datagram back to where p came from.
func (g *gate) answer(p *Packet, data []byte) {
	one := [1]Packet{{Local: p.Local, Peer: p.Peer, Data: data}}
	if _, err := g.conn.WriteBatch(one[:]); err != nil && !errors.Is(err, net.ErrClosed) {
		g.shard.stats.drops.unsent.Add(1)
	}
}

// Alerts of RFC 5246 7.2, all of them fatal.
const (
	handshakeFailure = 40
	internalError    = 80
)

// alert is a fatal alert in the clear, with the record number of hello.
func alert(hello []byte, description byte) []byte {
	out := []byte{21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, description}
	copy(out[3:11], hello[3:11])
	return out
}

// admit begins a handshake, unless there is no room or the Device wants none.
func (g *gate) admit(key pair, p *Packet, hello []byte) {
	if g.isTransferred(key.device) {
		// Whether the Door shuts is known in a moment: the Client will ask again.
		return
	}
	door, boot, ok := g.shard.door(key.device)
	if !ok {
		return
	}
	refuse := func(why string, description byte) {
		g.shard.log.Info("session refused", "device", door.ID, "peer", key.peer, "reason", why)
		g.answer(p, alert(hello, description))
	}
	if door.Closed {
		g.stats.closed.Add(1)
		refuse("the device takes no session now", handshakeFailure)
		return
	}
	server, err := g.server(&door)
	if err != nil {
		g.stats.closed.Add(1)
		refuse(err.Error(), handshakeFailure)
		return
	}
	h := newHandshake(g, key, p, hello)
	h.door, h.boot, h.server, h.transfer = door, boot, server, door.OTM
	if !g.begin(h) {
		g.stats.full.Add(1)
		refuse("there are enough sessions", internalError)
	}
}

// begin starts a handshake in place of the one that the Client had under way;
// false where there are enough.
func (g *gate) begin(h *handshake) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	// Whoever never finishes with one Device keeps nobody from the others.
	crowded := g.underway[h.key.device] >= max(1, g.MaxHandshakes/4)
	if g.closed || crowded || g.handshakes >= g.MaxHandshakes || g.handshakes+g.sessions >= g.MaxSessions {
		h.cancel(errReplaced)
		return false
	}
	e := g.table[h.key]
	if e.handshake != nil {
		e.handshake.cancel(errReplaced)
	}
	e.handshake = h
	g.table[h.key] = e
	g.handshakes++
	g.underway[h.key.device]++
	g.work.Go(h.run)
	return true
}

// isTransferred reports whether an owner transfer is about to have its session.
func (g *gate) isTransferred(device int32) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.proven[device] != nil
}

// prove notes that a handshake's Client has sent its last flight.
func (g *gate) prove(h *handshake) {
	h.proven = true
	if !h.transfer {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if e := g.table[h.key]; e.handshake == h {
		g.proven[h.key.device] = h
	}
}

// finish forgets a handshake.
func (g *gate) finish(h *handshake) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.handshakes--
	if g.underway[h.key.device]--; g.underway[h.key.device] == 0 {
		delete(g.underway, h.key.device)
	}
	if g.proven[h.key.device] == h {
		delete(g.proven, h.key.device)
	}
	if e := g.table[h.key]; e.handshake == h {
		e.handshake = nil
		g.put(h.key, e)
	}
}

// enter makes s the session of its pair, and returns the one it was before; ok
// is false where the handshake was abandoned meanwhile.
func (g *gate) enter(h *handshake, s *session) (old *session, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	e := g.table[h.key]
	if g.closed || e.handshake != h {
		return nil, false
	}
	g.numbers++
	s.number, s.via.Session = g.numbers, g.numbers
	old, e.session, e.handshake = e.session, s, nil
	g.table[h.key] = e
	g.sessions++
	return old, true
}

// leave takes a session out of the table.
func (g *gate) leave(s *session) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.sessions--
	if e := g.table[s.key]; e.session == s {
		e.session = nil
		g.put(s.key, e)
	}
}

func (g *gate) put(key pair, e entry) {
	if e == (entry{}) {
		delete(g.table, key)
		return
	}
	g.table[key] = e
}

// abandon ends the handshakes with a Device.
func (g *gate) abandon(device int32) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.handshakes == 0 {
		return
	}
	for key, e := range g.table {
		if key.device == device && e.handshake != nil {
			e.handshake.cancel(errReplaced)
			e.handshake = nil
			g.put(key, e)
		}
	}
}

// close ends what is under way and waits until nothing is left. The shard is
// closed before.
func (g *gate) close() error {
	g.mu.Lock()
	g.closed = true
	for _, e := range g.table {
		if e.handshake != nil {
			e.handshake.cancel(context.Canceled)
		}
	}
	g.mu.Unlock()
	g.work.Wait()
	return g.conn.Close()
}
