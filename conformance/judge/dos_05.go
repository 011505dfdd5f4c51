package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var dos05 = Requirement{
	ID: "DOS-5", Edition: OCF22,
	Clause: "IoTivity-Lite: on entry of every device state tm and cm are set as a whole, and checked with the mask 0xC3",
	Says:   "where a Client moves dos, V, U and N go to 0 in tm and cm",
	Level:  Derived, Severity: conformance.Fail, Actor: Device,
	Verdicts: Verdicts{
		Pass: "a bit of a process was in tm or cm, and none is after the move",
		Fail: "a bit is still there after the move",
		Open: "no bit was there before the move, or nobody looked afterwards",
	},
	rule: entryClears,
}

// entryClears judges that a Client's move of dos leaves no bit of a process (docs/adr/0101).
// What the Device itself does to dos during an update is not meant: tm has U until the
// update is over.
func entryClears(s *story) []conformance.Finding {
	var all []conformance.Finding
	if !s.edition.DOS.EntryClears.Is {
		return nil
	}
	for _, w := range s.writes {
		to, moves := w.dos()
		pre, seen := s.lastBefore(w.n)
		if !moves || !seen || !w.accepted() || to == pre.Pstat.DOS || w.asks() != 0 || !s.privileged(w.client) {
			continue
		}
		all = append(all, s.cleared(w, to, pre).About(w.n))
	}
	return all
}

func (s *story) cleared(w write, to ocf.DOS, pre conformance.Sample) conformance.Finding {
	want := pattern("-", "-") + " without any process, from the move on"
	had := (pre.Pstat.TM | pre.Pstat.CM) & s.processes()
	if s.restartedSince(pre, w.n) {
		return open(w.n, want, "the Device was restarted before, and nobody has looked since")
	}
	upto := s.disturbed(w.n, anyWrite)
	looks := s.looks(w.end, upto)
	if x, ok := s.clearIn(to, had, w.n, upto); ok && had != 0 && (len(looks) == 0 || x.N < looks[0].N) {
		return passed(x.N, want, x.String(), "%v went to 0 when dos was moved to %v", had, to)
	}
	if len(looks) == 0 {
		return open(w.n, want, "nobody looked after the move")
	}
	x := looks[0]
	left := (x.Pstat.TM | x.Pstat.CM) & had
	switch {
	case x.Pstat.DOS != to:
		return open(x.N, want, "dos is %v, not %v as was written", x.Pstat.DOS, to)
	case left != 0 && s.loss && s.target.Supports.Autonomous:
		return open(x.N, want, "the network loses datagrams, so that a process of the Device's own between the move and this look may not have been seen")
	case left != 0:
		return s.unlessOwn(broken(x.N, want, x.String(), "dos was moved to %v, and %v is still there", to, left))
	case had == 0:
		return open(x.N, want, "neither tm nor cm had a bit of a process before the move")
	}
	return passed(x.N, want, x.String(), "%v went to 0 when dos was moved to %v", had, to)
}

// clearIn is the first look between n and upto at the Device in the state to, if it shows
// none of had. What the Device begins there by itself comes later.
func (s *story) clearIn(to ocf.DOS, had ocf.DPM, n, upto int) (conformance.Sample, bool) {
	for _, x := range s.samples {
		if between(x.N, n, upto) && x.HasDOS() && x.Pstat.DOS == to {
			return x, (x.Pstat.TM|x.Pstat.CM)&had == 0
		}
	}
	return conformance.Sample{}, false
}
