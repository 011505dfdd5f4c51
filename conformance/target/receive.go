package target

import (
	"fmt"
	"strings"
	"time"

	"github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/message/codes"

	"github.com/ocfsim/ocfsim/conformance"
)

// reaction is what a datagram calls for: an empty message to send back, and
// datagrams to hand up to go-coap.
type reaction struct {
	reply []byte
	up    [][]byte
}

// empty is a message without code, token and options.
func empty(t message.Type, mid uint16) []byte {
	return []byte{0x40 | byte(t)<<4, 0, byte(mid >> 8), byte(mid)}
}

// receive records one datagram and does what it calls for.
func (s *session) receive(raw []byte) {
	m, err := decode(raw)
	s.mu.Lock()
	s.alive()
	var r reaction
	if err != nil {
		s.record(conformance.Message, &conformance.Frame{Raw: clone(raw)}, nil, "not CoAP: "+err.Error())
	} else {
		r = s.classify(m, raw)
	}
	s.mu.Unlock()
	if r.reply != nil {
		s.write(r.reply)
	}
	for _, datagram := range r.up {
		_ = s.cc.Process(nil, datagram) // fails only if s is closed: what go-coap can't read was sorted out above
	}
}

// classify tells what m is. The lock is held.
func (s *session) classify(m message.Message, raw []byte) reaction {
	numbered := m.Type == message.Confirmable || m.Type == message.NonConfirmable
	if !numbered {
		return s.sort(m, raw)
	}
	mid, now := uint16(m.MessageID), time.Now()
	if was, ok := s.repeats.known(mid, raw, now); ok {
		s.record(conformance.Message, frame(m, raw), was.th, "duplicate")
		if m.Type == message.NonConfirmable {
			return reaction{}
		}
		if was.rst {
			return s.send(message.Reset, mid, was.th)
		}
		return s.send(message.Acknowledgement, mid, was.th)
	}
	var th *thread
	if len(m.Token) > 0 {
		th = s.threads[string(m.Token)]
	}
	r := s.sort(m, raw)
	rejected := r.reply != nil && message.Type(r.reply[0]>>4&3) == message.Reset
	s.repeats.remember(mid, raw, now, rejected, th)
	return r
}

// sort handles a datagram that is no duplicate. The lock is held.
func (s *session) sort(m message.Message, raw []byte) reaction {
	switch {
	case m.Code == codes.Empty:
		return s.control(m, raw)
	case m.Code>>5 == 2, m.Code>>5 == 4, m.Code>>5 == 5:
		return s.answer(m, raw)
	}
	s.record(conformance.Message, frame(m, raw), nil, "a request, or a code that no answer has")
	return s.reject(m, nil)
}

// control handles an empty message. The lock is held.
func (s *session) control(m message.Message, raw []byte) reaction {
	th := s.byMID(uint16(m.MessageID))
	switch m.Type {
	case message.Acknowledgement:
		s.record(conformance.Message, frame(m, raw), th, "ACK")
		if th == nil {
			return reaction{}
		}
		s.await(th)
		return reaction{up: [][]byte{clone(raw)}}
	case message.Reset:
		s.record(conformance.Message, frame(m, raw), th, "RST")
		if th != nil {
			s.lose(th, th.pending, "rejected with RST")
		}
		return reaction{}
	case message.Confirmable:
		s.record(conformance.Message, frame(m, raw), nil, "ping")
		return s.reject(m, nil)
	}
	s.record(conformance.Message, frame(m, raw), nil, "empty NON")
	return reaction{}
}

// await gives an acknowledged exchange time for its separate answer. That it is
// acknowledged again gives it no more: else a Device could put it off for ever. The
// lock is held.
func (s *session) await(th *thread) {
	if th.pending.acked {
		return
	}
	th.pending.acked = true
	if th.pending.told != nil { // the answer may have come before its ACK
		s.arm(th, th.pending, s.timing.ack)
		return
	}
	s.arm(th, th.pending, s.timing.wait())
}

// byMID is the thread whose datagram under way has this message ID, nil for none.
func (s *session) byMID(mid uint16) *thread {
	for _, th := range s.threads {
		if ex := th.pending; ex != nil && ex.n >= 0 && ex.mid == mid && ex.timer != nil {
			return th
		}
	}
	return nil
}

// answer handles a message with a response code. The lock is held.
func (s *session) answer(m message.Message, raw []byte) reaction {
	th := s.threads[string(m.Token)]
	switch {
	case th == nil:
		return s.stray(m, raw)
	case th.awaits(m):
		return s.conclude(th, m, raw)
	case th.state == left:
		s.record(conformance.Message, frame(m, raw), th, "after deregistration")
		if m.Type == message.Acknowledgement {
			return reaction{}
		}
		return s.send(message.Reset, uint16(m.MessageID), th)
	case th.state == observing && m.Type != message.Acknowledgement:
		return s.notified(th, m, raw)
	}
	s.record(conformance.Message, frame(m, raw), th, "late or repeated answer")
	return s.reject(m, th)
}

// stray handles an answer with a token that no request had. As an ACK it still
// acknowledges the datagram it names. The lock is held.
func (s *session) stray(m message.Message, raw []byte) reaction {
	s.record(conformance.Message, frame(m, raw), nil, "token of no request")
	if m.Type != message.Acknowledgement {
		return s.reject(m, nil)
	}
	if th := s.byMID(uint16(m.MessageID)); th != nil {
		s.await(th)
	}
	return reaction{}
}

// conclude handles an answer that th's exchange waits for. The lock is held.
func (s *session) conclude(th *thread, m message.Message, raw []byte) reaction {
	ex := th.pending
	if ex.stale(m) {
		s.record(conformance.Message, frame(m, raw), th, "a block that was asked for earlier")
		return s.acknowledge(m, th)
	}
	r := reaction{up: [][]byte{clone(raw)}}
	if m.Type != message.Acknowledgement && !ex.call.NON && !ex.acked {
		// The answer overtook the ACK, or the ACK was lost; go-coap waits for one.
		r.up = [][]byte{empty(message.Acknowledgement, ex.mid), clone(raw)}
	}
	ex.disarm()
	final, text := ex.accept(m)
	f := frame(m, raw)
	if !final {
		if text == "" {
			text = "one block of the answer"
		}
		s.record(conformance.Message, f, th, text)
		s.opened(th, ex, m, f)
		return r
	}
	kind := conformance.Response
	if ex.quiet {
		kind = conformance.Message
	}
	f.Payload = ex.body
	opts := options(m)
	if ex.first != nil {
		f.Observe, f.Format, opts = ex.first.observe, ex.first.format, ex.first.options
	}
	n := s.record(kind, f, th, text)
	ex.reply = Reply{N: n, Frame: *f, Options: opts}
	if strings.HasPrefix(text, incomplete) {
		ex.reply.Incomplete = text
	}
	s.end(th, ex)
	switch {
	case ex.observe == nil:
	case *ex.observe == 1:
		th.state = left
	case isSuccess(m.Code) && m.Options.HasOption(message.Observe):
		th.state, th.registration = observing, ex.n
		th.answered(f)
	default:
		th.state = single
	}
	return r
}

// opened takes note of the first block of an answer, m, which is recorded as f.
// If it is the answer to a registration, the observation has begun. The lock is held.
func (s *session) opened(th *thread, ex *exchange, m message.Message, f *conformance.Frame) {
	b, ok := blockOption(m, message.Block2)
	if !ok || b.num != 0 || ex.first != nil || !isSuccess(m.Code) || m.Code == codes.Continue {
		return
	}
	ex.first = &opening{observe: f.Observe, format: f.Format, options: options(m)}
	if ex.registers() && f.Observe != nil {
		th.state, th.registration = observing, ex.n
	}
}

// stands takes the latest notification for the answer to the registration ex:
// the answer came, but its ACK was lost, so that it could not be told from a
// notification. The lock is held.
func (s *session) stands(th *thread, ex *exchange) {
	f := *ex.told
	n := s.record(conformance.Response, &f, th, "the latest notification is taken for the answer, whose ACK did not come")
	th.registration = ex.n
	ex.reply = Reply{N: n, Frame: f}
	s.end(th, ex)
	ex.cancel(errEnded)
}

// notified handles a notification, in or out of its turn. One that carries an
// error, or no Observe option, ends the observation. The lock is held.
func (s *session) notified(th *thread, m message.Message, raw []byte) reaction {
	f := frame(m, raw)
	if b, ok := blockOption(m, message.Block2); ok && b.more && isSuccess(m.Code) {
		if s.record(conformance.Message, f, th, conformance.FirstBlock) >= 0 { // what is not kept needs no rest
			s.gather(th, detach(m), f)
		}
		return s.acknowledge(m, th)
	}
	text := ""
	if !isSuccess(m.Code) || !m.Options.HasOption(message.Observe) {
		text = "ends the observation"
		th.state = single
	}
	s.record(conformance.Notification, f, th, text)
	if ex := th.registering(); th.renews(f) && ex != nil && text == "" {
		ex.told = f
	}
	return s.acknowledge(m, th)
}

// detach copies m out of the read buffer.
func detach(m message.Message) message.Message {
	m.Token, m.Payload = clone(m.Token), clone(m.Payload)
	opts := m.Options
	m.Options = make(message.Options, len(opts))
	for i, o := range opts {
		m.Options[i] = message.Option{ID: o.ID, Value: clone(o.Value)}
	}
	return m
}

// acknowledge answers a CON with ACK. The lock is held.
func (s *session) acknowledge(m message.Message, th *thread) reaction {
	if m.Type != message.Confirmable {
		return reaction{}
	}
	return s.send(message.Acknowledgement, uint16(m.MessageID), th)
}

// reject answers a CON with RST. The lock is held.
func (s *session) reject(m message.Message, th *thread) reaction {
	if m.Type != message.Confirmable {
		return reaction{}
	}
	return s.send(message.Reset, uint16(m.MessageID), th)
}

// send records an empty message and asks for it to be sent. The lock is held.
func (s *session) send(t message.Type, mid uint16, th *thread) reaction {
	raw := empty(t, mid)
	m, err := decode(raw)
	if err != nil {
		panic(fmt.Sprintf("own empty message %x: %v", raw, err))
	}
	s.record(conformance.Message, frame(m, raw), th, typeName(t))
	return reaction{reply: raw}
}
