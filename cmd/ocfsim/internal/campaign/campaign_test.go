package campaign_test

import (
	"context"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/campaign"
	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/clients"
	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

// stand is a fleet of virtual Devices in virtual time, at 127.2.0.1 and after it.
type stand struct {
	t       *testing.T
	network *memnet.Net
	lab     *lab.Lab
	ends    int // sources so far
	// versions are the software versions of the Devices, when the campaign was done with
	// them.
	versions []string
	known    []campaign.Result // of an earlier run
}

// at runs test with unsecured Devices of these specimens. What Clients did is judged in the
// end, where it is recorded.
func at(t *testing.T, specimens []lab.Specimen, bad memnet.Impairment, recording *clients.Recording, test func(*stand)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		network := memnet.New(1, bad)
		conn, err := network.Wildcard(5683)
		if err != nil {
			t.Fatal(err)
		}
		cfg := lab.Config{Specimens: specimens, Unsecured: true, Listen: netip.MustParseAddrPort("127.2.0.1:5683"), Conn: conn}
		if recording != nil {
			cfg.Witness = recording
		}
		l, err := lab.Open(cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = l.Close() }()
		test(&stand{t: t, network: network, lab: l})
		if recording != nil {
			time.Sleep(2 * time.Minute) // rules wait so long for what a Client still does
			if err := l.Close(); err != nil {
				t.Error(err)
			}
			unblamed(t, recording)
		}
	})
}

// named are specimens with these names, in real time.
func named(t *testing.T, names ...string) []lab.Specimen {
	t.Helper()
	all, err := lab.Specimens(names)
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		all[i].Speed = 1
	}
	return all
}

// listen opens sources in the network of memory.
func (s *stand) listen(plan *campaign.Plan, _ netip.Addr) ([]campaign.Conn, error) {
	var all []campaign.Conn
	for i := range plan.Sources {
		s.ends++
		w, err := s.network.Wildcard(uint16(40000 + s.ends))
		if err != nil {
			return nil, err
		}
		local := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 200, 0, byte(i)}), uint16(40000+s.ends))
		all = append(all, &source{w: w, local: local, in: make([]fleet.Packet, 64)})
	}
	return all, nil
}

// source is a Conn on a network in memory.
type source struct {
	w     *memnet.Wildcard
	local netip.AddrPort
	in    []fleet.Packet
}

func (s *source) Read(batch []campaign.Datagram) (int, error) {
	in := s.in[:len(batch)]
	for i := range in {
		in[i].Data = batch[i].Data
	}
	n, err := s.w.ReadBatch(in)
	for i := range n {
		batch[i].Peer, batch[i].Data = in[i].Peer, in[i].Data
	}
	return n, err
}

func (s *source) Write(batch []campaign.Datagram) error {
	out := make([]fleet.Packet, len(batch))
	for i, d := range batch {
		out[i] = fleet.Packet{Peer: d.Peer, Local: s.local, Data: append([]byte(nil), d.Data...)}
	}
	_, err := s.w.WriteBatch(out)
	return err
}

func (s *source) Close() error { return s.w.Close() }

// drive runs a campaign, and returns what became of each Device.
func (s *stand) drive(ctx context.Context, plan string) ([]campaign.Result, campaign.Outcome) {
	s.t.Helper()
	p, err := campaign.Parse("c.yaml", []byte("name: test\n"+plan))
	if err != nil {
		s.t.Fatal(err)
	}
	f := s.lab.Fleet()
	s.versions = make([]string, f.Len())
	targets, results := make([]campaign.Target, f.Len()), make([]campaign.Result, f.Len())
	for i := range targets {
		targets[i] = campaign.Target{Endpoint: "coap://" + f.Addr(i).String(), Plain: f.Addr(i)}
		if s.known != nil {
			targets[i].Known = s.known[i].Known()
		}
	}
	outcome, err := campaign.Run(ctx, campaign.Config{
		Plan: &p, Targets: targets, Listen: s.listen,
		Tell: func(i int, r campaign.Result) {
			if results[i].Verdict != "" {
				s.t.Errorf("%s was concluded twice: %s and %s", r.Device, results[i].Verdict, r.Verdict)
			}
			results[i] = r
			s.versions[i] = f.Version(i)
		},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return results, outcome
}

// TestEveryCompliantDevice takes one of each compliant Device through an update, on a good
// network and on a bad one. What is said of it has to be what became of it, and the
// controller must not be blamed by any rule of Clients.
func TestEveryCompliantDevice(t *testing.T) {
	all, err := lab.Specimens(nil)
	if err != nil {
		t.Fatal(err)
	}
	all = lab.Unsecured(all)
	for i := range all {
		all[i].Speed = 1
	}
	for name, bad := range map[string]memnet.Impairment{
		"good network": {Delay: 5 * time.Millisecond},
		"bad network":  {Delay: 20 * time.Millisecond, Jitter: 30 * time.Millisecond, Loss: 0.15, Duplicate: 0.1, Reorder: 0.1},
	} {
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

// TestNoDeviantIsTakenForUpdated takes one of each deviant Device through an update. Of
// none whose software stays what it was is it said that it was updated.
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
	at(t, all, memnet.Impairment{}, nil, func(s *stand) {
		f := s.lab.Fleet()
		before := make([]string, f.Len())
		for i := range before {
			before[i] = f.Version(i)
		}
		results, _ := s.drive(s.t.Context(), "do: update\nlimits: {at-once: 1000}\n")
		for i, r := range results {
			if r.Verdict == campaign.Updated && s.versions[i] == before[i] {
				s.t.Errorf("%s: %s, and its software is %s as before (shown: %s -> %s)", all[i].Name, r.Verdict, before[i], r.From, r.To)
			}
		}
	})
}

// TestVersionElsewhere takes Devices through an update whose sv does not tell of it.
func TestVersionElsewhere(t *testing.T) {
	for name, key := range map[string]string{"version-in-platform": "/oic/p#mnfv", "version-undeclared": "undeclared"} {
		t.Run(name, func(t *testing.T) {
			at(t, named(t, name), memnet.Impairment{}, nil, func(s *stand) {
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
	for plan, want := range map[string]string{
		"do: check\n": "1 no-update, 2 available",
		"do: update\nonly: {name: '*no-update'}\n":   "1 no-update, 2 not-selected",
		"do: update\nonly: {version: '2.*'}\n":       "3 not-selected",
		"do: update\nwatch: {by: poll, every: 6s}\n": "2 updated, 1 no-update",
	} {
		recording := clients.New(clients.Config{Dir: t.TempDir(), Tool: "test", Edition: suite.Edition})
		at(t, named(t, "success", "no-update", "success"), memnet.Impairment{}, recording, func(s *stand) {
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

// TestSilentDevices: of Devices that are off nothing is said but that; one that falls silent
// in its update is lost, and not a straggler.
func TestSilentDevices(t *testing.T) {
	at(t, named(t, "success", "success", "success"), memnet.Impairment{}, nil, func(s *stand) {
		s.lab.Fleet().SwitchOff(0)
		go func() {
			time.Sleep(5 * time.Second)
			s.lab.Fleet().SwitchOff(1)
		}()
		results, _ := s.drive(s.t.Context(), "do: update\nlimits: {tries: 2}\ntiming: {update: 2m}\n")
		if got := counts(results); got != "1 updated, 2 lost" {
			s.t.Errorf("%s: %+v", got, results)
		}
		if r := results[0]; r.Requests != 1 || r.Copies != 4 {
			s.t.Errorf("a Device that is off was sent %d requests and %d copies", r.Requests, r.Copies)
		}
	})
}

// TestWaves checks that a wave begins when the one before it has ended, that the limits
// hold, and that too many failures end the campaign.
func TestWaves(t *testing.T) {
	names := slices.Concat(slices.Repeat([]string{"success"}, 10), slices.Repeat([]string{"failure"}, 5), slices.Repeat([]string{"success"}, 15))
	at(t, named(t, names...), memnet.Impairment{}, nil, func(s *stand) {
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
		at(t, named(t, names...), memnet.Impairment{}, nil, func(s *stand) {
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

// TestMistakesInACampaign checks that each mistake is told with its place.
func TestMistakesInACampaign(t *testing.T) {
	for text, want := range map[string]string{
		"do: update\n":                                                 `c.yaml:1:1: `,
		"name: x\ndo: updates\n":                                       `c.yaml:2:5: `,
		"name: x\ndo: check\nwave: []\n":                               `c.yaml:3:1: unknown key "wave"`,
		"name: x\ndo: check\ntiming: {update: 0s}\n":                   `c.yaml:3:10: "0s": expected a duration above 0`,
		"name: x\ndo: check\nwaves: [{devices: 120%}]\n":               `c.yaml:3:10: "120%": expected at most 100%`,
		"name: x\ndo: check\nwaves: [{devices: rest}, {devices: 1}]\n": `c.yaml:3:9: only the last wave can take the rest`,
		"name: x\ndo: check\nonly: {name: '[a'}\n":                     `c.yaml:3:8: "[a": expected a pattern`,
		"name: x\ndo: check\nwatch: {by: poll, every: 5s}\n":           `c.yaml:3:19: 5s: expected at least 6s`,
		"name: x\ndo: check\nsecurity: {own: pin}\n":                   `c.yaml:3:12: own: pin needs the PIN`,
	} {
		_, err := campaign.Parse("c.yaml", []byte(text))
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s\ngot  %v\nwant %s", text, err, want)
		}
	}
	p, err := campaign.Parse("example.yaml", []byte(campaign.Example()))
	if err != nil || len(p.Waves) != 3 || p.Waves[2].Devices.Set || p.Failures.Of(200) != 20 {
		t.Errorf("%+v, %v", p, err)
	}
}
