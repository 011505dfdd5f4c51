package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var dos04 = Requirement{
	ID: "DOS-4", Lines: "61-64",
	Clause: "The process of updating Device software may involve state changes that affect the Device Operational State (/oic/sec/pstat.dos).",
	Says:   "isop and dos.p agree with dos.s",
	Level:  Derived, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Verdicts: Verdicts{
		Pass:      "isop is true in RFNOP alone; p returns to false within the declared time",
		Fail:      "they contradict",
		NeverOpen: true,
	},
	rule: dosAgrees,
}

// dosAgrees judges that isop and dos.p agree with dos.s (seed.txt 61-64): isop
// is true in RFNOP alone, and p does not stay true. An absent p says nothing.
func dosAgrees(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, x := range s.samples {
		p := x.Pstat
		if !p.Present.Has(ocf.PropDOS | ocf.PropISOP) {
			continue
		}
		want := "isop true in RFNOP alone"
		if p.ISOP != (p.DOS == ocf.RFNOP) {
			f := broken(x.N, want, isop(p), "%s", contradiction(p))
			if s.inherited(x.N, contradiction(p)) {
				f = s.leftBehind(x.N, want, contradiction(p))
			}
			all = append(all, f)
			continue
		}
		all = append(all, passed(x.N, want, isop(p), "isop agrees with dos"))
	}
	return append(all, s.pendingForEver()...)
}

func isop(p ocf.Pstat) string {
	if p.ISOP {
		return p.String() + " isop=true"
	}
	return p.String() + " isop=false"
}

// mayMove reports whether dos was written, or an update requested, before n.
func (s *story) mayMove(n int) bool {
	for _, w := range s.writes {
		_, dos := w.body.field("dos")
		if w.n < n && !w.refused() && (dos > 0 || w.asks().Has(ocf.SSU)) {
			return true
		}
	}
	return false
}

// pendingForEver finds two GETs, a settle time or more apart, between which
// dos.p was true, dos was the same, nothing was written and nothing ran. A
// reset, and what a write of dos or an update began, has the declared reboot
// time on top.
func (s *story) pendingForEver() []conformance.Finding {
	var all []conformance.Finding
	var since *conformance.Sample
	for i, x := range s.samples {
		p := x.Pstat
		stuck := p.Pending && p.TM&s.processes() == 0
		switch {
		case x.Notified:
		case !stuck || s.inherited(x.N, stuckPending):
			since = nil
		case since == nil || since.Pstat.DOS != p.DOS || s.nextWrite(since.Since) < x.N:
			since = &s.samples[i]
		default:
			bound := s.target.Timing.Settle
			if p.DOS == ocf.RESET || s.mayMove(since.Since) {
				bound += s.target.Timing.Reboot
			}
			if s.at(x.Since) > s.at(since.N)+bound {
				all = append(all, broken(x.N, "dos.p back to false within the declared time", p.String()+" p=true",
					"dos.p has been true since %.3gs, though dos is %v and nothing runs", s.at(since.N).Seconds(), p.DOS))
			}
		}
	}
	return all
}
