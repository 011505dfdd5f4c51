//go:build !race

package exam_test

import (
	"context"
	"flag"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

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

// hangUp are the deviants that give a question up without a result. Only a count that falls shows
// it, where the result would look the same.
var hangUp = []string{"check-replaces-own-update", "own-zero-hangs-up", "second-request-displaces", "second-zero-hangs-up", "update-drops-check", "zero-hangs-up"}

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
		if c.Kind != exam.Behaviour && i%n == 3%n || slices.Contains(hangUp, c.Name) || c.Kind == exam.Behaviour && *uncountedAll || slices.Contains([]string{"success", asBuilt}, c.Name) {
			some = append(some, c)
		}
	}
	var mu sync.Mutex
	passed := map[string]bool{} // what deviants that turned it red elsewhere passed here
	try := func(bench func(*target.Config)) []exam.Result {
		out, err := exam.Run(t.Context(), exam.Config{Candidates: some, Selection: suite.Selection{Scenarios: scenarios(t)}, Bench: bench, Look: func(c exam.Candidate, r suite.Result) {
			mu.Lock()
			defer mu.Unlock()
			for _, q := range r.Report.Requirements {
				passed[c.Name+" "+q.ID] = q.Verdict == conformance.Pass
			}
		}})
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
		want := reds(counted[i])
		if slices.Contains(hangUp, o.Name) { // and the suite does not pass what it can't see
			want = slices.DeleteFunc(want, func(red string) bool {
				id, _, _ := strings.Cut(red, " ")
				if id == "SSU-12" && passed[o.Name+" "+id] {
					t.Errorf("%s: SSU-12 passes", o.Name)
				}
				return id == "AUT-1" || id == "SSU-12"
			})
		}
		if diff := cmp.Diff(want, reds(o), cmpopts.EquateEmpty()); diff != "" {
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
