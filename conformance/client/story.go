package client

import (
	"math"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// processes are the bits of tm that ask for a process.
const processes = ocf.SVV | ocf.SSU

// patience is how long a Client may take to do what it is expected to do, such as to look
// at pstat again, before it counts as not done.
const patience = time.Minute

// never is the number of an entry that the record does not have: it is later than all.
const never = math.MaxInt

// story is a Timeline sorted out.
type story struct {
	tl       conformance.Timeline
	all      []conformance.Observation // of tl, until it has holes
	end      time.Duration             // when the record ends
	requests []*request                // to the Device, in their order, each once
	groups   []*request                // to a group of Devices, likewise
	states   []state
	told     []*told
	watches  []*watch
	looks    []int     // entries that show the Client pstat: answers to its GETs, and notifications
	checks   []process // of the Device, whoever asked for them
	updates  []process
	begun    map[string][]byte // payloads of which more blocks are to come
}

// request is a request of the Client, with what became of it.
type request struct {
	n      int
	at     time.Duration
	from   string // the endpoint
	msg    message
	frame  *conformance.Frame
	copies []int               // further copies of it
	heard  int                 // the first thing that the Device sent for it, never: nothing
	answer int                 // the answer, never: none
	code   string              // of the answer, "" without one
	write  *ocf.Pstat          // what it writes to pstat, if that can be read
	plan   *ocf.SoftwareUpdate // what it writes to oic.r.softwareupdate, likewise
	group  bool                // it went to a group of Devices
	// members are the answers to one that did.
	members []*member
}

// member is the answer of one Device to a request to a group.
type member struct {
	n     int
	at    time.Duration
	taken int // the ACK or RST of the Client, never: none
}

// state is pstat of the Device, from n on.
type state struct {
	n     int
	at    time.Duration
	pstat ocf.Pstat
}

// told is a notification.
type told struct {
	n      int
	to     string
	frame  *conformance.Frame
	pstat  *ocf.Pstat
	copies []int // further copies of it
	taken  int   // the ACK or RST of the Client, never: none
}

// watch is an observation of pstat, from its registration's answer on.
type watch struct {
	from  int
	to    string // the endpoint
	token string
	over  int // where it ended
	// dropped says that the Device ended it, not the Client.
	dropped bool
}

// tell sorts tl out.
func tell(tl conformance.Timeline) *story {
	s := &story{tl: tl, all: tl.Kept().Observations, begun: map[string][]byte{}}
	byN := map[int]*request{}
	toldAt := map[int]*told{}
	memberAt := map[int]*member{}
	for n := range s.all {
		o := &s.all[n]
		s.end = o.At
		if _, _, ok := o.Pstat(); ok && !strings.HasPrefix(o.Text, ByMember) {
			s.looks = append(s.looks, n)
		}
		switch o.Kind {
		case conformance.Request:
			r := s.asked(n, o)
			byN[n] = r
		case conformance.Response:
			if m := s.answered(n, o, byN); m != nil {
				memberAt[n] = m
			}
		case conformance.Notification:
			toldAt[n] = s.notified(n, o, byN)
		case conformance.Message:
			if m := memberAt[of(o)]; m != nil {
				m.taken = min(m.taken, n)
				break
			}
			s.repeated(n, o, byN, toldAt)
		case conformance.State:
			if p, _, err := ocf.DecodePstat(o.Frame.Payload); err == nil {
				s.states = append(s.states, state{n, o.At, p})
			}
		case conformance.Condition:
			if o.Outcome == conformance.Asked {
				s.dropAll(n, "")
			}
		case conformance.Session:
			if o.Outcome == conformance.Closed {
				s.closed(n, o)
			}
		}
	}
	s.checks, s.updates = s.processesOf(ocf.SVV), s.processesOf(ocf.SSU)
	return s
}

// asked takes a request.
func (s *story) asked(n int, o *conformance.Observation) *request {
	m, err := read(o.Frame.Raw)
	if err != nil { // a record without the datagram
		m = message{frame: *o.Frame}
	}
	r := &request{n: n, at: o.At, from: o.Client, msg: m, frame: o.Frame, heard: never, answer: never, group: o.Text == ToGroup}
	s.wrote(r)
	if r.group {
		s.groups = append(s.groups, r)
		return r
	}
	if o.Frame.Observe != nil && *o.Frame.Observe == 1 {
		s.leave(n, o.Client, string(o.Frame.Token))
	}
	s.requests = append(s.requests, r)
	return r
}

// wrote reads what r writes, with its last block where it comes in blocks. It reads as a
// Client means it: whether the Device takes it is the Device's to say.
func (s *story) wrote(r *request) {
	if r.frame.Code != conformance.MethodPOST && r.frame.Code != conformance.MethodPUT {
		return
	}
	body, whole := s.body(r)
	if !whole {
		return
	}
	switch r.frame.Path {
	case ocf.PathPstat:
		if p, _, err := ocf.DecodePstat(body); err == nil {
			r.write = &p
		}
	case ocf.PathSoftwareUpdate:
		if u, _, err := ocf.DecodeSoftwareUpdate(body); err == nil {
			r.plan = &u
		}
	}
}

// body is the payload that r ends; whole is false where more of it is to come, or where a
// block is missing (RFC 7959 section 2.5).
func (s *story) body(r *request) (body []byte, whole bool) {
	b := r.msg.block1
	if b == nil {
		return r.frame.Payload, true
	}
	key := r.from + " " + r.frame.Code + " " + r.frame.Path
	before, at := s.begun[key], int(b.num)*b.size
	delete(s.begun, key)
	if at > len(before) || at > ocf.MaxPayloadBytes {
		return nil, false
	}
	body = append(before[:at], r.frame.Payload...)
	if b.more {
		s.begun[key] = body
	}
	return body, !b.more
}

// answered takes an answer. That of a registration begins a watch. One to a request to a
// group is returned.
func (s *story) answered(n int, o *conformance.Observation, byN map[int]*request) *member {
	r := byN[of(o)]
	if r == nil {
		return nil
	}
	if r.group {
		m := &member{n: n, at: o.At, taken: never}
		r.members = append(r.members, m)
		return m
	}
	r.answer, r.code, r.heard = n, o.Frame.Code, min(r.heard, n)
	if r.registers() && o.Frame.Path == ocf.PathPstat {
		s.leave(n, o.Client, string(r.frame.Token))
		if o.Frame.Observe != nil && conformance.Success(o.Frame.Code) {
			s.watches = append(s.watches, &watch{from: n, to: o.Client, token: string(r.frame.Token), over: never})
		}
	}
	return nil
}

// notified takes a notification. One that is no 2.05 ends its watch.
func (s *story) notified(n int, o *conformance.Observation, byN map[int]*request) *told {
	t := &told{n: n, to: o.Client, frame: o.Frame, taken: never}
	if p, _, ok := o.Pstat(); ok {
		t.pstat = &p
	}
	if o.Frame.Path == ocf.PathPstat && !conformance.Success(o.Frame.Code) {
		s.drop(n, func(w *watch) bool { return w.to == o.Client && w.token == string(o.Frame.Token) })
	}
	s.told = append(s.told, t)
	return t
}

// repeated takes a Message.
func (s *story) repeated(n int, o *conformance.Observation, byN map[int]*request, toldAt map[int]*told) {
	switch r, t := byN[of(o)], toldAt[of(o)]; {
	case r != nil && o.Text == SentAgain:
		r.copies = append(r.copies, n)
	case r != nil: // the Device acknowledges it, or rejects it
		r.heard = min(r.heard, n)
	case t != nil && o.Text == ToldAgain:
		t.copies = append(t.copies, n)
	case t != nil: // the Client acknowledges it, or rejects it
		t.taken = min(t.taken, n)
		if o.Text == Rejected {
			s.leave(n, t.to, string(t.frame.Token))
		}
	}
}

// of is the entry that o belongs to, never if there is none.
func of(o *conformance.Observation) int {
	if o.For == nil {
		return never
	}
	return *o.For
}

// leave ends a watch as the Client wanted.
func (s *story) leave(n int, end, token string) {
	for _, w := range s.watches {
		if w.to == end && w.token == token {
			w.over = min(w.over, n)
		}
	}
}

// drop ends the watches as the Device wanted.
func (s *story) drop(n int, which func(*watch) bool) {
	for _, w := range s.watches {
		if w.over == never && which(w) {
			w.over, w.dropped = n, true
		}
	}
}

// closed ends the watches of a session, as whoever ended that wanted.
func (s *story) closed(n int, o *conformance.Observation) {
	if !strings.HasPrefix(o.Text, ClosedByClient) && !strings.HasPrefix(o.Text, LeftOpen) {
		s.dropAll(n, o.Client)
		return
	}
	for _, w := range s.watches {
		if w.to == o.Client {
			w.over = min(w.over, n)
		}
	}
}

// dropAll ends the watches of an endpoint, or of all where it is "".
func (s *story) dropAll(n int, end string) {
	s.drop(n, func(w *watch) bool { return end == "" || w.to == end })
}

// registers reports whether r asks for an observation.
func (r *request) registers() bool {
	return r.frame.Code == conformance.MethodGET && r.frame.Observe != nil && *r.frame.Observe == 0
}

// reads reports whether r asks for pstat.
func (r *request) reads() bool {
	return r.frame.Code == conformance.MethodGET && r.frame.Path == ocf.PathPstat
}

// asks are the bits that r sets in tm of those that ask for a process.
func (r *request) asks() ocf.DPM {
	if !r.writesTM() {
		return 0
	}
	return r.write.TM & processes
}

// writesTM reports whether r writes tm.
func (r *request) writesTM() bool { return r.write != nil && r.write.Present.Has(ocf.PropTM) }

// refused reports whether the Device answered that it does not do what r asks.
func (r *request) refused() bool { return r.code != "" && !conformance.Success(r.code) }

// same reports whether r and q ask for the same.
func (r *request) same(q *request) bool {
	return r.frame.Code == q.frame.Code && r.frame.Path == q.frame.Path && r.frame.Query == q.frame.Query &&
		string(r.frame.Payload) == string(q.frame.Payload)
}

// before is pstat of the Device as it was when the entry n came; ok is false where the
// record does not say.
func (s *story) before(n int) (p ocf.Pstat, ok bool) {
	for _, st := range s.states {
		if st.n > n {
			break
		}
		p, ok = st.pstat, true
	}
	return p, ok
}
