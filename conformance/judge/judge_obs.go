package judge

import (
	"fmt"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// observable judges that pstat can be observed (seed.txt 69-71).
func observable(s *story) []conformance.Finding {
	const want = "2.05 with an Observe option"
	var all []conformance.Finding
	for i := range s.tl.Observations {
		o := &s.tl.Observations[i]
		if o.Kind != conformance.Response && !s.tl.Unanswered(i) || o.For == nil {
			continue
		}
		r := &s.tl.Observations[*o.For]
		if !registers(r) || r.Frame.Query != "" || !s.observer(r.Client) {
			continue
		}
		switch {
		case o.Gone():
			all = append(all, open(i, want, "the registration was lost with a session that the Device no longer knew"))
		case o.Kind == conformance.Lost && s.answeredBefore(*o.For) && !s.silentIn(0, *o.For) && !s.loss:
			all = append(all, unseen(broken(i, want, "no answer", "the Device did not answer the registration of an observer")))
		case o.Kind == conformance.Lost || o.Frame == nil:
			all = append(all, open(i, want, "the registration got no answer"))
		case o.Frame.Code != conformance.CodeContent:
			all = append(all, broken(i, want, o.Frame.Code, "the registration of Client %s was answered %s", r.Client, o.Frame.Code))
		case o.Frame.Observe == nil:
			all = append(all, broken(i, want, "2.05 without it", "the answer has no Observe option: Client %s will be told nothing", r.Client))
		default:
			all = append(all, passed(i, want, want, "Client %s observes pstat", r.Client))
		}
	}
	return all
}

// registers reports whether o is a GET of pstat with Observe 0.
func registers(o *conformance.Observation) bool {
	f := o.Frame
	return o.Kind == conformance.Request && f != nil && f.Code == conformance.MethodGET && f.Path == ocf.PathPstat && f.Observe != nil && *f.Observe == 0
}

// tellsPending judges that observers are told of the pending process: inside
// the held window at least one of them (seed.txt 69-71). Whether all are told
// is OBS-4's.
func tellsPending(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, bit := range []ocf.DPM{ocf.SVV, ocf.SSU} {
		for _, ep := range s.episodes(bit) {
			from, upto, ok := s.held(ep)
			if observers := s.active(ep.w.n); ok && len(observers) > 0 {
				all = append(all, s.tellsPending(ep, observers, from, upto))
			}
		}
	}
	return all
}

func (s *story) tellsPending(ep episode, observers []observing, from, upto int) conformance.Finding {
	want := "a notification with " + state(ep.bit.String(), "*") + " while held"
	for _, o := range observers {
		if x, ok := s.told(o, ep.bit, ep.w.n, upto); ok {
			return passed(x.N, want, x.String(), "Client %s was told of the pending %s", o.client, process(ep.bit))
		}
	}
	for _, o := range observers {
		if s.toldLate(o, ep.bit, ep.w.n, upto) {
			return open(upto, want, "Client %s was told, but under an Observe number that is not above the one before (OBS-3)", o.client)
		}
	}
	for _, x := range s.samples {
		if x.Notified && x.N > ep.w.n && x.N < upto && x.Pstat.TM.Has(ep.bit) && s.observer(x.Client) {
			return open(x.N, want, "Client %s was told, but its registration has no answer", x.Client)
		}
	}
	switch {
	case s.loss || s.slowest(ep.w.n, upto) > s.target.Timing.Settle:
		return open(upto, want, "no notification, but the network is slow or loses datagrams")
	case s.at(upto)-s.at(from) < s.target.Timing.Settle:
		return open(upto, want, "no notification, but the gate was opened before the settle time was over")
	}
	return unseen(broken(min(upto, len(s.tl.Observations)-1), want, "none", "no observer was told of the pending %s within the settle time, though the source held its answer", process(ep.bit)))
}

// tellsCompletion judges that the last notification equals a later GET, and
// that Observe numbers move forward (seed.txt 69-71, RFC 7641 section 3.4).
func tellsCompletion(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, o := range s.observings() {
		if n, certain, found := s.numbersBack(o); found && s.observer(o.client) {
			all = append(all, s.wentBack(n, certain))
		}
		if f, ok := s.relabelled(o); ok && s.observer(o.client) {
			all = append(all, f)
		}
	}
	for _, w := range s.writes {
		for _, f := range s.toldOutcomes(w.n) {
			if f.Verdict == conformance.Fail {
				all = append(all, f)
			}
		}
	}
	return append(all, s.toldOutcomes(never)...)
}

// toldOutcomes judges what each observer was told last before upto. A state
// that one was told of at last, if late, may have been late by the network; one
// that a write has followed was judged before that write.
func (s *story) toldOutcomes(upto int) []conformance.Finding {
	var all []conformance.Finding
	right := false
	for _, o := range s.observings() {
		if !s.observer(o.client) || upto <= o.from || upto != never && upto >= o.upto {
			continue
		}
		o.upto = min(o.upto, upto)
		f, ok := s.toldOutcome(o)
		if ok && f.Verdict == conformance.Fail && s.toldAtLast(o, s.tl.Observations[f.Witness]) {
			right = true
			continue
		}
		if !ok || f.Verdict == conformance.Fail && s.wroteIn(f.Witness, o.upto) {
			continue
		}
		right = right || f.Verdict == conformance.Pass || s.toldEnd(o)
		all = append(all, f)
	}
	for i := range all {
		if right && all[i].Verdict == conformance.Fail {
			all[i].Verdict = conformance.Inconclusive // another observer was told: OBS-4
		}
	}
	return all
}

// relabelled finds a notification to o whose Content-Format is none of OCF's,
// though the answer to the registration had one (RFC 7641 section 4.2): whoever
// goes by what it says can't read pstat in it.
func (s *story) relabelled(o observing) (conformance.Finding, bool) {
	const want = "notifications in the format of the registration's answer"
	for i := o.from + 1; i < min(o.upto, len(s.tl.Observations)); i++ {
		e := &s.tl.Observations[i]
		if e.Kind != conformance.Notification || !e.CarriesPstat() || e.Frame.Format == nil || s.tl.Registration(i) != o.stream {
			continue
		}
		if n := *e.Frame.Format; n != ocf.FormatOCFCBOR && n != ocf.FormatCBOR {
			return broken(i, want, fmt.Sprintf("format %d", n), "Client %s was notified in format %d, which pstat does not have", o.client, n), true
		}
	}
	return conformance.Finding{}, false
}

func (s *story) wentBack(n int, certain bool) conformance.Finding {
	const want = "Observe numbers that move forward"
	if certain {
		return broken(n, want, "Observe went back or repeated", "the Device sent a notification whose Observe number is not above the one before")
	}
	return open(n, want, "an Observe number went back, but the network may have changed the order")
}

// toldAtLast reports whether o was told the state that the GET shows after all.
func (s *story) toldAtLast(o observing, shown conformance.Observation) bool {
	end, _, _ := shown.Pstat()
	for _, x := range s.samples {
		if x.Notified && x.Stream == o.stream && x.N >= o.upto && x.String() == end.String() {
			return true
		}
	}
	return false
}

// toldEnd reports whether o was notified of the state at its end, by a
// notification that may have come later than a GET showed it.
func (s *story) toldEnd(o observing) bool {
	last, ok := s.lastTold(o)
	end, _, seen := s.outcome(last.N, o.upto)
	return ok && seen && last.Notified && last.String() == end.String()
}

// toldOutcome judges what o was told last against the state at the end.
func (s *story) toldOutcome(o observing) (conformance.Finding, bool) {
	last, ok := s.lastTold(o)
	end, settled, ok2 := s.outcome(last.N, o.upto)
	if !ok || !ok2 || !s.changedSince(o) || !s.ranWhile(o) || end.Pstat.TM&bothBits != 0 {
		return conformance.Finding{}, false
	}
	want := "told " + end.String()
	switch {
	case last.String() == end.String() && last.Notified && end.Since > last.N:
		return passed(last.N, want, "told "+last.String(), "the last notification to Client %s equals a later GET", o.client), true
	case last.String() == end.String():
		return open(end.N, want, "no notification was seen before a GET showed the same state"), true
	case last.Pstat.TM == end.Pstat.TM && last.Pstat.CM == end.Pstat.CM:
		return open(end.N, want, "tm and cm were told; of dos the seed does not say that it is"), true
	case !settled || s.loss || s.slowest(last.N, o.upto) > s.target.Timing.Settle:
		return open(end.N, want, "the notification may still have been under way, or was lost by the network"), true
	}
	return unseen(broken(end.N, want, "told "+last.String(), "a settle time after the change Client %s was last told %v, but a GET shows %v", o.client, last, end)), true
}

// ranWhile reports whether a process was requested or shown while o stood.
func (s *story) ranWhile(o observing) bool {
	if s.requests(ocf.SVV, o.from, o.upto)+s.requests(ocf.SSU, o.from, o.upto) > 0 {
		return true
	}
	for _, x := range s.samples {
		if x.N >= o.from && x.N < o.upto && x.Pstat.TM&bothBits != 0 {
			return true
		}
	}
	return false
}

// changedSince reports whether anybody saw another state than the one that the
// registration of o was answered with.
func (s *story) changedSince(o observing) bool {
	var first *conformance.Sample
	for i, x := range s.samples {
		switch {
		case x.N == o.from:
			first = &s.samples[i]
		case first != nil && x.N > o.from && x.N < o.upto && x.String() != first.String():
			return true
		}
	}
	return false
}

// tellsEveryone judges that an observer who is not the writer sees the same
// course (seed.txt 69-71), and where there are several that none is left out,
// the writer included.
func tellsEveryone(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, bit := range []ocf.DPM{ocf.SVV, ocf.SSU} {
		for _, ep := range s.episodes(bit) {
			observers := s.active(ep.w.n)
			for _, o := range observers {
				if len(observers) < 2 {
					break
				}
				if f := s.tellsAlso(ep, o, observers); o.client != ep.w.client || f.Verdict == conformance.Fail {
					all = append(all, f)
				}
			}
			all = append(all, s.leftOut(ep, observers)...)
		}
	}
	return all
}

// leftOut finds an observer that was not told of the end of ep though another
// was, where one of them had begun to observe while ep was pending.
func (s *story) leftOut(ep episode, observers []observing) []conformance.Finding {
	everyone := observers
	for _, o := range s.observings() {
		if o.from > ep.w.n && o.from < ep.upto && s.observer(o.client) {
			everyone = append(everyone, o)
		}
	}
	if len(everyone) == len(observers) {
		return nil
	}
	var all []conformance.Finding
	for _, o := range everyone {
		o.upto = min(o.upto, ep.upto)
		f, ok := s.toldOutcome(o)
		if ok && f.Verdict == conformance.Fail && s.anotherTold(o, everyone) && !s.toldAtLast(o, s.tl.Observations[f.Witness]) {
			f.Reason += "; another observer was told"
			all = append(all, f)
		}
	}
	return all
}

func (s *story) tellsAlso(ep episode, o observing, observers []observing) conformance.Finding {
	want := "Client " + o.client + " sees " + state(ep.bit.String(), "*") + " and the end"
	x, told := s.told(o, ep.bit, ep.w.n, min(ep.upto, o.upto))
	if from, upto, ok := s.held(ep); ok && !told {
		for _, p := range observers {
			y, others := s.told(p, ep.bit, ep.w.n, upto)
			if others && !s.loss && s.slowest(ep.w.n, upto) <= s.target.Timing.Settle && s.at(upto)-s.at(from) >= s.target.Timing.Settle {
				return unseen(broken(y.N, want, "not told", "Client %s was told of the pending %s, Client %s was not", p.client, process(ep.bit), o.client))
			}
		}
	}
	o.upto = min(o.upto, ep.upto)
	f, ok := s.toldOutcome(o)
	switch {
	case ok && f.Verdict == conformance.Fail && s.anotherTold(o, observers) && !s.toldAtLast(o, s.tl.Observations[f.Witness]):
		f.Reason += "; another observer was told"
		return f
	case told && ok && f.Verdict == conformance.Pass:
		f.Want, f.Got = want, x.String()+", then "+f.Got
		return f
	}
	return open(ep.w.n, want, "Client %s was not seen to be told of both the pending %s and its end", o.client, process(ep.bit))
}

// anotherTold reports whether an observer besides o was told how it ended, by
// the time that o had to be.
func (s *story) anotherTold(o observing, observers []observing) bool {
	for _, p := range observers {
		if p.stream == o.stream {
			continue
		}
		p.upto = min(p.upto, o.upto)
		if f, ok := s.toldOutcome(p); ok && f.Verdict == conformance.Pass {
			return true
		}
	}
	return false
}
