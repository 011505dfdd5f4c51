package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var obs02 = Requirement{
	ID: "OBS-2", Lines: "69-71",
	Clause: "Clients can be notified that an autonomous version check or software update is pending",
	Says:   "observers are told of the pending process",
	Level:  Duty, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Needs: Needs{Bench: "gate"},
	Verdicts: Verdicts{
		Pass: "a notification with the tm bit 1 inside the held window",
		Fail: "none inside it",
		Open: "not held",
	},
	rule: tellsPending,
}

// tellsPending judges that observers are told of the pending process: inside
// the held window at least one of them (seed.txt 69-71). Whether all are told
// is OBS-4's.
func tellsPending(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, bit := range s.kinds() {
		for _, ep := range s.episodes(bit) {
			from, upto, ok := s.held(ep)
			if observers := s.active(ep.w.n); ok && len(observers) > 0 {
				all = append(all, s.tellsPending(ep, observers, from, upto))
			}
		}
		all = append(all, s.tellsOwnStart(bit)...)
	}
	return all
}

func (s *story) tellsPending(ep episode, observers []observing, from, upto int) conformance.Finding {
	want := "a notification with " + pattern(ep.bit.String(), "*") + " while held"
	var old *conformance.Sample // may be of an earlier process
	for _, o := range observers {
		for from := ep.w.n; ; {
			x, ok := s.told(o, ep.bit, from, upto)
			if !ok {
				break
			}
			if !s.ofEarlier(ep.bit, x, ep.w.n) {
				return passed(x.N, want, x.String(), "Client %s was told of the pending %s", o.client, process(ep.bit))
			}
			old, from = &x, x.N
		}
	}
	if old != nil {
		return open(old.N, want, "Client %s was told, but maybe late, of the %s before", old.Client, process(ep.bit))
	}
	for _, o := range observers {
		if s.toldLate(o, ep.bit, ep.w.n, upto) {
			return open(upto, want, "Client %s was told, but under an Observe number that is not above the one before (OBS-3)", o.client)
		}
	}
	for _, x := range s.samples {
		if x.Notified && between(x.N, ep.w.n, upto) && x.Pstat.TM.Has(ep.bit) && s.observer(x.Client) {
			return open(x.N, want, "Client %s was told, but its registration has no answer", x.Client)
		}
	}
	stood := false // an observation stood for a settle time while the Device was provably pending
	for _, o := range observers {
		stood = stood || o.upto >= upto || s.at(o.upto)-s.at(from) >= s.target.Timing.Settle
	}
	switch {
	case !stood:
		return open(upto, want, "no notification, but every observation had ended before the settle time was over")
	case s.loss || s.slowest(ep.w.n, upto) > s.target.Timing.Settle:
		return open(upto, want, "no notification, but the network is slow or loses datagrams")
	case s.at(upto)-s.at(from) < s.target.Timing.Settle:
		return open(upto, want, "no notification, but the gate was opened before the settle time was over")
	}
	return unseen(broken(min(upto, len(s.tl.Observations)-1), want, "none", "no observer was told of the pending %s within the settle time, though the source held its answer", process(ep.bit)))
}

// ofEarlier reports whether the notification x, which shows bit in tm after the request n, may be a
// late one of a process that was over by then: its observation had not told the end of each that was
// requested before, and the network loses or delays datagrams, or x came within the settle time.
func (s *story) ofEarlier(bit ocf.DPM, x conformance.Sample, n int) bool {
	settle := s.target.Timing.Settle
	return !s.settled(bit, x.Stream, n) && (s.loss || s.slowest(x.Stream, x.N) > settle || s.at(x.N)-s.at(n) <= settle)
}
