package campaign_test

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/campaign"
	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/clients"
	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

// TestEveryCompliantDevice takes one of each compliant Device through an update, on a good
// network and on a bad one. What is said of it has to be what became of it, and the
// controller must not be blamed by any rule of Clients.
func TestEveryCompliantDevice(t *testing.T) {
	all, err := compliant()
	if err != nil {
		t.Fatal(err)
	}
	all = lab.Unsecured(slices.Clone(all))
	for name, bad := range map[string]memnet.Impairment{"good network": {Delay: 5 * time.Millisecond}, "bad network": bad()} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			recording := clients.New(clients.Config{Dir: dir, Tool: "test", Edition: suite.Edition})
			at(t, all, bad, recording, func(s *stand) {
				f := s.lab.Fleet()
				before := make([]string, f.Len())
				for i := range before {
					before[i] = f.Version(i)
				}
				results, _ := s.drive(s.t.Context(), "do: update\nlimits: {at-once: 1000}\nrequests: {sources: 3}\n")
				for i, r := range results {
					want := s.versions[i] != before[i]
					if all[i].Name == "version-in-platform" || all[i].Name == "version-undeclared" { // their sv proves nothing
						want = false
						if r.Verdict != campaign.Unproven {
							s.t.Errorf("%s: %s %s", all[i].Name, r.Verdict, r.Reason)
						}
					}
					if (r.Verdict == campaign.Updated) != want {
						s.t.Errorf("%-22s %s -> %s: %s %s (%s -> %s)", all[i].Name, before[i], s.versions[i], r.Verdict, r.Reason, r.From, r.To)
					}
				}
			})
		})
	}
}

// unblamed judges the Clients that were recorded.
func unblamed(t *testing.T, recording *clients.Recording) {
	t.Helper()
	judged, err := recording.Conclude("test", "")
	if err != nil || len(judged) == 0 || recording.Passed() > 0 {
		t.Fatalf("%d Clients were judged, %d conversations were not recorded: %v", len(judged), recording.Passed(), err)
	}
	for _, r := range judged {
		for _, q := range r.Requirements(conformance.Warn, conformance.Fail, conformance.Error) {
			for _, f := range q.Findings {
				if f.Verdict == conformance.Warn || f.Verdict == conformance.Fail {
					t.Errorf("%s: %s in %s: %s", q.ID, f.Verdict, filepath.Base(f.Scenario), f.Reason)
				}
			}
		}
	}
}

// counts is how many Devices have each verdict.
func counts(results []campaign.Result) string {
	n := map[campaign.Verdict]int{}
	for _, r := range results {
		n[r.Verdict]++
	}
	return campaign.Counted(n)
}

// bad is a network that loses, doubles and reorders.
func bad() memnet.Impairment {
	return memnet.Impairment{Delay: 20 * time.Millisecond, Jitter: 30 * time.Millisecond, Loss: 0.15, Duplicate: 0.1, Reorder: 0.1}
}

// TestNoDeviantIsTakenForUpdated takes one of each deviant Device through an update, on a bad
// network. Of none whose software stays what it was is it said that it was updated; and none
// keeps the campaign from ending.
func TestNoDeviantIsTakenForUpdated(t *testing.T) {
	var all []lab.Specimen
	for _, d := range fixtures.Deviations() {
		s, err := lab.Deviant(d)
		if err != nil {
			t.Fatal(err)
		}
		s.Speed = 1
		all = append(all, s)
	}
	all = lab.Unsecured(all)
	at(t, all, bad(), nil, func(s *stand) {
		f := s.lab.Fleet()
		before := make([]string, f.Len())
		for i := range before {
			before[i] = f.Version(i)
		}
		results, outcome := s.drive(s.t.Context(), "do: update\nlimits: {at-once: 1000}\n")
		for i, r := range results {
			if r.Verdict == campaign.Updated && s.versions[i] == before[i] {
				s.t.Errorf("%s: %s, and its software is %s as before (shown: %s -> %s)", all[i].Name, r.Verdict, before[i], r.From, r.To)
			}
		}
		if outcome.Took > 15*time.Minute {
			s.t.Errorf("the campaign took %v, and an update may take 5 minutes", outcome.Took)
		}
	})
}

// TestVersionElsewhere takes Devices through an update whose sv does not tell of it.
func TestVersionElsewhere(t *testing.T) {
	all := named(t, "version-in-platform", "version-undeclared")
	specimens := map[string][]lab.Specimen{all[0].Name: all[:1], all[1].Name: all[1:]}
	for name, key := range map[string]string{"version-in-platform": "/oic/p#mnfv", "version-undeclared": "undeclared"} {
		t.Run(name, func(t *testing.T) {
			at(t, specimens[name], memnet.Impairment{}, nil, func(s *stand) {
				results, _ := s.drive(s.t.Context(), "do: update\nversion: "+key+"\n")
				if r := results[0]; r.Verdict != campaign.Updated {
					s.t.Errorf("%s: %s", r.Verdict, r.Reason)
				}
			})
		})
	}
}

// TestWhatIsSelected checks that the campaign leaves Devices alone that it is not meant for,
// and that a check installs nothing.
func TestWhatIsSelected(t *testing.T) {
	specimens := named(t, "success", "no-update", "success")
	for plan, want := range map[string]string{
		"do: check\n": "1 no-update, 2 available",
		"do: update\nonly: {name: '*no-update'}\n":   "1 no-update, 2 not-selected",
		"do: update\nonly: {version: '2.*'}\n":       "3 not-selected",
		"do: update\nwatch: {by: poll, every: 6s}\n": "2 updated, 1 no-update",
	} {
		recording := clients.New(clients.Config{Dir: t.TempDir(), Tool: "test", Edition: suite.Edition})
		at(t, specimens, memnet.Impairment{}, recording, func(s *stand) {
			results, _ := s.drive(s.t.Context(), plan)
			if got := counts(results); got != want {
				s.t.Errorf("%s\ngot %s, want %s", plan, got, want)
			}
			if old := s.lab.Fleet().Version(0) == "1.0.0"; old == strings.Contains(want, "updated") {
				s.t.Errorf("%s\nthe software is %s", plan, s.lab.Fleet().Version(0))
			}
		})
	}
}

// TestSilentDevices: a Device that is off is lost after as many requests as the campaign has for
// what nobody answers, and nothing else is said of it; one that falls silent in its update is lost,
// and not a straggler.
func TestSilentDevices(t *testing.T) {
	at(t, named(t, "success", "success", "success"), memnet.Impairment{}, nil, func(s *stand) {
		s.lab.Fleet().SwitchOff(0)
		go func() {
			time.Sleep(5 * time.Second)
			s.lab.Fleet().SwitchOff(1)
		}()
		results, outcome := s.drive(s.t.Context(), "do: update\nlimits: {tries: 2}\ntiming: {update: 2m}\n")
		if got := counts(results); got != "1 updated, 2 lost" {
			s.t.Errorf("%s: %+v", got, results)
		}
		if last := lastEnd(results); outcome.Took.Seconds() > last+0.01 {
			s.t.Errorf("the last Device was given up after %.3f s, and the campaign ended after %v", last, outcome.Took)
		}
		if r := results[0]; r.Requests != 2 || r.Copies != 8 || r.Reason != "the Device does not answer" {
			s.t.Errorf("a Device that is off was sent %d requests and %d copies: %s", r.Requests, r.Copies, r.Reason)
		}
	})
}

// TestASilenceIsNoLoss: a Device that does not answer the first request, and all copies of it, is
// asked again, and updated.
func TestASilenceIsNoLoss(t *testing.T) {
	at(t, named(t, "success"), memnet.Impairment{}, nil, func(s *stand) {
		s.lab.Fleet().SwitchOff(0)
		go func() {
			time.Sleep(100 * time.Second) // the last copy of the first request is given up after 93 s at the most
			s.lab.Fleet().SwitchOn(0)
		}()
		results, _ := s.drive(s.t.Context(), "do: update\n")
		if got := counts(results); got != "1 updated" || results[0].Copies < 5 {
			s.t.Errorf("%s: %+v", got, results)
		}
	})
}

// TestAFleetThatIsOff: that none of several Devices answers is said after seconds, how many do not
// answer is said all the while, and after one request to each the campaign ends. Where one answers,
// and where the campaign file says how often, the others are asked as often as that.
func TestAFleetThatIsOff(t *testing.T) {
	for _, test := range []struct {
		on, requests int
		plan         string
	}{{0, 1, "do: update\n"}, {1, 3, "do: update\n"}, {0, 2, "do: update\nlimits: {tries: 2}\n"}} {
		at(t, named(t, "success", "success", "success", "success"), memnet.Impairment{}, nil, func(s *stand) {
			for i := range 4 - test.on {
				s.lab.Fleet().SwitchOff(i)
			}
			var told []campaign.Progress
			s.progress = func(p campaign.Progress) { told = append(told, p) }
			results, outcome := s.drive(s.t.Context(), test.plan)
			if r := results[0]; r.Verdict != campaign.Lost || r.Requests != test.requests || r.Copies != 4*test.requests {
				s.t.Errorf("%+v: %s after %d requests and %d copies", test, r.Verdict, r.Requests, r.Copies)
			}
			if most := time.Duration(test.requests) * 93 * time.Second; outcome.Took > most { // MAX_TRANSMIT_WAIT
				s.t.Errorf("%+v: it took %v", test, outcome.Took)
			}
			first := told[0]
			if early := first.At < 6*time.Second; early != (test.on == 0) || first.Unheard != (test.on == 0) || first.Silent != 4-test.on || first.Active < first.Silent {
				s.t.Errorf("%+v: the first that is said: %+v", test, first)
			}
			if last := told[len(told)-1]; last.Unheard != (test.on == 0) || last.Silent > 4-test.on {
				s.t.Errorf("%+v: the last that is said: %+v", test, last)
			}
		})
	}
}

// lastEnd is when the last Device ended, in seconds.
func lastEnd(results []campaign.Result) (at float64) {
	for _, r := range results {
		at = max(at, r.EndedS)
	}
	return at
}

// TestSilentDevicesMakeRoom: where only so many Devices may be under way, and they are given up,
// the next ones are begun at once, though no datagram comes.
func TestSilentDevicesMakeRoom(t *testing.T) {
	at(t, named(t, "success", "success", "success", "success"), memnet.Impairment{}, nil, func(s *stand) {
		for i := range 4 {
			s.lab.Fleet().SwitchOff(i)
		}
		results, outcome := s.drive(s.t.Context(), "do: update\nwaves: [{devices: 2, pause: 1s}, {devices: rest}]\nlimits: {at-once: 1, tries: 1}\n")
		if got := counts(results); got != "4 lost" {
			s.t.Errorf("%s: %+v", got, results)
		}
		if outcome.Took > 7*time.Minute { // 93 s each at the most, RFC 7252's MAX_TRANSMIT_WAIT
			s.t.Errorf("four silent Devices, one after another, took %v", outcome.Took)
		}
	})
}

// TestWaves checks that a wave begins when the one before it has ended, that the limits
// hold, and that too many failures end the campaign.
func TestWaves(t *testing.T) {
	names := slices.Concat(slices.Repeat([]string{"success"}, 10), slices.Repeat([]string{"failure"}, 5), slices.Repeat([]string{"success"}, 15))
	specimens := named(t, names...)
	at(t, specimens, memnet.Impairment{}, nil, func(s *stand) {
		results, _ := s.drive(s.t.Context(), "do: update\nwaves: [{devices: 4, pause: 1m}, {devices: 20%}, {devices: rest}]\nlimits: {at-once: 2}\n")
		if got := counts(results); got != "25 updated, 5 failed" {
			s.t.Error(got)
		}
		if most := busiest(results); most != 2 {
			s.t.Errorf("%d Devices were under way at a time, and 2 may be", most)
		}
		ends := map[int]float64{}
		for _, r := range results {
			ends[r.Wave] = max(ends[r.Wave], r.EndedS)
		}
		for i, r := range results {
			wave, pause := 3, 0.0
			switch {
			case i < 4:
				wave = 1
			case i < 10:
				wave, pause = 2, 60
			}
			if r.Wave != wave || r.BeganS < ends[wave-1]+pause {
				s.t.Errorf("Device %d was in wave %d and began at %.3f s, after the wave before had ended at %.3f s", i, r.Wave, r.BeganS, ends[wave-1])
			}
		}
	})
	for _, limit := range []string{"limits: {at-once: 1, failures: 2}", "waves: [{devices: 20, failures: 10%}, {devices: rest}]\nlimits: {at-once: 1}"} {
		at(t, specimens, memnet.Impairment{}, nil, func(s *stand) {
			results, outcome := s.drive(s.t.Context(), "do: update\n"+limit+"\n")
			if got := counts(results); got != "10 updated, 3 failed, 17 not-begun" || !strings.Contains(outcome.Stopped, "3 Devices") {
				s.t.Errorf("%s: %s, %q", limit, got, outcome.Stopped)
			}
		})
	}
}

// busiest is how many Devices were under way at a time.
func busiest(results []campaign.Result) (most int) {
	for _, a := range results {
		n := 0
		for _, b := range results {
			if b.BeganS <= a.BeganS && a.BeganS < b.EndedS {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

// TestBusyWithAnUpdate: a Device that somebody else updates is waited for, and is then what it has
// become: the campaign leaves it alone if it was meant for the version of before, and else tells
// the version that it has found.
func TestBusyWithAnUpdate(t *testing.T) {
	for plan, want := range map[string]string{"only: {version: 1.0.0}\n": "1 not-selected 1.0.1 ", "": "1 updated 1.0.1 1.0.2"} {
		at(t, named(t, "success"), memnet.Impairment{}, nil, func(s *stand) {
			ctx, interrupt := context.WithCancel(s.t.Context())
			go func() {
				time.Sleep(8 * time.Second)
				interrupt()
			}()
			if results, _ := s.drive(ctx, "do: update\n"); results[0].Asked != "U" {
				s.t.Fatalf("nobody updates the Device: %+v", results)
			}
			results, _ := s.drive(s.t.Context(), "do: update\n"+plan)
			if got := counts(results) + " " + results[0].From + " " + results[0].To; got != want {
				s.t.Errorf("%s: got %s, want %s", plan, got, want)
			}
		})
	}
}

// TestResumed interrupts a campaign in the middle of an update, and goes on with it after the
// update has ended: it is seen to have been the campaign's own.
func TestResumed(t *testing.T) {
	at(t, named(t, "success", "failure", "success"), memnet.Impairment{}, nil, func(s *stand) {
		ctx, interrupt := context.WithCancel(s.t.Context())
		go func() {
			time.Sleep(8 * time.Second)
			interrupt()
		}()
		const plan = "do: update\nlimits: {at-once: 2}\nonly: {version: 1.0.0}\n"
		results, outcome := s.drive(ctx, plan)
		if got := counts(results); got != "2 under-way, 1 not-begun" || !outcome.Interrupted {
			s.t.Fatalf("%s %+v", got, results)
		}
		time.Sleep(time.Minute)
		s.known = results
		results, _ = s.drive(s.t.Context(), plan)
		if got := counts(results); got != "2 updated, 1 failed" || results[0].From != "1.0.0" {
			s.t.Errorf("%s %+v", got, results)
		}
		if r := results[0]; r.Requests > 5 {
			s.t.Errorf("a Device that was updated meanwhile was sent %d requests", r.Requests)
		}
	})
}
