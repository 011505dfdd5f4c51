package judge

import (
	"fmt"
	"slices"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var dpm01 = Requirement{
	ID: "DPM-1", Lines: "75-81",
	Clause: "Device provisioning mode is a 16-bit bitmask describing various",
	Says:   "tm and cm are a 16-bit mask",
	Level:  Definition, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Verdicts: Verdicts{
		Pass: "unsigned CBOR integers, 0 to 65535; other types and larger values are refused and change nothing",
		Fail: "another type, or a wrapped value acts. warn above 255: the published schemas say maximum 255",
	},
	rule: isMask,
}

// isMask judges that tm and cm are a 16-bit mask (seed.txt 75-81): unsigned
// integers in what the Device shows, and nothing else takes effect that is
// written, on an idle Device or on one with a pending process. A written value
// of another type that is answered as a success and then ignored is a warning,
// as is a value above 255 (NOTES A3).
func isMask(s *story) []conformance.Finding {
	var all []conformance.Finding
	for i := range s.tl.Observations {
		p, problems, ok := s.tl.Observations[i].Pstat()
		if !ok {
			continue
		}
		for _, f := range s.shownMask(i, p, problems) {
			all = append(all, s.answering(i, f))
		}
	}
	var odd []conformance.Finding
	for _, w := range s.writes {
		if w.odd() && s.privileged(w.client) && s.idle(w.n) {
			odd = append(odd, s.refusesOdd(w).About(w.n))
		}
	}
	for _, bit := range s.kinds() {
		for _, d := range s.disturbances(bit, write.odd) {
			odd = append(odd, s.survives(d).About(d.w.n))
		}
	}
	if len(odd) > 0 { // a right representation is no witness for how a write is taken
		all = slices.DeleteFunc(all, func(f conformance.Finding) bool { return f.Verdict == conformance.Pass })
	}
	return append(all, odd...)
}

// written are the bits that Clients wrote to tm before n.
func (s *story) written(n int) ocf.DPM {
	var bits ocf.DPM
	for _, w := range s.writes {
		if m, _ := w.tm(); w.n < n {
			bits = bits.With(m)
		}
	}
	return bits
}

// shownMask judges one representation. A high bit that a Client wrote and that
// reads back is DPM-10's.
func (s *story) shownMask(i int, p ocf.Pstat, problems []ocf.Problem) []conformance.Finding {
	const want = "tm and cm as unsigned integers, 0 to 65535"
	for _, problem := range problems {
		switch {
		case problem.Property != "tm" && problem.Property != "cm" || problem.Got == missing:
		case s.inherited(i, problem.String()):
			return []conformance.Finding{s.leftBehind(i, want, problem.String())}
		default:
			return []conformance.Finding{broken(i, want, problem.Property+": "+problem.Got, "%v", problem)}
		}
	}
	if !p.Present.Has(ocf.PropTM | ocf.PropCM) {
		return nil
	}
	most := s.edition.DPMType.SchemaMax.Is
	if int(max(s.ownBits(i, "tm", p.TM.Without(s.written(i))), s.ownBits(i, "cm", p.CM))) > most {
		return []conformance.Finding{warned(broken(i, fmt.Sprintf("tm and cm up to %d", most), p.String(), "the published schemas say maximum %d", most))}
	}
	return []conformance.Finding{passed(i, want, p.String(), "tm and cm are unsigned integers")}
}

// odd reports whether w writes no dpmtype to tm, and nothing else that pstat
// has: a value of another type, a payload that is no map, a map without any
// Property of pstat.
func (w write) odd() bool { return w.oddValue() || w.framed && (!w.ok || w.foreign()) }

// oddValue reports whether w writes one tm that is no dpmtype, and nothing else.
func (w write) oddValue() bool {
	if !w.ok || len(w.body.fields) != 1 || w.body.fields[0].name != "tm" || !w.framed {
		return false
	}
	_, isMode := w.body.fields[0].value.mode()
	return !isMode
}

// foreign reports whether pstat has none of what w writes.
func (w write) foreign() bool {
	for _, name := range []string{"dos", "isop", "cm", "tm", "om", "sm", "rowneruuid", "rt", "if", "n", "id"} {
		if _, count := w.body.field(name); count > 0 {
			return false
		}
	}
	return true
}

func (s *story) refusesOdd(w write) conformance.Finding {
	const want = "4.xx, and nothing changes"
	if s.ignored(w) {
		return unseen(broken(w.end, want, "no answer", "the Device did not answer %s", w.says()))
	}
	f := s.unmoved(s.processes(), w, write.odd)
	if x, ok := s.otherMask(w); ok && f.Verdict != conformance.Fail && !s.restless {
		f = s.unlessAlone(broken(x.N, want, x.String(), "%s was written, and tm became %v", w.says(), x.Pstat.TM), w.n)
	}
	if f.Verdict == conformance.Pass && w.code == "" {
		f = open(w.end, want, "%s got no answer", w.says())
	}
	if f.Verdict == conformance.Pass && w.oddValue() && !conformance.Refusal(w.code) {
		f = warned(broken(w.end, want, w.code, "%s was answered %s instead of being refused, but nothing changed", w.says(), w.code))
	}
	f.Want = want
	return f
}

// otherMask is a GET after w whose tm or cm is not as before. What a move of dos
// did to them that nobody has seen yet is not w's doing.
func (s *story) otherMask(w write) (conformance.Sample, bool) {
	pre, _ := s.lastBefore(w.n)
	if s.unseenMove(pre, w) {
		return conformance.Sample{}, false
	}
	for _, x := range s.looks(w.end, s.disturbed(w.n, anyWrite)) {
		if x.Pstat.TM != pre.Pstat.TM || x.Pstat.CM != pre.Pstat.CM {
			return x, true
		}
	}
	return conformance.Sample{}, false
}
