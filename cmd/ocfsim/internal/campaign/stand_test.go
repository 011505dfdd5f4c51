package campaign_test

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/campaign"
	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/clients"
	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
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
	// between, if it is not nil, may change each datagram that the controller gets or sends.
	between func(data []byte, in bool)
	// progress is told how far the campaign is, every 10 s; nil for nobody.
	progress func(campaign.Progress)
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

// compliant are one of each compliant Device, in real time.
var compliant = sync.OnceValues(func() ([]lab.Specimen, error) {
	all, err := lab.Specimens(nil)
	for i := range all {
		all[i].Speed = 1
	}
	return all, err
})

// named are specimens with these names.
func named(t *testing.T, names ...string) (some []lab.Specimen) {
	t.Helper()
	all, err := compliant()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		i := slices.IndexFunc(all, func(s lab.Specimen) bool { return s.Name == name })
		if i < 0 {
			t.Fatalf("no specimen is named %s", name)
		}
		some = append(some, all[i])
	}
	return some
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
		all = append(all, &source{w: w, local: local, in: make([]fleet.Packet, 64), between: s.between})
	}
	return all, nil
}

// source is a Conn on a network in memory.
type source struct {
	w     *memnet.Wildcard
	local netip.AddrPort
	in    []fleet.Packet

	between func(data []byte, in bool)
}

func (s *source) Read(batch []campaign.Datagram) (int, error) {
	in := s.in[:len(batch)]
	for i := range in {
		in[i].Data = batch[i].Data
	}
	n, err := s.w.ReadBatch(in)
	for i := range n {
		batch[i].Peer, batch[i].Data = in[i].Peer, in[i].Data
		if s.between != nil {
			s.between(batch[i].Data, true)
		}
	}
	return n, err
}

func (s *source) Write(batch []campaign.Datagram) error {
	out := make([]fleet.Packet, len(batch))
	for i, d := range batch {
		out[i] = fleet.Packet{Peer: d.Peer, Local: s.local, Data: append([]byte(nil), d.Data...)}
		if s.between != nil {
			s.between(out[i].Data, false)
		}
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
		Plan: &p, Targets: targets, Listen: s.listen, Every: 10 * time.Second,
		Progress: func(p campaign.Progress) {
			if s.progress != nil {
				s.progress(p)
			}
		},
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
