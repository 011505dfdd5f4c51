package coap

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/message/codes"
	"github.com/plgd-dev/go-coap/v3/udp/coder"
)

// Times of RFC 7252 section 4.8.
const (
	patience   = time.Second     // until a question is acknowledged whose answer takes longer
	ackTimeout = 2 * time.Second // until an answer is sent again; it doubles from then on
	resends    = 4
)

// maxRecent is how many questions of a peer are remembered, to be answered the same
// when they arrive again.
const maxRecent = 32

// peer is whoever sends from one address.
type peer struct {
	server  *Server
	addr    netip.AddrPort
	ctx     context.Context
	stop    context.CancelFunc
	deaf    bool // nothing it sends is heard
	out     func([]byte) error
	session *session  // nil without DTLS
	heard   time.Time // the server's lock guards it

	mu        sync.Mutex
	send      func([]byte) error // over the session; nil: out
	end       func()             // the session; nil without
	mid       uint16
	recent    map[int32][]byte // answers by the message id of the question; nil: none yet, or none at all
	order     []int32
	waiting   map[int32]chan bool // for an acknowledgement of a message id; false: it was a RST
	transfers map[string]*transfer
}

// take gives the peer a datagram from its address.
func (p *peer) take(data []byte) {
	switch {
	case p.deaf:
	case p.session != nil:
		p.session.offer(data)
	default:
		p.receive(data)
	}
}

// secure has messages leave over an established session.
func (p *peer) secure(send func([]byte) error, end func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.send, p.end = send, end
}

// forget ends all that there is of the peer.
func (p *peer) forget() {
	p.stop()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, t := range p.transfers {
		t.over()
	}
	clear(p.transfers)
}

// write sends a message.
func (p *peer) write(m message.Message) []byte {
	data := make([]byte, maxDatagram)
	n, err := coder.DefaultCoder.Encode(m, data)
	if err != nil {
		return nil // a message of ours can be encoded
	}
	p.resend(data[:n])
	return data[:n]
}

// resend sends the bytes of a message.
func (p *peer) resend(data []byte) {
	p.mu.Lock()
	send := p.send
	p.mu.Unlock()
	if send == nil {
		send = p.out
	}
	_ = send(data) // a datagram may be lost anyway
}

// receive takes one message.
func (p *peer) receive(data []byte) {
	m := message.Message{Options: make(message.Options, 0, 16)}
	if _, err := coder.DefaultCoder.Decode(data, &m); err != nil {
		return
	}
	switch {
	case m.Type == message.Acknowledgement || m.Type == message.Reset:
		p.acknowledged(m.MessageID, m.Type == message.Acknowledgement)
	case m.Code == codes.Empty:
		p.write(message.Message{Type: message.Reset, MessageID: m.MessageID, Code: codes.Empty})
	case m.Code > codes.Empty && m.Code < 1<<5:
		if again, answer := p.again(m.MessageID); again {
			if answer != nil {
				p.resend(answer)
			}
			return
		}
		p.server.wg.Go(func() { p.question(m) })
	}
}

// again reports whether a message id was heard before, and what was answered then.
func (p *peer) again(mid int32) (again bool, answer []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if answer, again = p.recent[mid]; again {
		return true, answer
	}
	if len(p.order) >= maxRecent {
		delete(p.recent, p.order[0])
		p.order = p.order[1:]
	}
	p.order = append(p.order, mid)
	p.recent[mid] = nil
	return false, nil
}

// remember keeps what was answered to a message id.
func (p *peer) remember(mid int32, answer []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, known := p.recent[mid]; known {
		p.recent[mid] = answer
	}
}

// acknowledged tells whoever waits that an answer has arrived, or was refused.
func (p *peer) acknowledged(mid int32, yes bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c := p.waiting[mid]; c != nil {
		delete(p.waiting, mid)
		c <- yes
	}
}

// question answers a request: with the acknowledgement, or with a message of its own if
// the answer takes longer.
func (p *peer) question(m message.Message) {
	confirmable := m.Type == message.Confirmable
	late := make(chan bool, 1)
	acknowledge := time.AfterFunc(patience, func() {
		if confirmable {
			p.remember(m.MessageID, p.write(message.Message{Type: message.Acknowledgement, MessageID: m.MessageID, Code: codes.Empty}))
		}
		late <- true
	})
	r := p.answer(m)
	if acknowledge.Stop() {
		late <- false
	}
	separate := <-late
	switch {
	case r.silent || p.ctx.Err() != nil:
		return
	case r.reset:
		p.write(message.Message{Type: message.Reset, MessageID: m.MessageID, Code: codes.Empty})
		p.hangUp()
		return
	}
	answer := message.Message{Token: m.Token, Code: r.code, Options: r.options, Payload: r.payload}
	if confirmable && !separate {
		answer.Type, answer.MessageID = message.Acknowledgement, m.MessageID
		p.remember(m.MessageID, p.write(answer))
		return
	}
	answer.Type, answer.MessageID = message.NonConfirmable, p.nextMID()
	if confirmable {
		answer.Type = message.Confirmable
	}
	p.deliver(answer)
}

// deliver sends a message, and a confirmable one again until it is acknowledged.
func (p *peer) deliver(m message.Message) {
	arrived := make(chan bool, 1)
	p.mu.Lock()
	p.waiting[m.MessageID] = arrived
	p.mu.Unlock()
	defer p.acknowledged(m.MessageID, false)
	data := p.write(m)
	if m.Type != message.Confirmable {
		return
	}
	for i, wait := 0, ackTimeout; i < resends; i, wait = i+1, 2*wait {
		timer := time.NewTimer(wait)
		select {
		case <-arrived:
			timer.Stop()
			return
		case <-p.ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
			p.resend(data)
		}
	}
}

func (p *peer) nextMID() int32 {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mid++
	return int32(p.mid)
}

// hangUp ends the session with an alert.
func (p *peer) hangUp() {
	p.mu.Lock()
	end := p.end
	p.mu.Unlock()
	if end != nil {
		end()
	}
}
