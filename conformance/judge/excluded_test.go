package judge

import (
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
)

// TestWhatIsNotApplicable: a target that does not claim what a requirement needs
// is not judged by it, or need not show it, and is told why; any other
// requirement applies.
func TestWhatIsNotApplicable(t *testing.T) {
	full := conformance.Profile{Secured: true, Supports: conformance.Supports{Validation: true, Update: true, Autonomous: true}}
	full.Update.Reboots = true
	for _, c := range []struct {
		name     string
		change   func(*conformance.Profile)
		lacks    Claims
		excludes bool   // else it leaves out what is not exercised
		why      string // every reason contains it
	}{
		{"everything", func(*conformance.Profile) {}, 0, false, ""},
		{"no security", func(p *conformance.Profile) { p.Secured = false }, Identity, true, "unsecured"},
		{"no validation", func(p *conformance.Profile) { p.Supports.Validation = false }, Validation, true, "supports.validation"},
		{"no update", func(p *conformance.Profile) { p.Supports.Update = false }, Update, true, "supports.update"},
		{"nothing autonomous", func(p *conformance.Profile) { p.Supports.Autonomous = false }, Autonomous, false, "supports.autonomous"},
		{"no restart", func(p *conformance.Profile) { p.Update.Reboots = false }, Reboots, false, "update.reboots"},
	} {
		p, met := full, 0
		c.change(&p)
		for _, q := range Requirements() {
			if q.Actor == Client {
				if !strings.Contains(q.Excluded(p), "a Client") {
					t.Errorf("%s: %s speaks of a Client and applies to a Device", c.name, q.ID)
				}
				continue
			}
			excluded, unexercised := "", ""
			if c.lacks != 0 && q.Needs.Target.Has(c.lacks) {
				met++
				if c.excludes {
					excluded = c.why
				} else {
					unexercised = c.why
				}
			}
			if got := q.Excluded(p); (got == "") != (excluded == "") || !strings.Contains(got, excluded) {
				t.Errorf("%s: %s is excluded as %q, want %q", c.name, q.ID, got, excluded)
			}
			if got := q.Unexercised(p); (got == "") != (unexercised == "") || !strings.Contains(got, unexercised) {
				t.Errorf("%s: %s is not exercised as %q, want %q", c.name, q.ID, got, unexercised)
			}
		}
		if c.lacks != 0 && met == 0 {
			t.Errorf("%s: no requirement needs it", c.name)
		}
	}
}

// What SVV and SSU name is a process: a requirement of one needs a target that
// claims it.
func TestAFamilyNeedsItsProcess(t *testing.T) {
	for _, q := range Requirements() {
		family, _, _ := strings.Cut(q.ID, "-")
		need := map[string]Claims{"SVV": Validation, "SSU": Update, "AUT": Autonomous}[family]
		if !q.Needs.Target.Has(need) {
			t.Errorf("%s does not need what its family is about", q.ID)
		}
	}
}
