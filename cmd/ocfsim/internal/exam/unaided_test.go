//go:build !race

package exam_test

import (
	"context"
	"flag"
	"slices"
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/exam"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/conformance/target"
)

var unaidedAll = flag.Bool("unaided", false, "try all candidates without conditions, not a sample of them")

// unaided declares no conditions and little else, as on a vendor's first run: nobody
// arranges what is on offer, holds the source or restarts the Device, and nobody has
// said that it checks by itself.
func unaided(c *target.Config) {
	unarranged(c)
	c.Profile.Supports.Autonomous = false
}

// unarranged declares no conditions.
func unarranged(c *target.Config) { c.Conditions = nil }

// besides is what a deviant breaks as well where nobody arranges anything: an update that is
// done without its source is asked for together with a check, and one whose result is taken
// back ends without it if nobody looked before.
var besides = map[string][]string{"unreachable-done": {"USE-2"}, "update-fades": {"SSU-6"}}

// heldUnaided is the exam of some candidates on a bench.
func heldUnaided(t *testing.T, bench func(*target.Config), some []exam.Candidate) []exam.Result {
	t.Helper()
	out, err := exam.Run(context.Background(), exam.Config{Candidates: some, Selection: suite.Selection{Scenarios: scenarios(t)}, Bench: bench})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range out {
		stays := o.Kind == exam.Deviant && o.Err != nil && strings.Contains(o.Err.Error(), "the Device stays away")
		if o.Err != nil && !stays {
			t.Errorf("%s %s: %v", o.Kind, o.Name, o.Err)
		}
		for _, c := range o.Red {
			if slices.Contains(o.Undeclared, c.Requirement) && !slices.Contains(besides[o.Name], c.Requirement) {
				t.Errorf("%s %s: %s turned red and is not declared: %s, in %s: %s", o.Kind, o.Name, c.Requirement, c.Verdict, c.Finding.Scenario, c.Finding.Reason)
			}
		}
	}
	return out
}

// sample are every n-th of the deviants, and of the compliant Devices every n-th variant
// and every behaviour.
func sample(t *testing.T, n int) (deviant, compliant []exam.Candidate) {
	t.Helper()
	all, err := exam.Candidates()
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range all {
		switch {
		case c.Kind != exam.Behaviour && i%n != 0 && !*unaidedAll:
		case c.Kind == exam.Deviant:
			deviant = append(deviant, c)
		default:
			compliant = append(compliant, c)
		}
	}
	return deviant, compliant
}

// TestWithoutConditionsNoOtherVerdictTurnsRed tries Devices with no conditions at all.
// A compliant one turns nothing red, and what a deviant turns red is among what it
// declares. Whatever stays inconclusive for want of a condition says how to have it.
func TestWithoutConditionsNoOtherVerdictTurnsRed(t *testing.T) {
	caught, deviants, remedies := 0, 0, 0
	deviant, compliant := sample(t, 16*(spared+1))
	for _, o := range append(heldUnaided(t, unarranged, deviant), heldUnaided(t, unaided, compliant)...) {
		if o.Kind == exam.Deviant {
			deviants++
			if len(o.Red) > 0 {
				caught++
			}
		}
		for _, s := range o.Unsettled {
			if strings.Contains(s.Reason, "; to test it: `") {
				remedies++
			} else if strings.Contains(s.Reason, "can't be had") {
				t.Errorf("%s %s: %s does not say how it can be tested: %s", o.Kind, o.Name, s.ID, s.Reason)
			}
		}
		t.Logf("%s %s: %d scenarios inconclusive, red: %d requirements", o.Kind, o.Name, len(o.Unsettled), len(o.Red))
	}
	t.Logf("%d of %d deviants caught", caught, deviants)
	if caught == 0 || remedies == 0 {
		t.Errorf("caught %d of %d deviants, %d scenarios say what they lack", caught, deviants, remedies)
	}
}

// TestAFirstRunIsWorthSomething checks how much of the suite is concluded of a Device
// of which nothing but its address and its security is known.
func TestAFirstRunIsWorthSomething(t *testing.T) {
	four, err := exam.Candidates("success", "no-update", "failure", "autonomous")
	if err != nil {
		t.Fatal(err)
	}
	for i := range four {
		four[i].Secured = true
		if four[i].Name == "autonomous" { // sped up, it would be at work most of the time
			four[i].Specimen.Speed = 1
		}
	}
	for _, o := range heldUnaided(t, unaided, four) {
		limit := len(scenarios(t)) * 3 / 14
		if got := len(o.Unsettled); got > limit {
			t.Errorf("%s: %d of %d scenarios stay inconclusive, want at most three in fourteen, %d", o.Name, got, len(scenarios(t)), limit)
			for _, s := range o.Unsettled {
				t.Logf("%s: %s", s.ID, s.Reason)
			}
		}
	}
}

// TestWhatIsAlwaysOnOfferIsJudged tries Devices on benches that can't choose what is
// on offer, and say what it is: that decides more than a bench which says nothing.
func TestWhatIsAlwaysOnOfferIsJudged(t *testing.T) {
	for behaviour, always := range map[string]string{
		"success": conformance.UpdateAvailable, "no-update": conformance.NoUpdate, "failure": conformance.UpdateFails,
	} {
		one, err := exam.Candidates(behaviour)
		if err != nil {
			t.Fatal(err)
		}
		says := func(c *target.Config) {
			unaided(c)
			c.Profile.Always = []string{always}
		}
		silent, told := heldUnaided(t, unaided, one)[0], heldUnaided(t, says, one)[0]
		if len(told.Unsettled) >= len(silent.Unsettled) {
			t.Errorf("always %s: %d scenarios stay inconclusive, and %d without it", always, len(told.Unsettled), len(silent.Unsettled))
		}
		for _, s := range told.Unsettled {
			if strings.Contains(s.Reason, "`always:") {
				t.Errorf("always %s: %s asks for another: %s", always, s.ID, s.Reason)
			}
		}
		t.Logf("always %s: %d scenarios inconclusive instead of %d", always, len(told.Unsettled), len(silent.Unsettled))
	}
}
