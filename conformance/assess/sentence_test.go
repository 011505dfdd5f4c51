package assess

import (
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
	"github.com/ocfsim/ocfsim/ocf"
)

// TestSentences are those of the judges, in their order; they speak of who a
// Client is where a target without sessions can't be judged by them.
func TestSentences(t *testing.T) {
	able := conformance.Profile{
		Supports: conformance.Supports{Validation: true, Update: true, Autonomous: true, SoftwareUpdate: true},
		Update:   conformance.Update{Reboots: true, Version: "/oic/d#sv", DOS: []ocf.DOS{ocf.RFPRO, ocf.RFNOP}},
	}
	secured := able
	secured.Secured = true
	all, requirements := Sentences(), judge.Every()
	if len(all) != len(requirements) {
		t.Fatalf("%d sentences of %d requirements", len(all), len(requirements))
	}
	for i, q := range requirements {
		s := all[i]
		if s.ID != q.ID || s.Clause != q.Clause || s.Says != q.Says || s.PassIf != q.Verdicts.Pass {
			t.Errorf("%s: %+v", q.ID, s)
		}
		if who := q.Excluded(able) != "" && q.Excluded(secured) == ""; s.Identity != who {
			t.Errorf("%s: identity %v, want %v", q.ID, s.Identity, who)
		}
	}
}
