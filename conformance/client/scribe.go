package client

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// The Texts of a Message in the record of a Client. A Message that repeats another
// entry, or answers it, has it in For.
const (
	SentAgain      = "sent again by the Client"
	Acknowledged   = "acknowledged by the Client"
	Rejected       = "rejected by the Client"
	OtherOfClient  = "another message of the Client"
	ToldAgain      = "sent again by the Device"
	Acknowledges   = "acknowledged by the Device" // the answer comes later
	Rejects        = "rejected by the Device"
	Pings          = "an empty CON of the Device, which asks whether the Client is there"
	OtherOfDevice  = "another message of the Device"
	NoCoAPOfClient = "no CoAP message, of the Client: " // what is wrong follows
)

// The times of RFC 7252 section 4.8.2 within which a Message ID means one message, for
// messages that are confirmable and for others.
const (
	exchangeLifetime = 247 * time.Second
	nonLifetime      = 145 * time.Second
)

// Scribe writes the record of one Client's dealings with one Device. What it is told of,
// it has to be told in order. One goroutine at a time may use it.
type Scribe struct {
	recorder *conformance.Recorder
	began    time.Time
	ends     map[string]*end
	groups   groups
	missed   int // what came when the record was full
}

// end is one endpoint of the Client: an address in the clear, or a session.
type end struct {
	came    map[uint16]sent   // by the Client's Message ID
	answers map[uint16]sent   // by the Client's Message ID
	left    map[uint16]sent   // by the Device's Message ID
	asks    map[string]*asked // by token
}

// sent is a message that was written down.
type sent struct {
	n   int
	raw []byte
	at  time.Duration
}

// asked is what the latest request with some token asked for.
type asked struct {
	n        int
	path     string
	answered bool
}

// NewScribe begins a record in r.
func NewScribe(r *conformance.Recorder) *Scribe {
	return &Scribe{recorder: r, began: time.Now(), ends: map[string]*end{}, groups: newGroups()}
}

// end finds an endpoint by its name.
func (s *Scribe) end(name string) *end {
	e := s.ends[name]
	if e == nil {
		e = &end{came: map[uint16]sent{}, answers: map[uint16]sent{}, left: map[uint16]sent{}, asks: map[string]*asked{}}
		s.ends[name] = e
	}
	return e
}

// Knows reports whether anything has come from this endpoint.
func (s *Scribe) Knows(end string) bool { return s.ends[end] != nil }

// append writes o down, unless the record is full: then nothing more is, for from there
// on it could have holes.
func (s *Scribe) append(o conformance.Observation) int {
	if s.recorder.Full() {
		s.missed++
		return -1
	}
	return s.recorder.Append(o)
}

// Missed is how many entries the record had no room for.
func (s *Scribe) Missed() int { return s.missed }

// Came takes a message that reached the Device from this endpoint.
func (s *Scribe) Came(from string, raw []byte) {
	m, err := read(raw)
	if err != nil {
		s.append(conformance.Observation{Kind: conformance.Message, Client: from, Frame: &conformance.Frame{Raw: bytes.Clone(raw)}, Text: NoCoAPOfClient + err.Error()})
		return
	}
	e := s.end(from)
	o := conformance.Observation{Client: from, Frame: &m.frame, Kind: conformance.Message, Text: OtherOfClient}
	switch {
	case m.frame.Type == "ACK" || m.frame.Type == "RST":
		if of, ok := e.left[m.frame.MID]; ok && s.now()-of.at < exchangeLifetime {
			o.For, o.Text = &of.n, Acknowledged
			if m.frame.Type == "RST" {
				o.Text = Rejected
			}
		}
		s.append(o)
	case isRequest(&m.frame):
		o.Text = ""
		s.request(e, o)
	default:
		s.append(o)
	}
}

// request writes a request down. It returns its entry, or -1 where it is a copy or there
// is no room.
func (s *Scribe) request(e *end, o conformance.Observation) int {
	f := o.Frame
	if before, ok := e.came[f.MID]; ok && bytes.Equal(before.raw, f.Raw) && s.now()-before.at < lifetime(f) {
		o.For, o.Text = &before.n, SentAgain
		s.append(o)
		return -1
	}
	o.Kind = conformance.Request
	n := s.append(o)
	if n < 0 {
		return n
	}
	e.came[f.MID] = sent{n, f.Raw, s.now()}
	e.asks[string(f.Token)] = &asked{n: n, path: f.Path}
	return n
}

// lifetime is how long the Message ID of f means f alone.
func lifetime(f *conformance.Frame) time.Duration {
	if f.Type == "CON" {
		return exchangeLifetime
	}
	return nonLifetime
}

// Left takes a message that the Device sent to this endpoint. An endpoint that has said
// nothing is passed over: what it is sent answers no request of this record.
func (s *Scribe) Left(to string, raw []byte) {
	e := s.ends[to]
	m, err := read(raw)
	if e == nil || err != nil {
		return
	}
	o := conformance.Observation{Client: to, Frame: &m.frame, Kind: conformance.Message, Text: OtherOfDevice}
	switch {
	case m.frame.Code == "0.00":
		s.control(e, o)
	case !isRequest(&m.frame):
		s.answer(e, o)
	default:
		s.append(o)
	}
}

// control writes down an empty message of the Device.
func (s *Scribe) control(e *end, o conformance.Observation) {
	if o.Frame.Type == "CON" {
		s.ping(e, o)
		return
	}
	of, ok := e.came[o.Frame.MID]
	switch {
	case ok && o.Frame.Type == "ACK":
		o.Text = Acknowledges
	case ok:
		o.Text = Rejects
	}
	if ok {
		o.For = &of.n
	}
	s.append(o)
}

// ping writes down an empty CON of the Device. Where its Message ID may still mean another
// message, whatever answers that is not taken for an answer to this one.
func (s *Scribe) ping(e *end, o conformance.Observation) {
	of, ok := e.left[o.Frame.MID]
	taken := ok && s.now()-of.at < exchangeLifetime
	if !taken {
		o.Text = Pings
	}
	if n := s.append(o); n >= 0 && !taken {
		e.left[o.Frame.MID] = sent{n, o.Frame.Raw, s.now()}
	}
}

// answer writes down a message with a response code: an answer, a notification, or
// either of them once more.
func (s *Scribe) answer(e *end, o conformance.Observation) {
	f, sentBefore := o.Frame, e.left
	if f.Type == "ACK" {
		sentBefore = e.answers
	}
	if before, ok := sentBefore[f.MID]; ok && bytes.Equal(before.raw, f.Raw) && s.now()-before.at < exchangeLifetime {
		o.For, o.Text = &before.n, ToldAgain
		s.append(o)
		return
	}
	a := e.asks[string(f.Token)]
	if a == nil {
		s.append(o)
		return
	}
	f.Path, o.Text = a.path, ""
	o.For = &a.n
	o.Kind = conformance.Notification
	if !a.answered {
		o.Kind = conformance.Response
	}
	a.answered = true
	n := s.append(o)
	if n >= 0 {
		sentBefore[f.MID] = sent{n, f.Raw, s.now()}
	}
}

// Became takes a state of the Device.
func (s *Scribe) Became(p ocf.Pstat) {
	s.append(conformance.Observation{Kind: conformance.State, Text: p.String(), Frame: &conformance.Frame{
		Type: "NON", Code: conformance.CodeContent, Path: ocf.PathPstat, Payload: p.AppendCBOR(nil, ocf.InterfaceBaseline),
	}})
}

// Power takes that the Device went down or came up again.
func (s *Scribe) Power(up bool) {
	outcome := conformance.Asked
	if up {
		outcome = conformance.Done
	}
	s.append(conformance.Observation{Kind: conformance.Condition, Name: conformance.Reboot, Outcome: outcome})
}

// Session takes what became of a session: outcome is opened, refused or closed, and text
// says more.
func (s *Scribe) Session(of, outcome, text string) {
	s.append(conformance.Observation{Kind: conformance.Session, Client: of, Outcome: outcome, Text: text})
}

// How the Text of a Session that is closed begins, where the Client had to do with it.
const (
	ClosedByClient = "closed by the Client"
	LeftOpen       = "left open by the Client"
)

// Within is the name of the endpoint that a Client has in a session.
func Within(session uint32) string { return fmt.Sprintf("%s%d", sessionPrefix, session) }

const sessionPrefix = "session "

// inSession reports whether an endpoint is a session.
func inSession(end string) bool { return strings.HasPrefix(end, sessionPrefix) }

// RunEnded is the Text of the Note that ends a record: until then the Client could have
// done more.
const RunEnded = "the run ended"

// Close ends the record.
func (s *Scribe) Close() {
	s.closeGroups()
	s.append(conformance.Observation{Kind: conformance.Note, Text: RunEnded})
}

func (s *Scribe) now() time.Duration { return time.Since(s.began) }
