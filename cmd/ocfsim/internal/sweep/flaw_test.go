//go:build !race

package sweep_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/sweep"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
)

// last is what was written last, and before is what was written before that.
func last(written []sim.Saved) sim.Saved   { return written[len(written)-1] }
func before(written []sim.Saved) sim.Saved { return written[max(0, len(written)-2)] }

// changed is a memory that gives back what was written last, but for a change.
func changed(change func(*sim.Saved)) sweep.Flaw {
	return func(written []sim.Saved) sim.Saved {
		s := last(written)
		change(&s)
		return s
	}
}

// TestWhatASweepFinds gives Devices memories that fail, each in one way. The sweep says
// what is wrong with each.
func TestWhatASweepFinds(t *testing.T) {
	s, specimens := newSweep(t), specimens(t)
	for _, test := range []struct {
		name, behaviour string
		flaw            sweep.Flaw
		want            string
	}{
		{
			"the last write was still in a cache", "success", before,
			"it comes back with tm=- cm=- dos=RFNOP, and had written tm=V cm=- dos=RFNOP",
		},
		{
			"tm is kept in RAM", "success", changed(func(s *sim.Saved) { s.TM, s.Running, s.Waiting, s.Announced = 0, 0, 0, false }),
			"it comes back with tm=- cm=- dos=RFNOP, and had written tm=U cm=- dos=RFNOP",
		},
		{
			"what runs is kept in RAM: tm stays as it is for ever", "success", changed(func(s *sim.Saved) { s.Running, s.Waiting, s.Announced = 0, 0, false }),
			"in the end it has tm=U cm=- dos=RFNOP",
		},
		{
			"that a result was shown is kept in RAM: the update is installed twice", "success", changed(func(s *sim.Saved) { s.Announced = false }),
			"version 1.0.2 is installed, where it is 1.0.1 without the cut",
		},
		{
			"the version is written before the rest", "success", func(written []sim.Saved) sim.Saved {
				s := before(written)
				s.Version = last(written).Version
				return s
			},
			"version 1.0.2 is installed, where it is 1.0.1 without the cut",
		},
		{
			"cm is kept in RAM", "success", changed(func(s *sim.Saved) { s.CM = 0 }),
			"SSU-13 fail: cm.U contradicts the software version after the restart",
		},
		{
			"an update comes back in SRESET", "dos-excursion", changed(func(s *sim.Saved) {
				if s.Running == ocf.SSU {
					s.DOS = ocf.SRESET
				}
			}),
			"it comes back with tm=U cm=- dos=SRESET, and had written tm=U cm=- dos=RFNOP",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r, err := s.Device(named(t, specimens, test.behaviour), test.flaw)
			finds(t, r, err, test.want)
		})
	}
}

// TestADeviceThatGivesUp ends each update that a power cut interrupts, which no built-in
// behaviour does. It comes home from an excursion all the same, unless it has forgotten
// that it is on one.
func TestADeviceThatGivesUp(t *testing.T) {
	specimen := named(t, specimens(t), "dos-excursion")
	specimen.Behaviour.Power.Update = "gives-up"
	r, err := newSweep(t).Device(specimen, nil)
	var all count
	all.add(t, r, err)
	all.report(t)
	r, err = newSweep(t).Device(specimen, changed(func(s *sim.Saved) { s.Flags &^= 0x20 }))
	finds(t, r, err, "in the end it is in RFPRO")
}

// TestTheSecondCut cuts the power again while the Device comes back from the first cut.
func TestTheSecondCut(t *testing.T) {
	s := newSweep(t)
	s.Again = true
	givesUp := named(t, specimens(t), "dos-excursion")
	givesUp.Behaviour.Power.Update, givesUp.Behaviour.Announce = "gives-up", 0 // all of that at the start
	var all count
	for _, specimen := range []lab.Specimen{givesUp, named(t, specimens(t), "reboot-success")} {
		r, err := s.Device(specimen, nil)
		all.add(t, r, err)
	}
	all.report(t)
}

// TestASweepIsRepeatable plays one sweep twice.
func TestASweepIsRepeatable(t *testing.T) {
	s := newSweep(t)
	specimen := named(t, specimens(t), "reboot-success")
	first, err := s.Device(specimen, before)
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.Device(specimen, before)
	if err != nil || !reflect.DeepEqual(first, again) {
		t.Errorf("first %v, then %v, %v", first, again, err)
	}
}

// TestDeviantsOfRestarts holds the sweep to deviations that show only after a restart.
func TestDeviantsOfRestarts(t *testing.T) {
	for name, want := range map[string]string{
		"check-lost-in-restart": "in the end it has tm=V cm=U dos=RFNOP",
		"restart-claims-update": "it comes back with tm=- cm=U dos=RFNOP, and had written tm=U cm=- dos=RFNOP",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := fixtures.Deviation(name)
			if err != nil {
				t.Fatal(err)
			}
			specimen, err := lab.Deviant(d)
			if err != nil {
				t.Fatal(err)
			}
			r, err := newSweep(t).Device(specimen, nil)
			finds(t, r, err, want)
		})
	}
}

// TestAForgottenOwner has a memory without the part that holds owner, credentials and
// access rules.
func TestAForgottenOwner(t *testing.T) {
	r, err := newSweep(t).Secured(success(t, target.RandomPIN), changed(func(s *sim.Saved) {
		var shipped sim.SavedSecurity
		if err := shipped.UnmarshalJSON([]byte(`{"shipped": true}`)); err != nil {
			t.Error(err)
		}
		s.Security = &shipped
	}))
	finds(t, r, err, "it comes back with owned=false, and had written owned=true")
}

// finds checks that the sweep has found what is wrong, and not by a cut at every write.
func finds(t *testing.T, r sweep.Result, err error, want string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, b := range r.Broken {
		found = append(found, b.String())
	}
	if len(found) == 0 || len(found) == r.Cuts || !strings.Contains(strings.Join(found, "\n"), want) {
		t.Errorf("%d of %d cuts find something, none of them %q:\n%s", len(found), r.Cuts, want, strings.Join(found, "\n"))
	}
}
