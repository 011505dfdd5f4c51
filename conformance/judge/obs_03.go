package judge

import (
	"fmt"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var obs03 = Requirement{
	ID: "OBS-3", Lines: "69-71",
	Clause: "Clients can be notified that an autonomous version check or software update is pending and/or complete by observing pstat resource changes.",
	Says:   "observers are told of its completion",
	Level:  Duty, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Verdicts: Verdicts{
		Pass: "the last notification equals a later GET; sequence numbers move forward (RFC 7641 section 3.4)",
		Fail: "it differs after the settle time, or numbers go back",
	},
	rule: tellsCompletion,
}

// tellsCompletion judges that the last notification equals a later GET, and
// that Observe numbers move forward (seed.txt 69-71, RFC 7641 section 3.4).
func tellsCompletion(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, o := range s.observings() {
		if !s.observer(o.client) {
			continue
		}
		if n, certain, found := s.numbersBack(o); found {
			all = append(all, s.wentBack(n, certain))
		}
		if f, ok := s.notAboveAnswer(o); ok {
			all = append(all, f)
		}
		if f, ok := s.relabelled(o); ok {
			all = append(all, f)
		}
	}
	for _, w := range s.writes {
		for _, f := range s.toldFinals(w.n) {
			if f.Verdict == conformance.Fail {
				all = append(all, f)
			}
		}
	}
	return append(all, s.toldFinals(never)...)
}

// toldFinals judges what each observer was told last before upto. Where an
// observer is told of the final state after all, the network may have delayed it:
// that is no breach. Where a write followed the final state, that state was judged
// when upto was this write.
func (s *story) toldFinals(upto int) []conformance.Finding {
	var all []conformance.Finding
	right := false
	for _, o := range s.observings() {
		if !s.observer(o.client) || upto <= o.from || upto != never && upto >= o.upto {
			continue
		}
		o.upto = min(o.upto, upto)
		f, ok := s.toldFinal(o)
		if f.Verdict == conformance.Fail && s.toldAtLast(o, s.tl.Observations[f.Witness]) {
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
	for i := o.from; i < min(o.upto, len(s.tl.Observations)); i++ {
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

// toldEnd reports whether o was notified of the state at its end, by a
// notification that may have come later than a GET showed it.
func (s *story) toldEnd(o observing) bool {
	last, _ := s.lastTold(o)
	end, _, seen := s.stateAtEnd(last.N, o.upto)
	return seen && last.Notified && last.String() == end.String()
}
