package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var svv04 = Requirement{
	ID: "SVV-4", Lines: "34-35",
	Clause: "the Device sets the /oic/sec/pstat.cm Initiate Software Version Validation bit to 0",
	Says:   "cm.V goes to 0 at the start",
	Level:  Duty, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Needs: Needs{Bench: "gate and cm.V=1 before", Target: Validation},
	Verdicts: Verdicts{
		Pass: "cm.V=0 while tm.V=1 and held",
		Fail: "cm.V=1 while held",
		Open: "not held, or cm.V=1 could not be produced first",
	},
	Course: Course{
		Of:      ocf.SVV,
		Witness: []Step{{"Found", Requested, "Pending"}},
		Breach:  []Step{{"Found", Requested, "Kept"}, {"Pending", Idle, "Kept"}},
	},
	rule: clearsAtStart(ocf.SVV),
}

// clearsAtStart judges that cm lacks bit from the start of a check (seed.txt 34-35).
// A pass needs the bit in cm before; one in it while held is a breach whatever was before.
func clearsAtStart(bit ocf.DPM) rule {
	return func(s *story) []conformance.Finding { return s.clearsAtStart(bit) }
}

func (s *story) clearsAtStart(bit ocf.DPM) []conformance.Finding {
	var all []conformance.Finding
	want := pattern(bit.String(), cell(bit, false)) + " while held"
	for _, ep := range s.episodes(bit) {
		all = append(all, s.restored(ep, want)...)
		from, upto, ok := s.held(ep)
		if !ok {
			continue
		}
		all = append(all, s.toldFound(ep, from, upto, want)...)
		for _, x := range s.looks(from, upto) {
			switch {
			case x.Pstat.CM.Has(ep.bit):
				f := broken(x.N, want, x.String(), "cm still had %v though the %s had begun and the source held its answer", bit, process(bit))
				all = append(all, s.unlessOwn(f))
			case !x.Pstat.TM.Has(ep.bit):
				all = append(all, open(x.N, want, "tm did not show %v (%s-10)", bit, family(bit)))
			case ep.pre.Pstat.CM.Has(ep.bit) && s.hadBefore(ep.bit, ep):
				all = append(all, passed(x.N, want, x.String(), "cm had %v before the request and lost it at the start of the %s", bit, process(bit)))
			default:
				all = append(all, open(x.N, want, "cm did not have %v before the request, so nothing was there to be cleared", bit))
			}
		}
	}
	return all
}

// hadBefore reports whether cm had bit before the request ep.w: the last look says so, which
// may be a notification of long ago, unless a GET before it says otherwise, and nothing was
// written since.
func (s *story) hadBefore(bit ocf.DPM, ep episode) bool {
	shown, ok := last(s.looks(-1, ep.w.n))
	return !ep.pre.Notified || !ok || shown.Pstat.CM.Has(bit) || s.wroteIn(shown.Since, ep.w.n) || s.spontaneous()
}

// toldFound finds a notification by which the check had found something, or
// still had, though the source held its answer: one that came before the gate
// was opened.
func (s *story) toldFound(ep episode, from, upto int, want string) []conformance.Finding {
	for _, x := range ep.samples {
		if x.Notified && between(x.N, from, upto) && x.Pstat.CM.Has(ep.bit) && !x.Pstat.TM.Has(ep.bit) {
			return []conformance.Finding{s.unlessOwn(broken(x.N, want, x.String(), "the %s ended with %v in cm though the source still held its answer", process(ep.bit), ep.bit))}
		}
	}
	return nil
}

// restored finds a check that is pending again after a restart with cm.V=1,
// though the source has held its answers since before it was requested.
func (s *story) restored(ep episode, want string) []conformance.Finding {
	upto := s.concerned(ep.bit, ep.w.n)
	rebooted := s.rebooted(ep.w.n, upto)
	if rebooted < 0 {
		return nil
	}
	for _, g := range s.gates {
		if g.from > ep.w.n || g.upto < rebooted {
			continue
		}
		for _, x := range s.looks(rebooted, min(g.upto, upto)) {
			if x.Pstat.TM.Has(ep.bit) && x.Pstat.CM.Has(ep.bit) {
				return []conformance.Finding{s.unlessOwn(broken(x.N, want, x.String(), "after the restart the %s is pending with %v in cm, though the source never answered it", process(ep.bit), ep.bit))}
			}
		}
	}
	return nil
}
