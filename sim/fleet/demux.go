package fleet

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/ocfsim/ocfsim/ocf/secure"
)

// demux is the secured side of a fleet: it reads the secured socket, answers first
// ClientHellos without storing anything about them, and passes every other record to
// the handshake or session that it belongs to.
//
// Whoever holds the shard's lock may take the demux's, never the other way round. What
// is done where there is no room stands in crowd.go.
type demux struct {
	Secure  // with its defaults filled in
	conn    Conn
	book    *addressBook
	doorman *secure.Doorman
	shard   *shard
	stats   demuxCounters

	identities identities // only the reader of the socket uses them

	mu       sync.Mutex
	closed   bool
	table    map[pair]entry
	underway []*handshake // the oldest first
	sessions int
	numbers  uint32         // session numbers given so far
	holds    map[int32]hold // of the Devices' owner transfers
	work     sync.WaitGroup
}

// pair is a Client's address and a Device. There is at most one session between the
// two.
type pair struct {
	peer   netip.AddrPort
	device int32
}

// entry is what exists between a Client and a Device. A session stays until the next
// handshake has succeeded (RFC 6347 4.2.8).
type entry struct {
	session   *session
	handshake *handshake
}

func newDemux(s Secure, conn Conn, book *addressBook, sh *shard) (*demux, error) {
	doorman, err := secure.NewDoorman(nil)
	if err != nil {
		return nil, err
	}
	d := &demux{Secure: s.withDefaults(), conn: conn, book: book, doorman: doorman, shard: sh, table: make(map[pair]entry), holds: make(map[int32]hold)}
	d.identities.key = d.Key
	return d, nil
}

// receiveAll handles packets that arrived together.
func (d *demux) receiveAll(packets []Packet) {
	var devices [batchSize]int32
	d.shard.locate(d.book, packets, &devices)
	for i := range packets {
		if devices[i] >= 0 {
			d.receive(&packets[i], devices[i])
		}
	}
}

// locate finds the Device that each packet is for. It is -1 if no Device has the
// address, or if the Device cannot be reached.
func (sh *shard) locate(b *addressBook, packets []Packet, devices *[batchSize]int32) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	for i := range packets {
		devices[i] = -1
		switch d, ok := b.find(packets[i].Local); {
		case sh.rerun: // sessions would change the Devices
		case !ok:
			sh.stats.drops.noDevice.Add(1)
		case !sh.slot(d).reachable():
			sh.stats.drops.unreachable.Add(1)
		case sh.asleep(sh.slot(d)):
			sh.stats.drops.asleep.Add(1)
		default:
			sh.stirs(sh.slot(d))
			devices[i] = int32(d)
		}
	}
}

// receive handles one datagram for a Device that can be reached.
func (d *demux) receive(p *Packet, device int32) {
	key := pair{p.Peer, device}
	switch {
	case p.Multicast, p.Cut, !isRecord(p.Data):
		d.shard.stats.malformed.Add(1)
	case secure.Begins(p.Data):
		d.meet(key, p)
	default:
		d.route(key, p.Data)
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

// route gives a datagram to the session, to the handshake, or to both if only their
// keys could tell which of them it belongs to. A record of the session must not
// reach the handshake otherwise, because a record with another key ends the
// handshake.
func (d *demux) route(key pair, data []byte) {
	e := d.find(key)
	if e == (entry{}) {
		d.stats.strays.Add(1)
		return
	}
	s, h := e.session, e.handshake
	shakes := epochOf(data) == 0 || data[0] == handshakeType
	// Once the handshake is proven, it may be the first record of the next session.
	if h != nil && (s == nil || shakes || h.proven) && !h.take(data) {
		if d.find(key) != e { // the handshake has become a session meanwhile
			d.route(key, data)
			return
		}
		d.stats.overflow.Add(1)
	}
	if s != nil && (h == nil || !shakes) {
		s.take(d.shard, data)
	}
}

// find returns what exists between a Client and a Device.
func (d *demux) find(key pair) entry {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.table[key]
}

// meet answers a ClientHello with a cookie, or admits it.
func (d *demux) meet(key pair, p *Packet) {
	verdict, reply, hello := d.doorman.Meet(p.Data, p.Peer, p.Local, time.Now())
	switch verdict {
	case secure.Challenge:
		d.stats.challenges.Add(1)
		d.send(line{local: p.Local, peer: p.Peer}, reply)
	case secure.Admit:
		if !d.repeated(key, p.Data) {
			d.admit(key, p, hello)
		}
	default:
		d.shard.stats.malformed.Add(1)
	}
}

// repeated reports whether a ClientHello repeats the one that began the present
// handshake or session. If so, the handshake gets it again, in case the answer was
// lost.
func (d *demux) repeated(key pair, data []byte) bool {
	e, random := d.find(key), randomOf(data)
	if e.handshake != nil && e.handshake.random == random {
		e.handshake.wire.offer(data)
		return true
	}
	return e.session != nil && e.session.random == random
}

// randomOf returns the random of a ClientHello that the doorman has admitted.
func randomOf(hello []byte) (random [32]byte) {
	copy(random[:], hello[recordHeader+12+2:])
	return random
}

// send sends a datagram from a Device to a Client.
func (d *demux) send(to line, data []byte) {
	one := [1]Packet{{Local: to.local, Peer: to.peer, Data: data}}
	if _, err := d.conn.WriteBatch(one[:]); err != nil && !errors.Is(err, net.ErrClosed) {
		d.shard.stats.drops.unsent.Add(1)
	}
}

// Alerts of RFC 5246 7.2. All of them are fatal.
const (
	handshakeFailure = 40
	internalError    = 80
)

// alert makes a fatal alert in the clear, with the record number of hello.
func alert(hello []byte, description byte) []byte {
	out := []byte{21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, description}
	copy(out[3:11], hello[3:11])
	return out
}

// admit begins a handshake, unless there is no room or the Device accepts none.
func (d *demux) admit(key pair, p *Packet, hello []byte) {
	if d.isTransferred(key.device) {
		// Whether the Door closes will be known in a moment, and the Client will ask
		// again.
		return
	}
	door, boot, ok := d.shard.door(key.device)
	if !ok {
		return
	}
	refuse := func(why string, description byte) {
		d.shard.log.Info("session refused", "device", door.ID, "peer", key.peer, "reason", why)
		d.send(line{local: p.Local, peer: p.Peer}, alert(hello, description))
	}
	if door.Closed {
		d.stats.closed.Add(1)
		refuse("the device takes no session now", handshakeFailure)
		return
	}
	server, err := d.server(key.device, &door)
	if err != nil {
		d.stats.closed.Add(1)
		refuse(err.Error(), handshakeFailure)
		return
	}
	h := newHandshake(d, key, p, hello)
	h.door, h.boot, h.server, h.transfer = door, boot, server, door.OTM
	if !d.begin(h) {
		d.stats.full.Add(1)
		refuse("there are enough sessions", internalError)
	}
}

// begin starts a handshake and abandons the one that the Client had under way. It
// returns false if there is no room for it.
func (d *demux) begin(h *handshake) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed || len(d.underway)+d.sessions >= d.MaxSessions || !d.makeRoom(h) {
		h.cancel(errReplaced)
		return false
	}
	e := d.table[h.key]
	if e.handshake != nil {
		e.handshake.cancel(errReplaced)
	}
	e.handshake = h
	d.table[h.key] = e
	d.underway = append(d.underway, h)
	d.work.Go(h.run)
	return true
}

// finish removes a handshake from the tables.
func (d *demux) finish(h *handshake) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.remove(h)
	d.release(h)
	if e := d.table[h.key]; e.handshake == h {
		e.handshake = nil
		d.put(h.key, e)
	}
}

// remove takes a handshake out of those that are under way.
func (d *demux) remove(h *handshake) {
	if i := slices.Index(d.underway, h); i >= 0 {
		d.underway = slices.Delete(d.underway, i, i+1)
	}
}

// enter makes s the session of its pair and returns the previous session. ok is
// false if the handshake was abandoned meanwhile.
func (d *demux) enter(h *handshake, s *session) (old *session, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	e := d.table[h.key]
	if d.closed || e.handshake != h {
		return nil, false
	}
	d.numbers++
	s.number, s.via.Session = d.numbers, d.numbers
	old, e.session, e.handshake = e.session, s, nil
	d.table[h.key] = e
	d.sessions++
	return old, true
}

// leave removes a session from the table.
func (d *demux) leave(s *session) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sessions--
	if e := d.table[s.key]; e.session == s {
		e.session = nil
		d.put(s.key, e)
	}
}

func (d *demux) put(key pair, e entry) {
	if e == (entry{}) {
		delete(d.table, key)
		return
	}
	d.table[key] = e
}

// abandon ends all handshakes with a Device.
func (d *demux) abandon(device int32) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.underway) == 0 {
		return
	}
	for key, e := range d.table {
		if key.device == device && e.handshake != nil {
			e.handshake.cancel(errReplaced)
			e.handshake = nil
			d.put(key, e)
		}
	}
}

// close ends what is under way and waits until nothing is left. The shard must be
// closed first.
func (d *demux) close() error {
	d.mu.Lock()
	d.closed = true
	for _, e := range d.table {
		if e.handshake != nil {
			e.handshake.cancel(context.Canceled)
		}
	}
	d.mu.Unlock()
	d.work.Wait()
	return d.conn.Close()
}
