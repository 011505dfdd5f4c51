//go:build !race

package exam_test

import (
	"context"
	"flag"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/exam"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/conformance/target"
)

var uncountedAll = flag.Bool("uncounted", false, "try all candidates with a hook that does not count what it withholds, not a sample of them")

// uncounted is a bench whose hook says what the source was asked, and not what it withholds.
func uncounted(c *target.Config) { c.Conditions = noCount{c.Conditions} }

type noCount struct{ target.Conditions }

func (n noCount) Apply(ctx context.Context, name string) (*conformance.SourceReport, error) {
	r, err := n.Conditions.Apply(ctx, name)
	if r != nil {
		r.Holding, r.Derived = 0, true
	}
	return r, err
}

// TestWhatIsWithheldNeedsNoCount tries Devices with such a hook. A compliant one turns nothing
// red, and a deviant is caught by the same as where the hook counts.
func TestWhatIsWithheldNeedsNoCount(t *testing.T) {
	n := 16
	if *uncountedAll {
		n = 1
	}
	all, err := exam.Candidates()
	if err != nil {
		t.Fatal(err)
	}
	var some []exam.Candidate
	for i, c := range all {
		if c.Kind != exam.Behaviour && i%n == 3%n || c.Kind == exam.Behaviour && *uncountedAll || slices.Contains([]string{"success", asBuilt}, c.Name) {
			some = append(some, c)
		}
	}
	try := func(bench func(*target.Config)) []exam.Result {
		out, err := exam.Run(t.Context(), exam.Config{Candidates: some, Selection: suite.Selection{Scenarios: scenarios(t)}, Bench: bench})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	counted, without := try(nil), try(uncounted)
	for i, o := range without {
		if o.Err != nil {
			t.Errorf("%s %s: %v", o.Kind, o.Name, o.Err)
		}
		if diff := cmp.Diff(reds(counted[i]), reds(o)); diff != "" {
			t.Errorf("%s %s: what turns red differs (-counted +without a count)\n%s", o.Kind, o.Name, diff)
		}
	}
}

// reds are the requirements that turned red.
func reds(o exam.Result) (ids []string) {
	for _, c := range o.Red {
		ids = append(ids, c.Requirement+" "+string(c.Verdict))
	}
	slices.Sort(ids)
	return ids
}
