package target

import (
	"time"

	"github.com/plgd-dev/go-coap/v3/message"

	"github.com/ocfsim/ocfsim/conformance"
)

// threadState says what a datagram with a thread's token means to its Client
// while no exchange waits for it.
type threadState uint8

const (
	single    threadState = iota // answered once; more is late or repeated
	observing                    // notifications are welcome
	left                         // deregistered or forgotten: RST
)

// thread is what shares one token: an exchange under way, and the observation
// that an earlier one began.
//
//	single --register answered with Observe--> observing --Cancel, Forget--> left
type thread struct {
	token        message.Token
	path, query  string
	pending      *exchange // nil for none
	request      int       // Observation of the latest request sent under this token
	registration int       // Observation of the request that began the observation
	state        threadState
	since        time.Time             // when the observation was answered the last time
	fresh        conformance.Freshness // of that answer and the notifications after it
}

// answered begins to follow the numbers of an observation anew with those of f, the answer
// to the request for it.
func (t *thread) answered(f *conformance.Frame) {
	t.since, t.fresh = time.Now(), conformance.Freshness{}
	t.renews(f)
}

// renews reports whether f is newer than all that was told of the observation before, and
// remembers it if so. What was under way for long and comes late is not.
func (t *thread) renews(f *conformance.Frame) bool {
	return f.Observe != nil && t.fresh.Take(*f.Observe, time.Since(t.since))
}

// cause is the request that an Observation of t belongs to, -1 for none.
func (t *thread) cause(kind conformance.Kind) int {
	if kind == conformance.Notification {
		return t.registration
	}
	return t.request
}

// registering is the exchange under way that asks for an observation, nil for none.
func (t *thread) registering() *exchange {
	if ex := t.pending; ex != nil && ex.n >= 0 && ex.registers() {
		return ex
	}
	return nil
}

// awaits reports whether m, which carries t's token, answers t's exchange
// rather than being a notification that came in between.
func (t *thread) awaits(m message.Message) bool {
	ex := t.pending
	if ex == nil || ex.n < 0 || ex.timer == nil { // between two blocks nothing is waited for
		return false
	}
	if m.Type == message.Acknowledgement {
		return uint16(m.MessageID) == ex.mid
	}
	if t.state != observing || !m.Options.HasOption(message.Observe) {
		return true
	}
	return ex.registers() && (ex.acked || ex.call.NON) && !ex.overtaken(m)
}

// overtaken reports whether m is older than a notification that came since ex asked for the
// observation: the answer, which is as new as any, is that one or still to come.
func (ex *exchange) overtaken(m message.Message) bool {
	number, err := m.Options.Observe()
	return err == nil && ex.told != nil && !conformance.Newer(*ex.told.Observe, number)
}
