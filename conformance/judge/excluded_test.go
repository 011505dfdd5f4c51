package judge

import (
	"slices"
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
)

// TestWhatIsNotApplicable: which requirements a target's declarations take out,
// whatever is observed, and which need not be shown.
func TestWhatIsNotApplicable(t *testing.T) {
	full := conformance.Profile{Secured: true, Supports: conformance.Supports{Validation: true, Update: true, Autonomous: true}}
	full.Update.Reboots = true
	checks := all("SVV-", "DPM-8", "SSU-12", "USE-2")
	updates := all("SSU-", "DPM-9", "DOS-1", "DOS-3", "USE-2")
	for _, c := range []struct {
		name                  string
		change                func(*conformance.Profile)
		excluded, unexercised string
		why                   string // every reason contains it
	}{
		{"everything", func(*conformance.Profile) {}, "", "", ""},
		{"no security", func(p *conformance.Profile) { p.Secured = false }, "OBS-5 SSU-3 SVV-3", "", "unsecured"},
		{"no validation", func(p *conformance.Profile) { p.Supports.Validation = false }, checks, "", "supports.validation"},
		{"no update", func(p *conformance.Profile) { p.Supports.Update = false }, updates, "", "supports.update"},
		{"nothing autonomous", func(p *conformance.Profile) { p.Supports.Autonomous = false }, "", "AUT-1 AUT-2 AUT-3", "supports.autonomous"},
		{"no restart", func(p *conformance.Profile) { p.Update.Reboots = false }, "", "SSU-13", "update.reboots"},
	} {
		p := full
		c.change(&p)
		var excluded, unexercised []string
		for _, q := range Requirements() {
			if q.Actor == "client" {
				if !strings.Contains(q.Excluded(p), "a Client") {
					t.Errorf("%s: %s speaks of a Client and applies to a Device", c.name, q.ID)
				}
				continue
			}
			if why := q.Excluded(p); why != "" {
				excluded = append(excluded, q.ID)
				if !strings.Contains(why, c.why) {
					t.Errorf("%s: %s is excluded as %s", c.name, q.ID, why)
				}
			}
			if why := q.Unexercised(p); why != "" {
				unexercised = append(unexercised, q.ID)
				if !strings.Contains(why, c.why) {
					t.Errorf("%s: %s is not exercised as %s", c.name, q.ID, why)
				}
			}
		}
		slices.Sort(excluded)
		slices.Sort(unexercised)
		if got := strings.Join(excluded, " "); got != c.excluded {
			t.Errorf("%s excludes\n%s, want\n%s", c.name, got, c.excluded)
		}
		if got := strings.Join(unexercised, " "); got != c.unexercised {
			t.Errorf("%s leaves out %s, want %s", c.name, got, c.unexercised)
		}
	}
}

// all are the ids with the prefix, and the others, sorted.
func all(prefix string, others ...string) string {
	for _, q := range Requirements() {
		if strings.HasPrefix(q.ID, prefix) {
			others = append(others, q.ID)
		}
	}
	slices.Sort(others)
	return strings.Join(others, " ")
}
