package judge

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
)

// rule judges a Timeline that is already sorted out. It concludes once for every
// occasion that it finds there.
type rule func(*story) []conformance.Finding

// conclude is what all occasions of one Timeline add up to: a breach before a
// witness, a witness before what stayed open, and of that first what may be a breach.
func (r rule) conclude(s *story) conformance.Finding {
	best := conformance.Finding{Witness: -1}
	for _, f := range r(s) {
		if decides(f, best) {
			best = f
		}
	}
	if best.Witness >= 0 {
		best.AtS = s.at(best.Witness).Seconds()
	}
	return shortened(best)
}

// decides reports whether f says more than best. Of two breaches that is the one that fewer
// accidents would explain, of two that stayed open the one that may be a breach.
func decides(f, best conformance.Finding) bool {
	switch {
	case f.Verdict != best.Verdict:
		return weight(f.Verdict) > weight(best.Verdict)
	case f.Verdict == conformance.Inconclusive && f.Alone != best.Alone:
		return f.Alone
	case f.Silent && best.Silent:
		return best.Alone && !f.Alone
	}
	return best.Silent && !f.Silent
}

// longest is how many bytes a text of a finding has at most. A Device may call its
// version whatever it likes, at any length; the record has all of it.
const longest = 2000

// shortened is f with none of its texts longer than that.
func shortened(f conformance.Finding) conformance.Finding {
	for _, text := range []*string{&f.Want, &f.Got, &f.Reason} {
		if n := len(*text); n > longest {
			*text = strings.ToValidUTF8((*text)[:longest], "") + fmt.Sprintf("… (%d bytes)", n)
		}
	}
	return f
}

// weight orders the findings of one Timeline. One witness suffices, so pass
// outweighs an occasion that stayed inconclusive; between Timelines and
// scenarios Worst decides.
func weight(v conformance.Verdict) int {
	return slices.Index([]conformance.Verdict{conformance.None, conformance.Inconclusive, conformance.NotApplicable, conformance.Pass, conformance.Warn, conformance.Fail, conformance.Error}, v)
}

// passed, broken and open make findings. n is the deciding Observation.
func passed(n int, want, got, reason string, args ...any) conformance.Finding {
	return conformance.Finding{Verdict: conformance.Pass, Witness: n, Want: want, Got: got, Reason: fmt.Sprintf(reason, args...)}
}

func broken(n int, want, got, reason string, args ...any) conformance.Finding {
	return conformance.Finding{Verdict: conformance.Fail, Witness: n, Want: want, Got: got, Reason: fmt.Sprintf(reason, args...)}
}

func open(n int, want, reason string, args ...any) conformance.Finding {
	return conformance.Finding{Verdict: conformance.Inconclusive, Witness: n, Want: want, Reason: fmt.Sprintf(reason, args...)}
}

// answering says of f, which is about what Observation i shows, that it is about the
// request that was answered so. A notification answers none.
func (s *story) answering(i int, f conformance.Finding) conformance.Finding {
	if o := &s.tl.Observations[i]; o.Kind == conformance.Response && o.For != nil {
		return f.About(*o.For)
	}
	return f
}

// answers reports whether o answers a request that is known, for the resource at path.
func answers(o *conformance.Observation, path string) bool {
	return o.Kind == conformance.Response && o.For != nil && o.Frame != nil && o.Frame.Path == path
}

// warned lowers a breach to a warning.
func warned(f conformance.Finding) conformance.Finding {
	if f.Verdict == conformance.Fail {
		f.Verdict = conformance.Warn
	}
	return f
}

// unlessOwn leaves f open where it is a breach that a process of the Device's
// own may explain.
func (s *story) unlessOwn(f conformance.Finding) conformance.Finding {
	if f.Verdict == conformance.Fail && s.spontaneous() {
		f.Verdict = conformance.Inconclusive
		f.Reason += "; a process of the Device's own may be why"
	}
	return f
}

// unseen marks a breach that rests on what was not seen.
func unseen(f conformance.Finding) conformance.Finding {
	f.Silent = f.Verdict == conformance.Fail
	return f
}
