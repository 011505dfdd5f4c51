package steps

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

// TestSecuredFeatures runs every scenario against a secured Device that does as
// the seed says: all are run, none fails, and what only a secured Device shows
// is judged.
func TestSecuredFeatures(t *testing.T) {
	scenarios := load(t).Scenarios
	synctest.Test(t, func(t *testing.T) {
		target := &ownedLamp{lockedLamp()}
		runs, err := Run(t.Context(), Config{Scenarios: scenarios, Target: target})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range runs {
			if r.Err != "" || r.NotTestable != "" {
				t.Errorf("%s: %s%s", r.ID, r.Err, r.NotTestable)
			}
			if r.Skipped != "" && !strings.Contains(r.Skipped, "restart") && !strings.Contains(r.Skipped, "leaves dos") {
				t.Errorf("%s was skipped: %s", r.ID, r.Skipped)
			}
			found := judge.Scenario(r.Timeline, judge.Known{}).Expectations
			for n, e := range r.Timeline.Expectations {
				if f := found[n]; f.Verdict != conformance.Pass {
					t.Errorf("%s: %s: %q: want %s, got %s: %s", r.ID, e.Text, f.Verdict, f.Want, f.Got, f.Reason)
				}
			}
		}
		if target.renewed != 4 {
			t.Errorf("owned again %d times, want once for each reset", target.renewed)
		}
		report := assess.Run{Target: target.profile, Scenarios: runs}.Assess()
		for _, q := range report.Requirements {
			if q.Verdict == conformance.Fail || q.Verdict == conformance.Error || q.Verdict == conformance.Inconclusive {
				t.Errorf("%s %s: %s %+v", q.ID, q.Verdict, q.Reason, q.Findings)
			}
		}
	})
}

// judged is what the scenarios of tags say of requirement id on target.
func judged(t *testing.T, target Target, tags string, ids ...string) map[string]assess.RequirementResult {
	t.Helper()
	scenarios, err := load(t).Select(tags, "")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]assess.RequirementResult{}
	synctest.Test(t, func(t *testing.T) {
		runs, err := Run(t.Context(), Config{Scenarios: scenarios, Target: target})
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range (assess.Run{Target: target.Profile(), Scenarios: runs, Partial: true}).Assess().Requirements {
			if slices.Contains(ids, q.ID) {
				found[q.ID] = q
			}
		}
	})
	return found
}

// TestAccessIsJudged wants the requirements of access to be met by a Device
// that keeps them, and broken by one that is open to one Client too many.
func TestAccessIsJudged(t *testing.T) {
	ids := []string{"SVV-3", "SSU-3", "OBS-5", "SSU-14", "SVV-1", "DPM-12"}
	for id, q := range judged(t, &ownedLamp{lockedLamp()}, "", ids...) {
		if q.Verdict != conformance.Pass {
			t.Errorf("%s of a Device that does as it should: %s: %s", id, q.Verdict, q.Reason)
		}
	}
	for _, name := range conformance.UnprivilegedClients() {
		l := lockedLamp()
		l.profile.Supports.Autonomous = false // else what the Device may have begun by itself has to come back in more attempts than one
		l.open = map[string]bool{name: true}
		found := judged(t, l, "@S14", ids[:3]...)
		blind := !conformance.MayRead(name)
		session := name != conformance.WrongKey && name != conformance.DeletedCredential
		for id, want := range map[string]bool{"SVV-3": session, "SSU-3": session, "OBS-5": session && blind} {
			if got := found[id].Verdict == conformance.Fail; got != want {
				t.Errorf("open to the %s Client: %s is %s", name, id, found[id].Verdict)
			}
		}
	}
}

// TestMoveByAnyoneIsSeen wants each scenario in which one Client too many moves
// the Device to fail, and those of the other Clients to pass.
func TestMoveByAnyoneIsSeen(t *testing.T) {
	var scenarios []Scenario
	for _, s := range load(t).Scenarios {
		if strings.HasPrefix(s.ID, "access.a-client-without-the-privilege-does-not-move-the-device.") {
			scenarios = append(scenarios, s)
		}
	}
	failed := map[string]int{}
	synctest.Test(t, func(t *testing.T) {
		l := lockedLamp()
		l.open = map[string]bool{conformance.Anonymous: true}
		runs, err := Run(t.Context(), Config{Scenarios: scenarios, Target: &ownedLamp{l}})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range runs {
			anonymous := strings.Contains(r.ID, "anonymous")
			found := judge.Scenario(r.Timeline, judge.Known{}).Expectations
			for n, e := range r.Timeline.Expectations {
				want := conformance.Pass
				if anonymous {
					want = conformance.Fail
				}
				if f := found[n]; f.Verdict != want {
					t.Errorf("%s: %s: %s %s", r.ID, e.Text, f.Verdict, f.Reason)
				}
				failed[string(want)]++
			}
		}
	})
	if len(failed) != 2 {
		t.Errorf("expectations %v, want some that pass and some that fail", failed)
	}
}

// TestUpdateThatLosesCredentials wants a Client that is turned away after an
// update to be told of by SSU-14, be it the owner.
func TestUpdateThatLosesCredentials(t *testing.T) {
	for _, name := range []string{second, privileged} {
		l := &forgetful{lockedLamp(), name}
		q := judged(t, l, "@SSU-14", "SSU-14")["SSU-14"]
		if q.Verdict != conformance.Warn {
			t.Errorf("the %s Client is turned away after the update: SSU-14 is %s: %s", name, q.Verdict, q.Reason)
		}
	}
}

// forgetful is a lamp that restarts in its first update and does not know the
// credential of one Client any more.
type forgetful struct {
	*lamp
	name string
}

func (f *forgetful) Condition(ctx context.Context, name string) (*conformance.SourceReport, error) {
	report, err := f.lamp.Condition(ctx, name)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.version > 0 && f.strange == nil {
		f.strange = map[string]bool{f.name: true}
		f.boots++
	}
	return report, err
}

// TestRefusedSessions wants a Client that is needed and gets no session to make
// its scenarios not testable, and a Device that can't be reached to be an error.
func TestRefusedSessions(t *testing.T) {
	tests := []struct {
		name, id         string
		target           Target
		err, notTestable string
	}{
		{
			name: "the second Client", id: "validation." + "a-check-that-finds-an-update-says-so-and-ends",
			target: lockedWith(func(l *lamp) { l.strange = map[string]bool{second: true} }),
		},
		{
			name: "the second Client, who is needed", id: "observe.two-clients-are-told-of-the-same-check",
			target:      lockedWith(func(l *lamp) { l.strange = map[string]bool{second: true} }),
			notTestable: "the Device refuses the second Client a session",
		},
		{
			name: "the owner", id: plainCheck, target: lockedWith(func(l *lamp) { l.strange = map[string]bool{privileged: true} }),
			notTestable: "the Device refuses the privileged Client a session",
		},
		{
			name: "a reset that can't be undone", id: "onboarding.a-device-that-its-owner-resets-is-ready-to-be-owned-again",
			target: lockedLamp(), notTestable: "could not be owned again",
		},
		{name: "a Device that can't be reached", id: plainCheck, target: unreachable{lockedLamp()}, err: "no route to host"},
		{name: "one that is switched off", id: plainCheck, target: lockedWith(func(l *lamp) { l.off = true }), err: "the Device at coap://lamp does not answer"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			scenarios := first(t, tt.id)
			synctest.Test(t, func(t *testing.T) {
				runs, _ := Run(t.Context(), Config{Scenarios: scenarios, Target: tt.target})
				r := runs[0]
				if (r.Err != "") != (tt.err != "") || !strings.Contains(r.Err, tt.err) {
					t.Errorf("error %q, want %q", r.Err, tt.err)
				}
				if (r.NotTestable != "") != (tt.notTestable != "") || !strings.Contains(r.NotTestable, tt.notTestable) {
					t.Errorf("not testable %q, want %q", r.NotTestable, tt.notTestable)
				}
			})
		})
	}
}

func lockedWith(change func(*lamp)) *lamp {
	l := lockedLamp()
	change(l)
	return l
}

// unreachable opens no Client, and nobody refused it.
type unreachable struct{ *lamp }

func (unreachable) Client(context.Context, string, *conformance.Recorder) (Client, error) {
	return nil, errors.New("no route to host")
}

// TestSessionsAreOpenedAnew wants a scenario to go on in new sessions when the
// Device has been restarted, and every observer to observe again.
func TestSessionsAreOpenedAnew(t *testing.T) {
	scenarios, err := load(t).Select("@S21", "")
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		target := &ownedLamp{lockedLamp()}
		runs, _ := Run(t.Context(), Config{Scenarios: scenarios, Target: target})
		anew := 0
		for _, r := range runs {
			if r.Err != "" || r.NotTestable != "" {
				t.Errorf("%s: %s%s", r.ID, r.Err, r.NotTestable)
			}
			opened, registered := 0, 0
			for _, o := range r.Timeline.Observations {
				if o.Kind == conformance.Session && o.Outcome == conformance.Opened && o.Client == privileged {
					opened++
				}
				if o.Kind == conformance.Request && o.Client == privileged && o.Frame.Observe != nil && *o.Frame.Observe == 0 && opened > 1 {
					registered++
				}
			}
			if opened > 1 && registered > 0 {
				anew++
			}
		}
		if anew == 0 {
			t.Errorf("no scenario of %d went on in a new session", len(runs))
		}
	})
}

// withoutExpired is a Device that takes no access rule with a validity.
type withoutExpired struct{ *ownedLamp }

func (d withoutExpired) Client(ctx context.Context, name string, rec *conformance.Recorder) (Client, error) {
	if name == conformance.Expired {
		return nil, errors.Join(ErrUnsupported, errors.New("the Device answers 4.00 to its ACE"))
	}
	return d.ownedLamp.Client(ctx, name, rec)
}

// TestClientThatCannotBe holds a Client that the Device can't be made to know to
// be not testable: it is neither refused nor an error.
func TestClientThatCannotBe(t *testing.T) {
	found := judged(t, withoutExpired{&ownedLamp{lockedLamp()}}, "@SVV-3", "SVV-3")
	q := found["SVV-3"]
	if q.Verdict != conformance.Inconclusive {
		t.Errorf("SVV-3 %s %s, want inconclusive: one of its Clients was not there", q.Verdict, q.Reason)
	}
	for _, f := range q.Findings {
		switch expired := strings.Contains(f.Scenario, "expired"); {
		case expired && f.Verdict != conformance.Inconclusive, !expired && f.Verdict != conformance.Pass && f.Verdict != conformance.NotApplicable:
			t.Errorf("%s: %s: %s", f.Scenario, f.Verdict, f.Reason)
		}
	}
}

// refusing is a target that does not offer what one of the Clients needs.
type refusing struct {
	Target
	name string
}

func (r refusing) Client(ctx context.Context, name string, rec *conformance.Recorder) (Client, error) {
	if name == r.name {
		return nil, fmt.Errorf("client %s: %w", name, ErrOptional)
	}
	return r.Target.Client(ctx, name, rec)
}

// TestOptional wants a scenario not to apply to a Device that does not offer what its
// Client needs, where that is optional.
func TestOptional(t *testing.T) {
	const id = "access.a-client-without-the-privilege-starts-no-check.expired"
	scenarios := first(t, id)
	synctest.Test(t, func(t *testing.T) {
		runs, err := Run(t.Context(), Config{Scenarios: scenarios, Target: refusing{lockedWith(func(*lamp) {}), conformance.Expired}})
		if err != nil || runs[0].Skipped == "" || runs[0].NotTestable != "" || runs[0].Err != "" {
			t.Errorf("%+v, %v", runs[0], err)
		}
	})
}
