package clause_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/ocfsim/ocfsim/conformance/clause"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

// TestTheMap holds the map to the catalogue: every requirement that it names is there and is
// judged on Devices, and every clause says what is shown or that nothing is.
func TestTheMap(t *testing.T) {
	ofDevices := map[string]bool{}
	for _, q := range judge.Requirements() {
		ofDevices[q.ID] = q.Actor == judge.Device
	}
	seen := map[clause.Ref]bool{}
	for _, d := range clause.Documents() {
		if d.ID == "" || d.Title == "" || len(d.Clauses) == 0 {
			t.Errorf("%+v: a document without a name, a title or clauses", d)
		}
		for _, c := range d.Clauses {
			ref := clause.Ref{Document: d.ID, Clause: c.ID}
			if seen[ref] {
				t.Errorf("%v stands twice", ref)
			}
			seen[ref] = true
			if c.ID == "" || c.Says == "" || c.Open == "" || (c.Shows == "") != (len(c.Requirements) == 0) {
				t.Errorf("%v: %+v: expected what it says, what stays open, and what is shown where a requirement bears on it", ref, c)
			}
			for i, id := range c.Requirements {
				if !ofDevices[id] || slices.Contains(c.Requirements[:i], id) {
					t.Errorf("%v names %s: no requirement on Devices, or named twice", ref, id)
				}
				if !slices.Contains(clause.Of(id), ref) {
					t.Errorf("Of(%s) lacks %v", id, ref)
				}
			}
		}
	}
	for n := range 16 {
		if ref := (clause.Ref{Document: "EN 303 645", Clause: fmt.Sprintf("5.3-%d", n+1)}); !seen[ref] {
			t.Errorf("%v is not in the map", ref)
		}
	}
	for _, id := range []string{"I.I(2)(c)", "I.II(2)", "I.II(7)", "I.II(8)"} {
		if ref := (clause.Ref{Document: "CRA", Clause: id}); !seen[ref] {
			t.Errorf("%v is not in the map", ref)
		}
	}
}

func TestOf(t *testing.T) {
	if got := fmt.Sprint(clause.Of("SSU-14")); got != "[TS 103 701 IXIT 7-UpdMech, Security Guarantees]" {
		t.Error(got)
	}
	if got := clause.Of("SVV-4"); got != nil {
		t.Errorf("SVV-4 bears on %v", got)
	}
}
