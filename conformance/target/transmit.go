package target

import (
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"

	"github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/message/pool"
	"github.com/plgd-dev/go-coap/v3/udp/coder"

	"github.com/ocfsim/ocfsim/conformance"
)

// maxThreads bounds how many tokens are remembered; late answers to older ones
// are recorded without their request.
const maxThreads = 512

var (
	errBusy   = errors.New("another exchange is under way with this token")
	errEnded  = errors.New("exchange ended")
	errClosed = errors.New("client is closed")
)

// begin makes ex the exchange under way of th.
func (s *session) begin(th *thread, ex *exchange) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil {
		return errClosed
	}
	if th.pending != nil {
		return errBusy
	}
	th.pending = ex
	key := string(th.token)
	if s.threads[key] == th {
		return nil
	}
	s.threads[key] = th
	s.order = append(s.order, key)
	s.trim()
	return nil
}

// trim forgets the oldest tokens that nothing is expected of. The lock is held.
func (s *session) trim() {
	for i := 0; i < len(s.order) && len(s.order) > maxThreads; {
		th := s.threads[s.order[i]]
		if th.pending != nil || th.state == observing {
			i++
			continue
		}
		delete(s.threads, s.order[i])
		s.order = append(s.order[:i], s.order[i+1:]...)
	}
}

// WriteMessage records a datagram of go-coap's and sends it. If the network
// objects, that is a loss and not an error.
func (s *session) WriteMessage(req *pool.Message) error {
	marshalled, err := req.MarshalWithEncoder(coder.DefaultCoder)
	if err != nil {
		return fmt.Errorf("encode %v: %w", req, err)
	}
	raw := clone(marshalled)
	m, err := decode(raw)
	if err != nil {
		return fmt.Errorf("encode %v: %w", req, err)
	}
	s.mu.Lock()
	if s.ctx.Err() != nil {
		s.mu.Unlock()
		return errClosed
	}
	if isRequest(m.Code) {
		if s.depart(m, raw); s.forsaken(m) {
			s.mu.Unlock()
			return nil
		}
	} else {
		s.record(conformance.Message, frame(m, raw), s.repeats.seen[uint16(m.MessageID)].th, typeName(m.Type))
	}
	s.mu.Unlock()
	s.write(raw)
	return nil
}

// depart records a request, or a block of one, and starts its clock. The lock
// is held.
func (s *session) depart(m message.Message, raw []byte) {
	th := s.threads[string(m.Token)]
	if th == nil || th.pending == nil {
		return
	}
	ex := th.pending
	f := frame(m, raw)
	first := ex.n < 0
	ex.mid, ex.raw, ex.acked, ex.attempt, ex.timeout = uint16(m.MessageID), raw, false, 0, s.timing.ack
	ex.shut = refusals{}
	switch {
	case !first:
		s.record(conformance.Message, f, th, "next block")
	case ex.quiet:
		ex.n = s.record(conformance.Message, f, th, "rest of a notification")
		if ex.n < 0 { // there is no room for it in the record: it belongs to the registration
			ex.n = th.request
		}
	default:
		f.Payload = clone(ex.call.Payload)
		ex.n = s.record(conformance.Request, f, th, "")
		th.request = ex.n
	}
	wait := ex.timeout
	if m.Type == message.NonConfirmable {
		wait = s.timing.nonWait()
	}
	s.arm(th, ex, wait)
}

// arm starts the clock of the datagram under way. The lock is held.
func (s *session) arm(th *thread, ex *exchange, d time.Duration) {
	ex.disarm()
	clock := ex.clock
	ex.timer = time.AfterFunc(d, func() { s.expire(th, ex, clock) })
}

// disarm stops the clock of ex. The lock is held.
func (ex *exchange) disarm() {
	if ex.timer != nil {
		ex.timer.Stop()
		ex.timer = nil
	}
	ex.clock++
}

// expire is called when the time is over: it sends the datagram again, with
// twice the time to wait, or gives the exchange up.
func (s *session) expire(th *thread, ex *exchange, clock int) {
	s.mu.Lock()
	if s.ctx.Err() != nil || ex.ended || ex.clock != clock {
		s.mu.Unlock()
		return
	}
	if ex.told != nil && (ex.acked || ex.attempt > 0) {
		s.stands(th, ex)
		s.mu.Unlock()
		return
	}
	if s.sleeps(th, ex, clock) {
		s.mu.Unlock()
		return
	}
	s.suspect(ex)
	if reason := s.spent(ex); reason != "" {
		s.lose(th, ex, reason)
		s.mu.Unlock()
		return
	}
	ex.attempt++
	if ex.shut.count == 0 {
		ex.timeout *= 2
	}
	raw := ex.raw
	if m, err := decode(raw); err == nil {
		s.record(conformance.Message, frame(m, raw), th, fmt.Sprintf("retransmission %d of %d", ex.attempt, s.timing.maxRetransmit))
	}
	s.arm(th, ex, ex.timeout)
	s.mu.Unlock()
	s.write(raw)
}

// sleeps reports whether the Device may be asleep, so that ex can neither be sent again
// nor be given up now; once the Device is awake, or is given up itself, the clock goes on.
// A Device that has acknowledged is not waited for. The lock is held.
func (s *session) sleeps(th *thread, ex *exchange, clock int) bool {
	v := s.timing.vigil
	if v == nil || ex.acked || ex.woken || v.awake() {
		ex.woken = false
		return false
	}
	s.reads.Go(func() {
		if err := v.wake(s.ctx); err != nil {
			return
		}
		s.mu.Lock()
		ex.woken = ex.clock == clock
		s.mu.Unlock()
		s.expire(th, ex, clock)
	})
	return true
}

// spent says why ex has no transmission left; it is empty if there is one. The
// lock is held.
func (s *session) spent(ex *exchange) string {
	switch {
	case ex.shutOut(), ex.shut.count > 0 && ex.attempt >= s.timing.maxRetransmit:
		return ex.shut.text()
	case ex.acked:
		return fmt.Sprintf("acknowledged, but not answered within %v", s.timing.wait())
	case ex.call.NON:
		return fmt.Sprintf("no answer to a NON within %v", s.timing.nonWait())
	case ex.attempt >= s.timing.maxRetransmit:
		return fmt.Sprintf("no answer to %d transmissions within %v", ex.attempt+1, s.timing.wait())
	}
	return ""
}

// text says for a Lost that nobody listens.
func (r refusals) text() string {
	if r.first {
		return fmt.Sprintf("%s: nobody listened for %d transmissions", conformance.PortClosed, r.count)
	}
	return fmt.Sprintf("%s: nobody listened for %d further transmissions", conformance.PortCloses, r.count)
}

// shutOut reports whether it was said often enough that nobody listens. A NON is
// not sent again.
func (ex *exchange) shutOut() bool {
	return ex.shut.count >= maxRefusals || ex.call.NON && ex.shut.count > 0
}

// refused takes note that the network says that nobody listens at the Device's
// port. It does not say for which datagram: it is counted once for the latest
// transmission of each exchange that waits.
func (s *session) refused() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, key := range s.order {
		th := s.threads[key]
		ex := th.pending
		if ex == nil || ex.n < 0 || ex.timer == nil || ex.acked || ex.shut.last == ex.attempt+1 {
			continue
		}
		ex.shut.count++
		ex.shut.last = ex.attempt + 1
		ex.shut.first = ex.shut.first || ex.attempt == 0
		if ex.shutOut() {
			s.lose(th, ex, ex.shut.text())
			continue
		}
		ex.timeout = s.timing.ack // no network is spared where nobody listens
		s.arm(th, ex, ex.timeout)
	}
}

// lose ends ex without an answer. The lock is held.
func (s *session) lose(th *thread, ex *exchange, reason string) {
	kind := conformance.Lost
	if ex.quiet {
		kind = conformance.Message
	}
	n := ex.n
	o := conformance.Observation{Kind: kind, Client: s.name, For: &n, Text: reason}
	ex.reply = Reply{N: s.log.Append(o), Lost: true, Reason: reason}
	s.end(th, ex)
	ex.cancel(errEnded)
}

// end takes ex off th. The lock is held.
func (s *session) end(th *thread, ex *exchange) {
	ex.disarm()
	ex.ended = true
	th.pending = nil
}

// write sends a datagram that was recorded. That a port is unreachable is
// reported on the next write, whose datagram then has not left: so it is tried
// again. The reader of a secured session is who says that the session ended.
func (s *session) write(raw []byte) {
	conn := s.NetConn()
	_, err := conn.Write(raw)
	if errors.Is(err, syscall.ECONNREFUSED) {
		_, err = conn.Write(raw)
	}
	if err != nil && s.secured == nil && !errors.Is(err, net.ErrClosed) {
		s.note("write: " + err.Error())
	}
}
