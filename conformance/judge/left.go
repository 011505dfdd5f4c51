package judge

import (
	"fmt"
	"slices"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// Left is what is wrong with pstat when a scenario begins because of an earlier one:
// each flaw, with the id of the scenario in which it arose. That scenario is judged for
// it, and a later one, which finds it, is not. What is wrong with a Device from the
// beginning is none of it: every scenario shows that anew.
type Left map[string]string

// Known is what is known of a run beside the Timeline of one scenario.
type Known struct {
	Lossy    bool // the network loses datagrams, in this Timeline or in another one
	Restless bool // the Device is seen to begin processes by itself, and nobody arranges when
	Left     Left
}

// leaves is what is left behind when the Timeline ends.
func (s *story) leaves() Left {
	tl, before := s.tl, s.left
	first, last := -1, -1
	for i := range tl.Observations {
		if tl.Observations[i].CarriesPstat() {
			if first < 0 {
				first = i
			}
			last = i
		}
	}
	if first < 0 {
		return before
	}
	found, left := s.flaws(first), Left{}
	for _, flaw := range s.flaws(last) {
		origin, inherited := before[flaw]
		switch {
		case inherited && s.gone[flaw] == never:
			left[flaw] = origin
		case flaw == stuckPending && len(s.pendingForEver()) == 0: // nobody has judged it yet
		case inherited || !slices.Contains(found, flaw):
			left[flaw] = tl.Header.Scenario
		}
	}
	return left
}

// stuckPending is a flaw only when it lasts.
const stuckPending = "dos.p is true"

// flaws is what is wrong with the representation of pstat that Observation i carries.
func (s *story) flaws(i int) []string {
	p, problems, ok := s.tl.Observations[i].Pstat()
	if !ok {
		return []string{noMap}
	}
	var all []string
	for _, problem := range problems {
		all = append(all, problem.String())
	}
	for bit := ocf.DPM(0x100); bit != 0; bit <<= 1 {
		if !s.edition.Undefined().Has(bit) {
			continue
		}
		if p.TM.Has(bit) {
			all = append(all, highBit("tm", bit))
		}
		if p.CM.Has(bit) {
			all = append(all, highBit("cm", bit))
		}
	}
	if p.Present.Has(ocf.PropDOS|ocf.PropISOP) && p.ISOP != (p.DOS == ocf.RFNOP) {
		all = append(all, contradiction(p))
	}
	if p.Pending {
		all = append(all, stuckPending)
	}
	return all
}

// noMap is the flaw of a representation that is none.
const noMap = "the representation of pstat is no CBOR map"

// highBit is the flaw of a mask that shows a bit which this edition does not define.
func highBit(mask string, bit ocf.DPM) string { return fmt.Sprintf("%s has %v", mask, bit) }

// contradiction is the flaw of an isop that does not agree with dos.
func contradiction(p ocf.Pstat) string {
	return fmt.Sprintf("isop is %v though dos is %v", p.ISOP, p.DOS)
}

// inherit notes for each flaw that was left behind when it is first seen to be gone.
func (s *story) inherit(left Left) {
	s.left, s.gone = left, map[string]int{}
	for flaw := range left {
		s.gone[flaw] = s.firstWithout(flaw)
	}
}

// firstWithout is the first Observation that carries pstat without the flaw, never for
// none.
func (s *story) firstWithout(flaw string) int {
	for i := range s.tl.Observations {
		if s.tl.Observations[i].CarriesPstat() && !slices.Contains(s.flaws(i), flaw) {
			return i
		}
	}
	return never
}

// inherited reports whether Observation i shows a flaw that an earlier scenario has
// left behind, and that was never seen to be gone in this one.
func (s *story) inherited(i int, flaw string) bool {
	_, ok := s.left[flaw]
	return ok && i < s.gone[flaw]
}

// leftBehind leaves a flaw open that an earlier scenario is judged for.
func (s *story) leftBehind(i int, want, flaw string) conformance.Finding {
	return open(i, want, "%s: scenario %s left it so, and is judged for it", flaw, s.left[flaw])
}

// ownBits are the bits of the high byte in a mask that Observation i shows and that no
// earlier scenario has left behind.
func (s *story) ownBits(i int, name string, mask ocf.DPM) ocf.DPM {
	for bit := ocf.DPM(0x100); bit != 0; bit <<= 1 {
		if mask.Has(bit) && s.inherited(i, highBit(name, bit)) {
			mask = mask.Without(bit)
		}
	}
	return mask
}
