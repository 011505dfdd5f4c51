// Package source is the trusted source that Devices ask for software: what it
// offers, the faults it has, and the gate that withholds its answers. Nobody
// but the one who runs it can tell it from a vendor's own.
package source

import (
	"container/heap"
	"context"
	"log/slog"
	"sync"
	"time"
)

// Kind is what a Device asks for.
type Kind uint8

// The questions to a trusted source.
const (
	Check Kind = iota + 1 // is there something newer than Version?
	Fetch                 // the package, please
)

// String is "check" or "fetch".
func (k Kind) String() string {
	if k == Check {
		return "check"
	}
	return "fetch"
}

// MarshalText writes the kind as String does.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Question is what one Device wants to know.
type Question struct {
	Device  string `json:"device"` // who asks
	Kind    Kind   `json:"kind"`
	Version string `json:"version"` // installed now
}

// Answer is what the source says to a Question.
type Answer struct {
	Available bool   `json:"available"`      // something newer is on offer; of a Fetch: here is the package
	Version   string `json:"version"`        // the newest there is, or the package's
	Declared  int64  `json:"declared"`       // bytes of the package as announced
	Received  int64  `json:"received"`       // bytes of it that came; less than Declared: truncated
	Failed    bool   `json:"failed"`         // the source could not be asked, or did not serve
	Flaw      Fault  `json:"flaw,omitempty"` // what whoever verifies the answer finds; "" for nothing
}

// Counts counts a source's questions.
type Counts struct {
	Checks  int `json:"checks"`  // questions for the newest version
	Fetches int `json:"fetches"` // packages asked for
	Served  int `json:"served"`  // packages handed over whole
	Holding int `json:"holding"` // questions whose answer is withheld now

	// Unanswered are the questions that have no answer: they failed, stalled, were given up, or
	// still wait for one.
	Unanswered int `json:"unanswered,omitempty"`
}

// Config is how a Source is set up. The zero value is silent.
type Config struct {
	Log     *slog.Logger // nil: none
	Entries int          // of the log that are kept; 0 is DefaultEntries
}

// Source is a trusted source in process. Its methods may be called from any
// goroutine.
type Source struct {
	log *slog.Logger

	mu      sync.Mutex
	offer   Offer // of every Device that has none of its own
	sheets  sheets
	holdAll bool
	holds   map[string]bool // by Device, where it differs from holdAll
	total   Counts          // without Unanswered
	replies int             // questions of all Devices that were answered
	pending map[uint64]*pending
	queue   queue
	bell    *time.Timer // rings when the first of the queue is due
	attends bool        // a goroutine answers the queue
	entries journal
	newer   newer
	closed  bool
	done    chan struct{} // closed by Close
}

// New makes a source that offers what is installed already.
func New(c Config) *Source {
	s := &Source{
		log:     c.Log,
		sheets:  newSheets(),
		holds:   map[string]bool{},
		pending: map[uint64]*pending{},
		done:    make(chan struct{}),
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.entries.most = c.Entries
	if s.entries.most <= 0 {
		s.entries.most = DefaultEntries
	}
	return s
}

// Set says what the source has for device from now on, also in answer to
// questions that it has already been asked; Flapping and Appears begin
// again. "" is every Device.
func (s *Source) Set(device string, o Offer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if device == "" {
		s.offer = o
		s.sheets.renew()
	} else {
		sheet := s.sheets.of(device)
		sheet.offer = s.sheets.number(o)
		clear(sheet.failed[:])
	}
	s.log.Debug("offer", "device", device, "newer", o.Newer, "fault", o.Fault)
}

// Hold withholds every answer to device from now on, also to questions that
// are under way; "" is every Device.
func (s *Source) Hold(device string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gate(device, true)
}

// Release lets go all answers withheld from device, in the order of their
// questions and by the offer as it is now, whatever is set or held afterwards.
// Later answers are not withheld. "" is every Device.
func (s *Source) Release(device string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gate(device, false)
	now := time.Now()
	for _, p := range s.pending {
		if p.held && (device == "" || p.question.Device == device) {
			s.unhold(p)
			if said := s.decide(p.question); said.Fault != Stalled {
				p.said, p.due = &said, now
				heap.Push(&s.queue, p)
			}
		}
	}
	s.arm()
}

// gate closes or opens the gate for what is asked from now on.
func (s *Source) gate(device string, hold bool) {
	switch {
	case device == "":
		s.holdAll = hold
		clear(s.holds)
	case hold == s.holdAll:
		delete(s.holds, device)
	default:
		s.holds[device] = hold
	}
	s.log.Debug("gate", "device", device, "hold", hold)
}

// Ask puts a question. reply is called once, from another goroutine and with no
// lock held; it is never called if the source stalls, is held for ever or is
// closed. After cancel has returned, reply is not called unless it already
// runs.
func (s *Source) Ask(q Question, reply func(Answer)) (cancel func()) {
	return s.ask(q, func(a Answer, _ Fault) {
		if q.Kind == Fetch && a.whole() {
			s.served(q.Device, 1)
		}
		reply(a)
	})
}

// whole reports whether the answer to a Fetch brings all of the package.
func (a Answer) whole() bool {
	return a.Available && !a.Failed && a.Received == a.Declared && a.Flaw == ""
}

// ask is Ask with a reply that is told the fault behind its answer and counts
// what it serves.
func (s *Source) ask(q Question, reply func(Answer, Fault)) (cancel func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return func() {}
	}
	s.count(q)
	p := &pending{n: s.entries.begin(q), question: q, reply: reply, place: unqueued}
	s.pending[p.n] = p
	if s.isHeld(q.Device) {
		s.hold(p)
	} else {
		p.due = time.Now().Add(s.offerTo(q.Device).Delay)
		heap.Push(&s.queue, p)
		s.arm()
	}
	if s.debugs() {
		s.log.Debug("asked", "device", q.Device, "kind", q.Kind, "version", q.Version, "held", p.held)
	}
	return func() { s.cancel(p) }
}

// AskNow puts a question whose answer is there at once. If ok is false, the source is
// closed, stalls, takes its time or withholds its answer, and the question was not put: Ask
// puts it.
func (s *Source) AskNow(q Question) (a Answer, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o := s.offerTo(q.Device); s.closed || o.Delay > 0 || o.Fault == Stalled || s.isHeld(q.Device) {
		return a, false
	}
	sheet := s.count(q)
	a = s.decide(q).Answer
	s.entries.answered(q, a)
	s.countAnswer(sheet, a)
	if q.Kind == Fetch && a.whole() {
		sheet.served++
		s.total.Served++
	}
	if s.debugs() {
		s.log.Debug("answered", "device", q.Device, "kind", q.Kind, "version", q.Version, "answer", a)
	}
	return a, true
}

// count counts a question, and returns the Device's sheet.
func (s *Source) count(q Question) *sheet {
	sheet := s.sheets.of(q.Device)
	if q.Kind == Check {
		sheet.checks++
		s.total.Checks++
	} else {
		sheet.fetches++
		s.total.Fetches++
	}
	return sheet
}

// countAnswer counts the answer to a question of the sheet's Device, if it is one.
func (s *Source) countAnswer(sheet *sheet, a Answer) {
	if !a.Failed {
		sheet.answered++
		s.replies++
	}
}

// debugs reports whether anybody wants to know of each question. To find out by the
// question itself would cost more than to answer it.
func (s *Source) debugs() bool { return s.log.Enabled(context.Background(), slog.LevelDebug) }

func (s *Source) cancel(p *pending) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending[p.n] == p {
		s.drop(p)
	}
}

// drop ends a question without an answer.
func (s *Source) drop(p *pending) {
	if p.place != unqueued {
		heap.Remove(&s.queue, p.place)
	}
	if p.held {
		s.unhold(p)
	}
	delete(s.pending, p.n)
	s.entries.end(p.n, Cancelled, Answer{})
}

// Close ends every question without an answer, including those over HTTP, and
// accepts no more: a closed source answers nobody.
func (s *Source) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	close(s.done)
	if s.bell != nil {
		s.bell.Stop()
	}
	for _, p := range s.pending {
		s.drop(p)
	}
	return nil
}

// Report counts device's questions since the source was made; "" is those of
// every Device.
func (s *Source) Report(device string) Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	if device == "" {
		all := s.total
		all.Unanswered = all.Checks + all.Fetches - s.replies
		return all
	}
	if sheet := s.sheets.find(device); sheet != nil {
		return sheet.counts()
	}
	return Counts{}
}

// Log is the newest entries of the source's log, oldest first; dropped is how
// many older ones were let go.
func (s *Source) Log() (entries []Entry, dropped uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.entries.all()
}

// Served counts packages that were handed over whole, where Await brought the answer;
// -1 takes one back.
func (s *Source) Served(device string, n int) { s.served(device, n) }

// Unanswered takes back that Await brought an answer: whoever asked did not get it.
func (s *Source) Unanswered(device string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sheets.of(device).answered--
	s.replies--
}

// served counts packages that were handed over whole; -1 takes one back.
func (s *Source) served(device string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sheets.of(device).served += int32(n)
	s.total.Served += n
}

func (s *Source) offerTo(device string) Offer {
	if sheet := s.sheets.find(device); sheet != nil && sheet.offer != 0 {
		return s.sheets.offers[sheet.offer]
	}
	return s.offer
}

func (s *Source) isHeld(device string) bool {
	if held, ok := s.holds[device]; ok {
		return held
	}
	return s.holdAll
}

func (s *Source) hold(p *pending) {
	p.held = true
	s.entries.hold(p.n)
	s.sheets.of(p.question.Device).holding++
	s.total.Holding++
}

func (s *Source) unhold(p *pending) {
	p.held = false
	s.sheets.of(p.question.Device).holding--
	s.total.Holding--
}
