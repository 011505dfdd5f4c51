package judge

import (
	"slices"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/ocfsim/ocfsim/conformance"
)

// TestIndicesAreOfTheirKinds holds what is read of each script to the kinds of
// Observation that it may point at. Two of different kinds are never the same
// entry: .ci/tools/mutants relies on that for these fields (docs/adr/0061).
func TestIndicesAreOfTheirKinds(t *testing.T) {
	for _, file := range scriptFiles(t) {
		datadriven.RunTest(t, file, func(t *testing.T, d *datadriven.TestData) string {
			s := read(play(t, d.Input))
			points := func(field string, n int, kinds ...conformance.Kind) {
				if kind := s.tl.Observations[n].Kind; !slices.Contains(kinds, kind) {
					t.Errorf("%s: %s is %d, a %s", d.Pos, field, n, kind)
				}
			}
			for _, w := range slices.Concat(s.writes, s.turned) {
				points("write.n", w.n, conformance.Request, conformance.Session)
				if w.end != never {
					points("write.end", w.end, conformance.Response, conformance.Lost, conformance.Session)
				}
			}
			for _, x := range s.samples {
				points("Sample.N", x.N, conformance.Response, conformance.Notification)
			}
			for _, w := range s.plans.writes {
				points("planWrite.n", w.n, conformance.Request)
				if w.end != never {
					points("planWrite.end", w.end, conformance.Response)
				}
			}
			for _, l := range s.plans.looks {
				points("planLook.n", l.n, conformance.Response, conformance.Notification)
			}
			for _, r := range s.reports {
				points("sourceReport.n", r.n, conformance.Source)
			}
			for _, g := range s.granted {
				points("grant.n", g.n, conformance.Condition)
			}
			for _, g := range s.gates {
				points("gate.from", g.from, conformance.Condition)
				if g.upto != never {
					points("gate.upto", g.upto, conformance.Condition)
				}
				if g.opened != never {
					points("gate.opened", g.opened, conformance.Condition)
				}
			}
			for _, bit := range s.kinds() {
				for _, d := range append(s.disturbances(bit, anyWrite), s.ownDisturbances(bit)...) {
					if d.heldUpto != never {
						points("disturbance.heldUpto", d.heldUpto, conformance.Condition)
					}
				}
			}
			return d.Expected
		})
	}
}
