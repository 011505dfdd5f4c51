package client

import (
	"slices"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/ocfsim/ocfsim/conformance"
)

// TestIndicesAreOfTheirKinds holds what is read of each script to the kinds of Observation
// that it may point at. Two of different kinds are never the same entry:
// .ci/tools/mutants relies on that for these fields (docs/adr/0061).
func TestIndicesAreOfTheirKinds(t *testing.T) {
	datadriven.Walk(t, "testdata/rules", func(t *testing.T, file string) {
		datadriven.RunTest(t, file, func(t *testing.T, d *datadriven.TestData) string {
			s := tell(play(t, d.Input, conformance.Profile{Client: true}))
			points := func(field string, n int, kinds ...conformance.Kind) {
				if n == never {
					return
				}
				if kind := s.all[n].Kind; !slices.Contains(kinds, kind) {
					t.Errorf("%s: %s is %d, a %s", d.Pos, field, n, kind)
				}
			}
			for _, r := range slices.Concat(s.requests, s.groups) {
				points("request.n", r.n, conformance.Request)
				points("request.heard", r.heard, conformance.Response, conformance.Message)
				points("request.answer", r.answer, conformance.Response)
				for _, m := range r.members {
					points("member.n", m.n, conformance.Response)
					points("member.taken", m.taken, conformance.Message)
				}
			}
			for _, n := range s.told {
				points("told.n", n.n, conformance.Notification)
				points("told.taken", n.taken, conformance.Message)
			}
			for _, st := range s.states {
				points("state.n", st.n, conformance.State)
			}
			for _, w := range s.watches {
				points("watch.from", w.from, conformance.Response)
				points("watch.over", w.over, conformance.Request, conformance.Response, conformance.Notification,
					conformance.Message, conformance.Condition, conformance.Session)
			}
			for _, p := range slices.Concat(s.checks, s.updates) {
				points("process.from", p.from, conformance.State)
				points("process.to", p.to, conformance.State)
			}
			return d.Expected
		})
	})
}
