package target

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"

	"github.com/plgd-dev/go-coap/v3/message"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// theDeviceClosed is the reason recorded for a session that the Device ended.
const theDeviceClosed = "the Device closed the session"

// association is what a session knows of the DTLS sessions below it. There may
// be several, one after another, since a Device may close a session or forget
// it in a restart.
//
//	standing --close_notify, alert--> gone --next exchange: handshake--> standing
//	standing --no answer twice--> suspected --handshake beside it--> standing, over the new one
//
// Everything but the first four fields is guarded by the session's lock.
type association struct {
	id       ocf.UUID // who the Client is
	open     opener
	records  *records   // where its sessions read to; nil: each where it likes
	reviving sync.Mutex // one handshake at a time

	gone    string // why there is no session, "" where there is one
	probing bool   // a handshake is under way beside a session that the Device may have forgotten
	heard   int    // datagrams over the latest session
}

// records lends room for a record of DTLS to one session after another: a scenario has a
// session or two, and a run thousands. The zero value is of use, and so is nil.
type records struct{ idle sync.Pool }

// take lends room until it is given back.
func (r *records) take() (buf []byte, giveBack func()) {
	if r == nil {
		return make([]byte, recordBytes), func() {}
	}
	room, ok := r.idle.Get().(*[recordBytes]byte)
	if !ok {
		room = new([recordBytes]byte)
	}
	return room[:], func() { r.idle.Put(room) }
}

// newSecuredClient speaks over conn, which it owns from now on, and opens
// another connection whenever it loses one. conn is nil if none could be opened
// yet.
func newSecuredClient(conn *channel, a *association, name string, log Log, t timing) *Client {
	var over net.Conn = nowhere{}
	if conn != nil {
		over = conn
	}
	s := prepareSession(over, name, log, t)
	s.secured = a
	c := clientOf(s)
	if conn != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.stand(conn)
	}
	return c
}

// stand continues over conn. The lock is held.
func (s *session) stand(conn *channel) {
	s.conn, s.repeats = conn, repeats{}
	s.secured.gone, s.secured.heard = "", 0
	conn.wire.tell(func() {
		if !s.replaced(conn) {
			s.refused()
		}
	})
	s.tell(conformance.Opened, sessionText(conn, s.secured.id))
	s.reads.Go(func() { s.read(conn) })
}

// tell records what became of the Client's session.
func (s *session) tell(outcome, text string) {
	s.log.Append(conformance.Observation{Kind: conformance.Session, Client: s.name, Outcome: outcome, Text: text})
}

// replaced reports whether another session has taken conn's place.
func (s *session) replaced(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conn != conn
}

// left takes note that the Device ended the session over conn.
func (s *session) left(conn net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn != conn || s.ctx.Err() != nil || s.secured.gone != "" {
		return
	}
	s.tell(conformance.Closed, theDeviceClosed)
	s.drop(conformance.SessionGone + ": " + theDeviceClosed)
	s.reads.Go(func() { _ = conn.Close() })
}

// drop ends everything that hangs on the session. The lock is held.
func (s *session) drop(why string) {
	s.secured.gone = why
	for _, key := range s.order {
		th := s.threads[key]
		if th.state == observing {
			th.state = single
		}
		if ex := th.pending; ex != nil && ex.n >= 0 {
			s.lose(th, ex, why)
		}
	}
}

// forsaken ends the exchange of m, which has just been recorded, if there is no
// session to send m over. The lock is held.
func (s *session) forsaken(m message.Message) bool {
	if s.secured == nil || s.secured.gone == "" {
		return false
	}
	why := s.secured.gone
	if !strings.HasPrefix(why, conformance.SessionGone) { // nobody has asked for another one yet
		why = "no session: " + why
	}
	if th := s.threads[string(m.Token)]; th != nil && th.pending != nil {
		s.lose(th, th.pending, why)
	}
	return true
}

// alive takes note of a datagram. The lock is held.
func (s *session) alive() {
	if s.secured != nil {
		s.secured.heard++
	}
}

// revive opens a session to replace one that is gone. If the Device refuses it,
// that is recorded and is not an error: the next exchange is lost.
func (s *session) revive(ctx context.Context) error {
	a := s.secured
	if a == nil {
		return nil
	}
	a.reviving.Lock()
	defer a.reviving.Unlock()
	s.mu.Lock()
	gone := a.gone != "" && s.ctx.Err() == nil
	s.mu.Unlock()
	if !gone {
		return nil
	}
	conn, err := s.reopen(ctx)
	if err != nil || conn == nil {
		return err
	}
	s.mu.Lock()
	late := s.ctx.Err() != nil
	if !late {
		s.stand(conn)
	}
	s.mu.Unlock()
	if late {
		_ = conn.Close()
	}
	return nil
}

// reopen runs a handshake, and records a refusal; then conn is nil.
func (s *session) reopen(ctx context.Context) (conn *channel, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.ctx, cancel)()
	conn, err = s.secured.open(ctx)
	var no *refusal
	if !errors.As(err, &no) {
		return conn, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.secured.gone != "" {
		s.secured.gone = no.text
	}
	if no.heard {
		s.tell(conformance.Refused, no.text)
	}
	return nil, nil
}

// suspect checks whether the Device has forgotten the session, once a
// retransmission of ex has gone unanswered: it opens another session beside it, and takes that
// one if nothing comes over the old one for ACK_TIMEOUT more (RFC 7252, 4.8).
// The lock is held.
func (s *session) suspect(ex *exchange) {
	a := s.secured
	if a == nil || a.probing || a.gone != "" || ex.acked || ex.attempt < 1 {
		return
	}
	a.probing = true
	old, heard := s.conn, a.heard
	s.reads.Go(func() {
		conn, err := s.reopen(s.ctx)
		if err == nil && conn != nil {
			s.pause(s.timing.ack) // the network may be back only now: what was just asked over old can still be answered
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		a.probing = false
		if err != nil || conn == nil {
			return
		}
		if s.ctx.Err() != nil || s.conn != old || a.gone != "" || a.heard != heard {
			s.reads.Go(func() { _ = conn.Close() })
			return
		}
		s.tell(conformance.Closed, conformance.Forgotten)
		s.drop(conformance.Forgotten)
		s.stand(conn)
		s.reads.Go(func() { _ = old.Close() })
	})
}

// nowhere is the connection of a Client that has had no session yet.
type nowhere struct{ net.Conn }

func (nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (nowhere) Close() error                { return nil }
func (nowhere) LocalAddr() net.Addr         { return &net.UDPAddr{} }
func (nowhere) RemoteAddr() net.Addr        { return &net.UDPAddr{} }
