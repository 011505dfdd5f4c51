package fleet

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/message/codes"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
)

const (
	// maxObservers bounds the observations of one Device. For a Client that comes later
	// the stalest gives way; if none is stale, the Client is answered without Observe,
	// as RFC 7641 4.1 says (docs/adr/0068).
	maxObservers = 32
	// maxAllObservers bounds the observations of all Devices together.
	maxAllObservers = 1 << 20
	// confirmEvery is how often an observer has to show that it is still there: RFC
	// 7641 4.5 demands a CON notification at least every 24 hours.
	confirmEvery = 24 * time.Hour
	// confirmAfter is how many notifications an observer is sent as NON without a sign of
	// life. The next one is CON: a Client that was killed is found by its silence.
	confirmAfter = 8
	// observeMask selects the 24 bits of an Observe number.
	observeMask = 1<<24 - 1
)

// observer is one Client's observation of one resource.
type observer struct {
	device int32
	line
	token     []byte
	rep       sim.Rep // what the Client asked for; State is not used
	accept    uint16
	version   bool
	szx       uint8
	number    uint32 // the last number sent
	sent      recent
	from      time.Duration // no notification leaves earlier: the registration is answered then
	confirmed time.Duration // when the observer last gave a sign of life
	unheard   uint8         // NON notifications sent since then, at most confirmAfter
	con       confirmation
}

// recent holds the message ids of the last notifications, to recognise the
// notification that a RST rejects.
type recent struct {
	mids [8]uint16
	n    int // notifications sent so far
}

func (r *recent) add(mid uint16) {
	r.mids[r.n%len(r.mids)] = mid
	r.n++
}

func (r *recent) has(mid uint16) bool { return slices.Contains(r.mids[:min(r.n, len(r.mids))], mid) }

func (o *observer) matches(l line, token []byte) bool {
	return o.line == l && string(o.token) == string(token)
}

// observe handles the Observe option of a GET that can be answered. It returns the
// number to answer with.
func (sh *shard) observe(s *slot, r *request, rep sim.Rep) (number uint32, ok bool) {
	if r.observe == observeAbsent || r.block2.num > 0 {
		return 0, false
	}
	m := s.memory()
	i := slices.IndexFunc(m.observers, func(o *observer) bool { return o.matches(r.line, r.token) })
	if r.observe == observeEnd {
		if i >= 0 {
			sh.dropObserver(s, m.observers[i])
		}
		return 0, false
	}
	if i >= 0 {
		sh.dropObserver(s, m.observers[i]) // the new request replaces it
		m = s.memory()
	}
	if !sh.admits(s, r.line) {
		return 0, false
	}
	if len(m.observers) >= maxObservers && !sh.makeRoom(s, r.peer) || sh.observers >= maxAllObservers {
		sh.stats.drops.observers.Add(1)
		return 0, false
	}
	s.setObserved(sh.observeNumber(s, s.observed()))
	o := &observer{
		device: s.index, line: r.line, token: slices.Clone(r.token), rep: rep,
		accept: r.accept, version: r.version != 0, szx: r.block2.szxOr(maxSZX), number: s.observed(), confirmed: sh.now(),
	}
	if how := s.device.Messages(); how.AnswerAfter > 0 {
		o.from = sh.now() + how.AnswerAfter
	}
	o.rep.State = sim.State{}
	m.observers = append(m.observers, o)
	sh.observers++
	return o.number, true
}

// makeRoom ends an observation of a Device for one by peer, and tells its Client so. It
// is the stalest: one whose CON notification was not answered at once, or else one that
// was told something and gave no sign of life since. If none is stale, it is one of the
// address that has most, unless peer then had as many. It reports whether there was one.
func (sh *shard) makeRoom(s *slot, peer netip.AddrPort) bool {
	of := make(tally)
	for _, o := range s.ram.observers {
		of.add(o.peer)
	}
	var stalest, greediest *observer
	for _, o := range s.ram.observers {
		if (o.overdue() || o.unheard > 0) && (stalest == nil || o.staler(stalest)) {
			stalest = o
		}
		if of.greedier(o.peer, peer) && (greediest == nil || of.of(o.peer) > of.of(greediest.peer)) {
			greediest = o
		}
	}
	if stalest = cmp.Or(stalest, greediest); stalest == nil {
		return false
	}
	sh.stats.drops.observersLost.Add(1)
	sh.dismiss(s, stalest, codes.ServiceUnavailable)
	sh.dropObserver(s, stalest)
	return true
}

// overdue reports whether o's CON notification had to be sent again.
func (o *observer) overdue() bool { return o.con.pending() && o.con.attempts > 0 }

// staler reports whether o rather than p is to be given up.
func (o *observer) staler(p *observer) bool {
	if o.overdue() != p.overdue() {
		return o.overdue()
	}
	return o.confirmed < p.confirmed
}

// dismiss tells o by an error that it will be told nothing more (RFC 7641 4.2).
func (sh *shard) dismiss(s *slot, o *observer, code codes.Code) {
	sh.stats.notifications.Add(1)
	env := envelope{typ: message.NonConfirmable, mid: s.nextMID(), token: o.token, line: o.line}
	sh.post(env, reply{code: code, format: none})
}

// dropObserver ends an observation silently.
func (sh *shard) dropObserver(s *slot, o *observer) {
	i := slices.Index(s.ram.observers, o)
	if i < 0 {
		return
	}
	sh.alarm.stop(&o.con.timer)
	s.ram.observers = slices.Delete(s.ram.observers, i, i+1)
	s.ram.forgets(o)
	sh.observers--
}

// dropObservers ends every observation of a Device. A code other than 0 is sent to
// the Clients.
func (sh *shard) dropObservers(s *slot, code codes.Code) {
	if s.ram == nil {
		return
	}
	for len(s.ram.observers) > 0 {
		o := s.ram.observers[0]
		if code != 0 {
			sh.dismiss(s, o, code)
		}
		sh.dropObserver(s, o)
	}
}

// notify tells the observers of a resource its new state.
func (sh *shard) notify(s *slot, e *sim.Effect) {
	if s.ram == nil {
		return
	}
	now := sh.now()
	for _, o := range s.ram.observers {
		if o.rep.Path != e.Rep.Path || e.Sole && o != s.ram.observers[0] || !sh.tells(s, o) {
			continue
		}
		confirm := e.Confirm || now-o.confirmed >= confirmEvery || o.unheard >= confirmAfter || sh.isStranger(o.line)
		switch {
		case o.con.pending():
			// A retransmission carries the newest state. A CON waits until the
			// previous one is acknowledged or given up.
			o.con.supersede(e, confirm)
			if !confirm {
				sh.sendNotification(s, o, e.Rep.State, e.Skew, message.NonConfirmable)
			}
		case confirm:
			sh.sendConfirmable(s, o, e.Rep.State, e.Skew)
		default:
			sh.sendNotification(s, o, e.Rep.State, e.Skew, message.NonConfirmable)
		}
	}
}

// sendNotification sends a state to o. skew is added to the Observe number.
func (sh *shard) sendNotification(s *slot, o *observer, state sim.State, skew int8, typ message.Type) *Packet {
	o.number = sh.observeNumber(s, o.number)
	if ahead := (o.number - s.observed()) & observeMask; ahead < 1<<23 {
		s.setObserved(o.number)
	}
	rep := o.rep
	rep.State, rep.Told = state, true
	re := reply{
		code: codes.Content, format: s.device.ContentFormat(rep), payload: sh.encode(s, rep),
		observe: true, number: (o.number + uint32(int32(skew))) & observeMask, version: o.version,
	}
	if o.accept == ocf.FormatCBOR && re.format == ocf.FormatOCFCBOR {
		re.format = ocf.FormatCBOR
	}
	re.szx = min(o.szx, s.device.Messages().SZX())
	mid := s.nextMID()
	o.sent.add(mid)
	sh.ping(o.line)
	if typ == message.NonConfirmable {
		o.unheard = min(o.unheard+1, confirmAfter)
	}
	sh.stats.notifications.Add(1)
	p := sh.post(envelope{typ: typ, mid: mid, token: o.token, line: o.line}, re)
	if wait := sh.pause(s, o); wait > 0 {
		sh.postpone(s, p, wait)
	}
	return p
}

// wasReset ends the observation whose notification a RST has rejected.
func (sh *shard) wasReset(s *slot, l line, mid uint16) {
	if s.ram == nil {
		return
	}
	for _, o := range s.ram.observers {
		if o.line == l && o.sent.has(mid) {
			sh.dropObserver(s, o)
			sh.rest(s)
			return
		}
	}
}
