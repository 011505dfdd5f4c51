package conformance

import (
	"fmt"
	"slices"

	"github.com/ocfsim/ocfsim/ocf"
)

// rule is a Judge over a Timeline that is already sorted out. It concludes
// once for every occasion that it finds there.
type rule func(*story) []Finding

// judge makes r a Judge of whole Timelines.
func (r rule) judge(tl Timeline) Finding { return r.conclude(read(tl)) }

// conclude is what all occasions of one Timeline add up to: a breach before a
// witness, a witness before what stayed open.
func (r rule) conclude(s *story) Finding {
	best := Finding{Witness: -1}
	for _, f := range r(s) {
		if weight(f.Verdict) > weight(best.Verdict) || f.Verdict == best.Verdict && best.Silent && !f.Silent {
			best = f
		}
	}
	if best.Witness >= 0 {
		best.AtS = s.at(best.Witness).Seconds()
	}
	return best
}

// weight orders the findings of one Timeline. One witness suffices, so pass
// outweighs an occasion that stayed inconclusive; between Timelines and
// scenarios Worst decides.
func weight(v Verdict) int {
	return slices.Index([]Verdict{None, Inconclusive, NotApplicable, Pass, Warn, Fail, Error}, v)
}

// passed, broken and open make findings. n is the deciding Observation.
func passed(n int, want, got, reason string, args ...any) Finding {
	return Finding{Verdict: Pass, Witness: n, Want: want, Got: got, Reason: fmt.Sprintf(reason, args...)}
}

func broken(n int, want, got, reason string, args ...any) Finding {
	return Finding{Verdict: Fail, Witness: n, Want: want, Got: got, Reason: fmt.Sprintf(reason, args...)}
}

func open(n int, want, reason string, args ...any) Finding {
	return Finding{Verdict: Inconclusive, Witness: n, Want: want, Reason: fmt.Sprintf(reason, args...)}
}

// warned lowers a breach to a warning.
func warned(f Finding) Finding {
	if f.Verdict == Fail {
		f.Verdict = Warn
	}
	return f
}

// breach reports whether f says that something was broken, waived or not.
func (f Finding) breach() bool {
	return f.Verdict == Fail || f.Verdict == Warn || f.Verdict == Waived || f.Silent
}

// unlessOwn leaves f open where it is a breach that a process of the Device's
// own may explain.
func (s *story) unlessOwn(f Finding) Finding {
	if f.Verdict == Fail && s.spontaneous() {
		f.Verdict = Inconclusive
		f.Reason += "; a process of the Device's own may be why"
	}
	return f
}

// state is a pattern in the notation of samples, for Want.
func state(tm, cm string) string { return Row{TM: tm, CM: cm}.String() }

// process names what bit requests.
func process(bit ocf.DPM) string {
	if bit == ocf.SSU {
		return "update"
	}
	return "check"
}
