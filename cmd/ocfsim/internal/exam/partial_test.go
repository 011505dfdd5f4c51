//go:build !race

package exam_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/exam"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/target"
)

// some is a hook that knows some conditions alone.
type some struct {
	target.Conditions
	known []string
}

// Apply passes on what the hook knows.
func (s some) Apply(ctx context.Context, name string) (*conformance.SourceReport, error) {
	if !slices.Contains(s.known, name) {
		return nil, fmt.Errorf("%w: %s", target.ErrUnsupported, name)
	}
	return s.Conditions.Apply(ctx, name)
}

// TestWithSomeConditionsNothingElseTurnsRed tries compliant Devices on benches whose hook
// knows offers but no gate, or the gate but no offers, or neither failing updates nor
// reports.
func TestWithSomeConditionsNothingElseTurnsRed(t *testing.T) {
	three, err := exam.Candidates("success", "failure", "rewrite-restarts")
	if err != nil {
		t.Fatal(err)
	}
	for _, known := range [][]string{
		conformance.Offers(),
		{conformance.Hold, conformance.Release},
		{conformance.UpdateAvailable, conformance.NoUpdate, conformance.Reboot},
		{conformance.UpdateAvailable, conformance.Hold, conformance.Release, conformance.ReportSource},
	} {
		for _, o := range heldUnaided(t, func(c *target.Config) { c.Conditions = some{c.Conditions, known} }, three) {
			t.Logf("%v, %s: %d scenarios inconclusive", known, o.Name, len(o.Unsettled))
		}
	}
}
