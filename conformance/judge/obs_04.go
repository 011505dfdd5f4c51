package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
)

var obs04 = Requirement{
	ID: "OBS-4", Lines: "69-71",
	Clause: "Clients can be notified that an autonomous version check or software update is pending and/or complete by observing pstat resource changes.",
	Says:   "every observer is told, not the writer alone",
	Level:  Duty, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Verdicts: Verdicts{
		Pass: "a second observer sees the same course",
		Fail: "it does not",
	},
	rule: tellsEveryone,
}

// tellsEveryone judges that an observer who is not the writer sees the same
// course (seed.txt 69-71), and where there are several that none is left out,
// the writer included.
func tellsEveryone(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, bit := range s.kinds() {
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

// leftOut finds an observer that was not told of the end of ep though another one
// was, where at least one of the observers registered while ep was pending.
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
		f, _ := s.toldFinal(o)
		if f.Verdict == conformance.Fail && s.anotherTold(o, everyone) && !s.toldAtLast(o, s.tl.Observations[f.Witness]) {
			f.Reason += "; another observer was told"
			all = append(all, f)
		}
	}
	return all
}

func (s *story) tellsAlso(ep episode, o observing, observers []observing) conformance.Finding {
	want := "Client " + o.client + " sees " + pattern(ep.bit.String(), "*") + " and the end"
	x, told := s.told(o, ep.bit, ep.w.n, min(ep.upto, o.upto))
	if from, upto, ok := s.held(ep); ok && !told {
		upto = min(upto, o.upto)
		for _, p := range observers {
			y, others := s.told(p, ep.bit, ep.w.n, upto)
			if others && !s.loss && !s.beginsToTell(o, ep.w.n, upto) && s.slowest(ep.w.n, upto) <= s.target.Timing.Settle && s.at(upto)-s.at(from) >= s.target.Timing.Settle {
				return unseen(broken(y.N, want, "not told", "Client %s was told of the pending %s, Client %s was not", p.client, process(ep.bit), o.client))
			}
		}
	}
	o.upto = min(o.upto, ep.upto)
	f, _ := s.toldFinal(o)
	switch {
	case f.Verdict == conformance.Fail && s.anotherTold(o, observers) && !s.toldAtLast(o, s.tl.Observations[f.Witness]):
		f.Reason += "; another observer was told"
		return f
	case told && f.Verdict == conformance.Pass && !s.ofEarlier(ep.bit, x, ep.w.n):
		f.Want, f.Got = want, x.String()+", then "+f.Got
		return f
	}
	return open(ep.w.n, want, "Client %s was not seen to be told of both the pending %s and its end", o.client, process(ep.bit))
}

// beginsToTell reports whether the first block of a notification to o came between from and
// upto: what it shows is known when the Client has fetched the rest, maybe much later.
func (s *story) beginsToTell(o observing, from, upto int) bool {
	for i := max(from+1, 0); i < min(upto, len(s.tl.Observations)); i++ {
		e := &s.tl.Observations[i]
		if e.Kind == conformance.Message && e.For != nil && *e.For == o.stream && e.Frame != nil && e.Frame.Observe != nil {
			return true
		}
	}
	return false
}

// anotherTold reports whether an observer besides o was told how it ended, by
// the time that o had to be.
func (s *story) anotherTold(o observing, observers []observing) bool {
	for _, p := range observers {
		if p.stream == o.stream {
			continue
		}
		p.upto = min(p.upto, o.upto)
		if f, _ := s.toldFinal(p); f.Verdict == conformance.Pass {
			return true
		}
	}
	return false
}
