package fleet

import (
	"iter"
	"slices"
	"time"

	"github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/message/codes"

	"github.com/ocfsim/ocfsim/sim"
)

const (
	// confirmEvery is how often an observer has to show that it is still there: RFC
	// 7641 4.5 demands a CON notification at least every 24 hours.
	confirmEvery = 24 * time.Hour
	// confirmAfter is how many notifications an observer is sent as NON without a sign of
	// life. The next one is CON: a Client that was killed is found by its silence.
	confirmAfter = 8
	// observeMask selects the 24 bits of an Observe number.
	observeMask = 1<<24 - 1
)

// observer is one Client's observation of one resource. It is small, and without pointers,
// since a Device may have 100,000 of them.
type observer struct {
	number        observation
	before, after observation // the others of the Device, in a ring. Of a free place, after is the next free one
	device        int32
	terms         uint32 // number in audience.terms
	holder        uint32 // number of the Client's address in audience.holders
	last          uint32 // the last Observe number sent
	era           uint32 // in which it began; see parting.go
	sent          recent
	port          uint16 // of the Client
	tokenLength   uint8
	unheard       uint8         // NON notifications sent since confirmed, at most confirmAfter
	waits         bool          // for the ACK of a CON notification, which is in audience.unconfirmed
	from          time.Duration // no notification leaves earlier: the registration is answered then
	confirmed     time.Duration // when the observer last gave a sign of life
	token         [message.MaxTokenSize]byte
}

// recent holds the message ids of the last notifications, to recognise the
// notification that a RST rejects.
type recent struct {
	mids [8]uint16
	n    uint8 // notifications sent so far; counted on from 8 after 15
}

func (r *recent) add(mid uint16) {
	r.mids[int(r.n)%len(r.mids)] = mid
	if r.n++; int(r.n) == 2*len(r.mids) {
		r.n = uint8(len(r.mids))
	}
}

func (r *recent) has(mid uint16) bool {
	return slices.Contains(r.mids[:min(int(r.n), len(r.mids))], mid)
}

// isToken reports whether o has that token.
func (o *observer) isToken(token []byte) bool {
	return string(o.token[:o.tokenLength]) == string(token)
}

// observe handles the Observe option of a GET that can be answered. It returns the
// number to answer with. That is the last one that anybody was sent, so that equal answers
// are kept once, unless it was sent in an observation that has ended: its Client may begin
// again with the same token, and needs a higher one (RFC 7641 section 4.4).
func (sh *shard) observe(s *slot, r *request, rep sim.Rep) (number uint32, ok bool) {
	if r.observe == observeAbsent || r.block2.num > 0 {
		return 0, false
	}
	for o := range sh.audience.on(s.index, r.line) {
		if o.isToken(r.token) {
			sh.dropObserver(s, o) // it ends, or the new request replaces it
			break
		}
	}
	if r.observe == observeEnd || !sh.admits(s, r.line) {
		return 0, false
	}
	if sh.audience.count >= sh.audience.limit && !sh.makeRoom(r.line) {
		sh.stats.drops.observers.Add(1)
		return 0, false
	}
	if s.observed() == 0 || s.is(endedMark) || !s.device.Shell().Plain() {
		s.setObserved(sh.observeNumber(s, s.observed()))
		s.mark(endedMark, false)
	}
	o := observer{device: s.index, last: s.observed(), confirmed: sh.now(), tokenLength: uint8(len(r.token)), era: sh.tellings.era}
	copy(o.token[:], r.token)
	if how := s.device.Messages(); how.AnswerAfter > 0 {
		o.from = sh.now() + how.AnswerAfter
	}
	sh.audience.add(o, r.line, sh.termsOf(s, r, &rep))
	s.mark(observedMark, true)
	return s.observed(), true
}

// lookedAt is how many observations are looked at for one that may give way, so that a
// flood of registrations costs little, however many there are.
const lookedAt = 64

// makeRoom ends an observation for one on a line, and tells its Client so. Of those that it
// looks at it takes the stalest: one whose CON notification was not answered at once, or
// else one that was told something and gave no sign of life since. If none is stale, it is
// one of the address that has most, unless the peer on the line then had as many. It reports
// whether there was one. Without a session nobody drives out who has one.
func (sh *shard) makeRoom(on line) bool {
	a := &sh.audience
	has := a.holders.of(a.holders.find(a.seed, on.peer))
	var stalest, greediest *observer
	for range min(lookedAt, int(a.made)) {
		a.hand = a.hand%a.made + 1
		o := a.at(a.hand)
		if o.number == 0 || on.session == nil && a.terms.of(o.terms).session != nil {
			continue
		}
		if (sh.overdue(o) || o.unheard > 0) && (stalest == nil || sh.staler(o, stalest)) {
			stalest = o
		}
		holds := a.holders.of(o.holder)
		if holds > has+1 && (greediest == nil || holds > a.holders.of(greediest.holder)) {
			greediest = o
		}
	}
	if stalest == nil {
		stalest = greediest
	}
	if stalest == nil {
		return false
	}
	sh.stats.drops.observersLost.Add(1)
	s, code := sh.slot(int(stalest.device)), codes.ServiceUnavailable
	if t := sh.tellings.parting(stalest); t != nil {
		code = codes.Code(t.effect.Code)
	}
	sh.part(s, stalest, code)
	return true
}

// overdue reports whether o's CON notification had to be sent again.
func (sh *shard) overdue(o *observer) bool {
	return o.waits && sh.audience.unconfirmed[o.number].attempts > 0
}

// staler reports whether o rather than p is to be given up.
func (sh *shard) staler(o, p *observer) bool {
	if sh.overdue(o) != sh.overdue(p) {
		return sh.overdue(o)
	}
	return o.confirmed < p.confirmed
}

// dismiss tells o by an error that it will be told nothing more (RFC 7641 4.2).
func (sh *shard) dismiss(s *slot, o *observer, code codes.Code) {
	sh.stats.notifications.Add(1)
	env := envelope{typ: message.NonConfirmable, mid: s.nextMID(), token: o.token[:o.tokenLength], line: sh.lineOf(o)}
	sh.post(env, reply{code: code, format: none})
}

// dropObserver ends an observation silently.
func (sh *shard) dropObserver(s *slot, o *observer) {
	if o.waits {
		sh.confirmed(o)
	}
	if s.ram != nil {
		s.ram.forgets(o.number)
	}
	if o.last == s.observed() {
		s.mark(endedMark, true)
	}
	sh.tellings.leave(o)
	if last := sh.audience.remove(o); last {
		s.mark(observedMark, false)
	}
}

// observersOf returns the observations of a Device, in the order in which they began. The
// one that is being looked at may end meanwhile, but no other one.
func (sh *shard) observersOf(s *slot) iter.Seq[*observer] {
	if !s.is(observedMark) {
		return func(func(*observer) bool) {}
	}
	return func(yield func(*observer) bool) {
		for o := range sh.audience.of(s.index) {
			if sh.tellings.parting(o) == nil && !yield(o) {
				return
			}
		}
	}
}

// observersAt is how many observations of a Device there are.
func (sh *shard) observersAt(s *slot) (n int) {
	for range sh.observersOf(s) {
		n++
	}
	return n
}

// dropOneOn ends an observation of a Device by the Client on a line, and reports whether
// there was one.
func (sh *shard) dropOneOn(s *slot, l line) bool {
	for o := range sh.audience.on(s.index, l) {
		sh.dropObserver(s, o)
		return true
	}
	return false
}

// wasReset ends the observation whose notification a RST has rejected.
func (sh *shard) wasReset(s *slot, l line, mid uint16) {
	for o := range sh.audience.on(s.index, l) {
		if o.sent.has(mid) {
			sh.dropObserver(s, o)
			sh.rest(s)
			return
		}
	}
}
