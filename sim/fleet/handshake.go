package fleet

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ocfsim/ocfsim/ocf/secure"
	"github.com/ocfsim/ocfsim/sim"
)

// handshakeBytes is how much a Client may send before its handshake is over: twice
// what the longest chains of certificates need.
const handshakeBytes = 32 << 10

// Errors that end a handshake.
var (
	errReplaced = errors.New("abandoned")
	errTooLate  = errors.New("the client did not finish in time")
)

// handshake is a handshake under way. Its goroutine ends when it has become a session.
type handshake struct {
	demux  *demux
	key    pair
	packet Packet // the ClientHello's addresses, copied; without Data
	hello  []byte
	random [32]byte
	wire   *wire
	ctx    context.Context
	cancel context.CancelCauseFunc
	proven bool // the Client's last flight has come; only the reader of the socket uses this

	// What Door said when the handshake began.
	door   sim.Door
	boot   uint16
	server secure.Server

	transfer    bool      // it is an owner transfer
	heard       time.Time // when its Client sent something; only the reader of the socket uses this
	established bool      // it has become a session
}

func newHandshake(d *demux, key pair, p *Packet, hello []byte) *handshake {
	h := &handshake{
		demux: d, key: key, packet: Packet{Local: p.Local, Peer: p.Peer}, hello: append([]byte(nil), hello...),
		random: randomOf(hello), wire: newWire(d.conn, p.Local, p.Peer, handshakeBytes), heard: time.Now(),
	}
	h.ctx, h.cancel = context.WithCancelCause(context.Background())
	return h
}

// take gives the handshake a datagram of its Client. Only the reader of the secured
// socket calls it.
func (h *handshake) take(data []byte) bool {
	h.heard = time.Now()
	if !h.proven && hasFinished(data) {
		h.demux.prove(h)
	}
	return h.wire.offer(data)
}

// hasFinished reports whether a datagram contains an encrypted handshake message.
// The Client's last flight ends with one.
func hasFinished(data []byte) bool {
	for len(data) > recordHeader {
		if data[0] == handshakeType && epochOf(data) > 0 {
			return true
		}
		length := int(data[11])<<8 | int(data[12])
		data = data[min(recordHeader+length, len(data)):]
	}
	return false
}

// run performs the handshake and makes a session of it.
func (h *handshake) run() {
	d := h.demux
	deadline := time.AfterFunc(d.HandshakeTimeout, func() { h.cancel(errTooLate) })
	conn, who, err := h.server.Accept(h.ctx, h.wire, h.wire.remote(), h.hello)
	deadline.Stop()
	if err != nil {
		h.failed(err)
		return
	}
	s := &session{key: h.key, random: h.random, conn: conn}
	s.line = line{local: h.packet.Local, peer: h.packet.Peer, session: s}
	s.via.OTM = h.door.OTM
	if !s.via.OTM {
		s.via.Subject = subjectOf(who)
	}
	if err := h.establish(s); err != nil {
		d.stats.failures.Add(1)
		d.shard.log.Info("session refused", "device", h.door.ID, "peer", h.key.peer, "reason", err)
		if !errors.Is(err, errReplaced) {
			s.stop(d.shard, politely)
		}
	}
	_ = h.wire.Close()
	d.finish(h)
}

// failed removes a handshake that did not succeed.
func (h *handshake) failed(err error) {
	d := h.demux
	_ = h.wire.Close()
	d.finish(h)
	cause := context.Cause(h.ctx)
	h.cancel(nil)
	switch {
	case errors.Is(cause, errReplaced), errors.Is(cause, context.Canceled):
		return
	case cause != nil:
		err = cause
	}
	d.stats.failures.Add(1)
	d.shard.log.Info("handshake failed", "device", h.door.ID, "peer", h.key.peer, "reason", err)
	d.sightedRefusal(h.key, h.door.ID, h.packet.Local, err.Error())
}

// establish makes s a session of its Device, unless the Device has changed since the
// handshake began.
func (h *handshake) establish(s *session) error {
	sh := h.demux.shard
	err := errReplaced // the error if the fleet is closed
	sh.do(func() {
		slot := sh.slot(int(h.key.device))
		if !slot.reachable() || slot.boot != h.boot {
			return
		}
		now := slot.device.Door()
		if now.Closed || now.OTM != h.door.OTM || now.Method != h.door.Method || now.PIN != h.door.PIN || now.ID != h.door.ID {
			err = errors.New("the device has changed its state during the handshake")
			return
		}
		old, ok := h.demux.enter(h, s)
		if !ok {
			return
		}
		err = nil
		sh.open(s, old)
		h.handOver(s)
	})
	if h.established = err == nil; h.established {
		h.demux.stats.handshakes.Add(1)
	}
	return err
}

// handOver gives the session what came for it before it was there. The shard's lock is
// held, and s is in the table: what comes from now on goes to s, and waits for the lock.
func (h *handshake) handOver(s *session) {
	for _, datagram := range slices.Concat(s.conn.Held(), h.wire.drain()) {
		for got := range s.conn.Open(datagram) {
			s.received(h.demux.shard, got)
		}
	}
}

// door returns which sessions a Device accepts now, and how often it has lost its
// RAM. ok is false if the Device cannot be reached.
func (sh *shard) door(device int32) (door sim.Door, boot uint16, ok bool) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	slot := sh.slot(int(device))
	if sh.closed || !slot.reachable() {
		return door, 0, false
	}
	return slot.device.Door(), slot.boot, true
}

// server turns an open door into what the DTLS library needs to know.
func (d *demux) server(device int32, door *sim.Door) (secure.Server, error) {
	s := secure.Server{Device: door.ID, KeyLog: d.KeyLog}
	if !door.OTM {
		s.Key = d.keysOf(device, door)
		s.Certificate, s.Roots = d.identities.of(door.Creds)
		return s, nil
	}
	method := secure.OTM(door.Method)
	s.OTM, s.PIN = &method, secure.PIN(door.PIN)
	if method == secure.ManufacturerCertificate {
		if d.Certificate == nil {
			return s, errors.New("the fleet has no manufacturer certificate")
		}
		s.Certificate = d.Certificate
	}
	if method.Label() == "" {
		return s, fmt.Errorf("%v is no owner transfer method", method)
	}
	return s, nil
}
