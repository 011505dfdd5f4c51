package judge

import (
	"slices"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// episode is one request for a process and what was seen of it:
//
//	tm.b, cm.b:  0,x --request--> 1,0 --result--> 1,r --completion--> 0,r
//
// Its samples are those that the Device certainly showed after the request and
// before the next write. Two processes that overlap are two episodes.
type episode struct {
	bit     ocf.DPM
	w       write
	upto    int // the next write to pstat, or what else may change it
	pre     conformance.Sample
	hasPre  bool // pre is the last sample before the request
	samples []conformance.Sample
	pending int                  // index into samples of the first with tm.b=1, -1 for none
	done    int                  // index of the first with tm.b=0 that is certainly after one with tm.b=1, -1 for none
	final   []conformance.Sample // with tm.b=0, once the end was seen, or was due, or follows from what the source said
	proven  int                  // index into final of the first that is seen or due, len(final) for none
	due     time.Duration
	known   bool // due is: no answer is withheld for ever
}

// episodes are the plain requests for bit: {tm: bit} alone, accepted, from an
// idle Device, undisturbed until its end or the next write.
func (s *story) episodes(bit ocf.DPM) []episode {
	if all, ok := s.plain[bit]; ok {
		return all
	}
	var all []episode
	for _, w := range s.writes {
		if w.writesOnly(bit) && w.accepted() && s.privileged(w.client) && s.idle(w.n) {
			all = append(all, s.episode(bit, w, s.disturbed(w.n, anyWrite)))
		}
	}
	s.plain[bit] = all[:len(all):len(all)]
	return all
}

func anyWrite(write) bool { return true }

// disturbed is the next write after n that disturbs, the next condition that changes
// what the Device does, or the next time at which a scheduled action may begin; never for
// none.
func (s *story) disturbed(n int, disturbs func(write) bool) int {
	upto := never
	for _, w := range s.writes {
		if w.n > n && disturbs(w) {
			upto = w.n
			break
		}
	}
	upto = min(upto, s.plannedAfter(n))
	for i := n; i < min(upto, len(s.tl.Observations)); i++ {
		asked := s.tl.Observations[i].Outcome == conformance.Asked
		if asked && s.arranges(i, conformance.Reboot, conformance.FactoryReset, conformance.AutonomousValidation, conformance.AutonomousUpdate) {
			return i
		}
	}
	return upto
}

// idle reports whether the Device was last seen in RFNOP with nothing pending,
// was not restarted, reset or asked to reset itself since and still let itself be seen, and every
// process that was requested before was seen to be over.
func (s *story) idle(n int) bool { return s.rests(n, ocf.RFNOP) }

// rests reports whether the Device was idle in one of the dos.
func (s *story) rests(n int, in ...ocf.DOS) bool {
	last, ok := s.lastBefore(n)
	if !ok || last.Pstat.TM&s.processes() != 0 || !slices.Contains(in, last.Pstat.DOS) || s.inReset(n) || s.shuts(last, n) || s.restartedSince(last, n) {
		return false
	}
	return s.outstanding(n) == 0
}

// shuts reports whether a Client that had seen the Device by x was refused
// another look, or a session, before n: the Device is not what it was then, as one that
// somebody else has reset.
func (s *story) shuts(x conformance.Sample, n int) bool {
	for i := x.N; i < min(n, len(s.tl.Observations)); i++ {
		o := &s.tl.Observations[i]
		if o.Kind == conformance.Session && o.Outcome == conformance.Refused && s.sawBefore(o.Client, x.N+1) {
			return true
		}
		if !answers(o, ocf.PathPstat) || o.Frame.Code != conformance.CodeUnauthorized {
			continue
		}
		asked := s.tl.Observations[*o.For].Frame
		if asked != nil && asked.Code == conformance.MethodGET && asked.Query == "" && s.sawBefore(o.Client, x.N+1) {
			return true
		}
	}
	return false
}

// sawBefore reports whether the Client has a sample before n.
func (s *story) sawBefore(client string, n int) bool {
	return slices.ContainsFunc(s.samples, func(x conformance.Sample) bool { return x.N < n && x.Client == client })
}

// nextSeen is the first sample after n, never for none.
func (s *story) nextSeen(n int) int {
	for _, x := range s.samples {
		if x.N > n {
			return x.N
		}
	}
	return never
}

// outstanding are the processes requested before n that were not seen to be
// over by then: nothing showed tm.b=0 after tm.b=1, nor in a GET as late as
// the declared time.
func (s *story) outstanding(n int) ocf.DPM {
	var open ocf.DPM
	for _, w := range s.writes {
		if w.n >= n || w.refused() {
			continue
		}
		for _, bit := range s.kinds() {
			if w.asks().Has(bit) && s.end(bit, w) >= n {
				open = open.With(bit)
			}
		}
	}
	return open
}

// end is the first sample by which the process of bit that w requested was
// seen to be over, never for none.
func (s *story) end(bit ocf.DPM, w write) int {
	key := processKey{bit, w.n}
	if n, ok := s.ends[key]; ok {
		return n
	}
	n := never
	if final := s.episode(bit, w, never).final; len(final) > 0 {
		n = final[0].N
	}
	s.ends[key] = n
	return n
}

// episode follows the process of bit that w requested, up to an index.
func (s *story) episode(bit ocf.DPM, w write, upto int) episode {
	return s.follow(s.unfollowed(bit, w, upto))
}

// unfollowed is an episode whose samples are not looked at yet.
func (s *story) unfollowed(bit ocf.DPM, w write, upto int) episode {
	ep := episode{bit: bit, w: w, upto: upto}
	ep.pre, ep.hasPre = s.lastBefore(w.n)
	ep.due, ep.known = s.due(bit, w, upto)
	ep.samples = s.after(bit, w, upto)
	return ep
}

// follow finds the course of ep in its samples, also of one that was followed before.
func (s *story) follow(ep episode) episode {
	ep.pending, ep.done, ep.final, ep.proven = -1, -1, nil, 0
	var hidden bool
	for i, x := range ep.samples {
		if x.Pstat.TM.Has(ep.bit) {
			if ep.pending < 0 {
				ep.pending = i
			}
			hidden = false
			continue
		}
		hidden = hidden || s.hides(ep, x)
		follows := !hidden && ep.follows(i)
		if follows && ep.done < 0 {
			ep.done = i
		}
		proven := follows || s.late(ep, x)
		if proven || s.answered(ep, x) {
			if !proven && ep.proven == len(ep.final) {
				ep.proven++
			}
			ep.final = append(ep.final, x)
		}
	}
	return ep
}

// completion is the first look with tm.b=0 that is certainly after one with tm.b=1.
func (ep episode) completion() (conformance.Sample, bool) {
	if ep.done < 0 {
		return conformance.Sample{}, false
	}
	return ep.samples[ep.done], true
}

// ended reports whether the last of ep.final is certainly after the end. A Device
// that does not show in tm that a process is pending may still be at it.
func (ep episode) ended() bool { return ep.proven < len(ep.final) }

// over is the sample that showed that the process had ended, or by which it had to
// have; ep.upto where there is none. What the source offers later does not concern
// ep.
func (ep episode) over() int {
	if ep.ended() {
		return ep.final[ep.proven].N
	}
	return ep.upto
}

// follows reports whether sample i is certainly after one with tm.b=1.
func (ep episode) follows(i int) bool {
	for _, p := range ep.samples {
		if p.Pstat.TM.Has(ep.bit) && p.Before(ep.samples[i]) {
			return true
		}
	}
	return false
}

// late reports whether x was asked for after the process had to be over.
func (s *story) late(ep episode, x conformance.Sample) bool {
	return ep.known && !x.Notified && s.past(ep.due, ep.w.n, x)
}

// past reports whether x was asked for after due, and after what the Device may lag behind by
// how slow its answers were since from.
func (s *story) past(due time.Duration, from int, x conformance.Sample) bool {
	at := s.at(x.Since)
	return at > due && at > due+conformance.Lag(s.slowest(from, x.Since))
}

// answered reports whether x was asked for after the source had answered ep's
// question: a Device that has asked, and shows tm.b=0, has finished.
func (s *story) answered(ep episode, x conformance.Sample) bool {
	before, ok := s.reportBefore(ep.w.n)
	if !ok || x.Notified || s.spontaneous() {
		return false
	}
	_, answered := s.firstReport(ep.w.end, x.Since, func(r sourceReport) bool {
		return r.questions() > before.questions() && r.Holding == 0 && !(r.Derived && s.shut(r.n))
	})
	return answered
}

// shut reports whether a gate was closed at n.
func (s *story) shut(n int) bool {
	return slices.ContainsFunc(s.gates, func(g gate) bool { return between(n, g.from, g.upto) })
}

// after are the samples that arrived before upto and certainly show the Device as
// it was after it had accepted w: every GET that was sent after w's answer, and of
// each observation the notifications from the first with tm.b=1 on, unless that
// one may be a late one of an earlier process.
func (s *story) after(bit ocf.DPM, w write, upto int) []conformance.Sample {
	from, _ := slices.BinarySearchFunc(s.samples, w.n, func(x conformance.Sample, n int) int { return x.N - n })
	to, _ := slices.BinarySearchFunc(s.samples, upto, func(x conformance.Sample, n int) int { return x.N - n })
	all := make([]conformance.Sample, 0, max(to-from, 0))
	began := map[int]bool{}
	for _, x := range s.samples[:to] {
		switch {
		case x.N < w.n:
		case !x.Notified:
			if x.Since > w.end {
				all = append(all, x)
			}
		case began[x.Stream]:
			all = append(all, x)
		case x.Pstat.TM.Has(bit) && s.settled(bit, x.Stream, w.n):
			began[x.Stream] = true
			all = append(all, x)
		}
	}
	return all
}

// settled reports whether the observation stream had shown the end of every
// earlier process of bit when n came: its last state was idle, and it had shown as
// many ends as processes had been requested since it was registered. One of which the
// network lost the beginning may still be told late.
func (s *story) settled(bit ocf.DPM, stream, n int) bool {
	var last ocf.DPM
	ends := 0
	for _, x := range s.samples {
		if x.Stream != stream || x.N >= n {
			continue
		}
		if last.Has(bit) && !x.Pstat.TM.Has(bit) {
			ends++
		}
		if last = x.Pstat.TM; x.Since == x.Stream && !x.Notified && last.Has(bit) {
			ends-- // it was pending when the observation began
		}
	}
	return !last.Has(bit) && ends >= s.requested(bit, stream, n)
}

// due is when the process of bit has to be over: the declared time after w's
// answer or, where the source withheld its answers meanwhile, after it gave them.
// known is false where it never gave them.
func (s *story) due(bit ocf.DPM, w write, upto int) (at time.Duration, known bool) {
	if w.end == never {
		return 0, false
	}
	at, span := s.at(w.end), s.declared(bit)
	for _, g := range s.gates {
		if g.from >= upto || s.at(g.from) > at+span {
			continue
		}
		if g.opened == never {
			return 0, false
		}
		at = max(at, s.at(g.opened))
	}
	return at + span, true
}

// declared is the declared time of a process, a settle time included for the
// look at it.
func (s *story) declared(bit ocf.DPM) time.Duration {
	t := s.target.Timing
	switch {
	case bit == ocf.SVV, bit == ocf.NSA:
		return t.Validation + t.Settle
	case s.target.Update.Reboots:
		return t.Update + t.Reboot + t.Settle
	}
	return t.Update + t.Settle
}

// endedHeld reports whether ep, undisturbed, was seen to end while its answer
// was withheld: then the Device has given up its source, for which the seed
// sets no time. Whether it had to be pending still is judged elsewhere.
func (s *story) endedHeld(ep episode) bool {
	end, ok := ep.completion()
	return ok && slices.ContainsFunc(s.gates, func(g gate) bool { return g.from < end.N && end.N < g.upto })
}

// held is the part of a gate's window in which the Device is provably pending
// on ep's request: GETs sent after from and answered before upto decide. It is
// provable by the source's report of a question that it withholds, or, where
// the source does not report, by the settle time having passed.
func (s *story) held(ep episode) (from, upto int, ok bool) {
	for _, g := range s.gates {
		if g.upto < ep.w.end {
			continue
		}
		upto := min(g.upto, ep.upto)
		if len(s.reports) == 0 {
			if g.from > ep.w.n {
				continue
			}
			for i := ep.w.end; i < min(upto, len(s.tl.Observations)); i++ {
				if s.at(i) >= s.at(ep.w.end)+s.target.Timing.Settle {
					return i - 1, upto, true
				}
			}
			continue
		}
		before := 0
		if r, _ := s.reportBefore(ep.w.n); r.n > g.from { // without a report it is 0, which is after no gate
			before = r.Holding
		}
		if r, held := s.firstReport(max(ep.w.n, g.from), upto, func(r sourceReport) bool { return r.Holding > before }); held {
			return r.n, upto, true
		}
	}
	return 0, 0, false
}

// looks are the answers to GETs that were sent after from and arrived before upto.
func (s *story) looks(from, upto int) []conformance.Sample {
	var all []conformance.Sample
	for _, x := range s.samples {
		if !x.Notified && x.Since > from && x.N < upto {
			all = append(all, x)
		}
	}
	return all
}

func last(all []conformance.Sample) (conformance.Sample, bool) {
	if len(all) == 0 {
		return conformance.Sample{}, false
	}
	return all[len(all)-1], true
}
