package clients

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/memnet"
	"github.com/ocfsim/ocfsim/sim/source"
)

// device is where the Device of an exam is. far is where one is that asks by an empty CON who
// is there: on loopback no Device does.
var (
	device = netip.MustParseAddrPort("127.2.0.1:5683")
	far    = netip.MustParseAddrPort("198.51.100.7:5683")
)

// candidate is a Client that is examined, with the rules that it breaks.
type candidate struct {
	name   string
	does   func(*scripted, *fleet.Fleet)
	fails  string // ids of the rules that fail
	warns  string // and of those that warn
	passes string // ids that have to pass
	// Of the Device:
	behaviour string       // "": success
	variant   string       // "": none
	deviation string       // "": none
	replay    fleet.Replay // answers in its place; nil: nobody
	// clear says of a visitor that it opens no session.
	clear bool
	speed float64 // 0: as it is
	far   bool    // it is at far, not at device
}

// at is where the Device is.
func (c *candidate) at() netip.AddrPort {
	if c.far {
		return far
	}
	return device
}

// TestEachDeviantClientIsCaught: each is caught by the rules that it is declared to break,
// and by no other; no lawful Client is blamed.
func TestEachDeviantClientIsCaught(t *testing.T) {
	for _, c := range candidates() {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				results := examine(t, c)
				if len(results) != 1 {
					t.Fatalf("%d Clients, want 1", len(results))
				}
				got := verdicts(results[0])
				for verdict, want := range map[conformance.Verdict]string{conformance.Fail: c.fails, conformance.Warn: c.warns, conformance.Inconclusive: ""} {
					if is := strings.Join(got[verdict], " "); is != want {
						t.Errorf("%s: %q, want %q\n%s", verdict, is, want, reasons(results[0]))
					}
				}
				for id := range strings.FieldsSeq(c.passes) {
					if !slices.Contains(got[conformance.Pass], id) {
						t.Errorf("%s did not pass\n%s", id, reasons(results[0]))
					}
				}
			})
		})
	}
}

// verdicts are the ids of the rules by their verdict.
func verdicts(r suite.Result) map[conformance.Verdict][]string {
	all := map[conformance.Verdict][]string{}
	for _, row := range r.Report.Requirements {
		all[row.Verdict] = append(all[row.Verdict], row.ID)
	}
	return all
}

func reasons(r suite.Result) string {
	var b strings.Builder
	for _, row := range r.Report.Requirements {
		for _, f := range row.Findings {
			if f.Verdict != conformance.Pass {
				b.WriteString(row.ID + ": " + f.Reason + "\n")
			}
		}
	}
	return b.String()
}

// examine lets a Client meet a Device, in virtual time.
func examine(t *testing.T, c candidate) []suite.Result {
	network := memnet.New(1, memnet.Impairment{})
	conn, err := network.Wildcard(c.at().Port())
	if err != nil {
		t.Fatal(err)
	}
	model, err := sim.NewModel(modelOf(t, c))
	if err != nil {
		t.Fatal(err)
	}
	recording := New(Config{Dir: t.TempDir(), Tool: "test", Edition: "ocf-1.0"})
	from := source.New(source.Config{})
	f, err := fleet.Open(fleet.Config{
		Devices: 1, Listen: c.at(), Conn: conn, Model: func(int) *sim.Model { return model }, Source: from, Witness: recording, Replay: c.replay,
	})
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- f.Serve(t.Context()) }()
	one := dial(t, network, c.at())
	c.does(one, f)
	_ = one.conn.Close()
	_ = f.Close()
	if err := <-served; err != nil {
		t.Fatal(err)
	}
	_ = from.Close()
	results, err := recording.Conclude("test", "")
	if err != nil {
		t.Fatal(err)
	}
	return results
}

func modelOf(t *testing.T, c candidate) (cfg sim.Config) {
	var err error
	if cfg.Behaviour, err = fixtures.Behaviour(cmp.Or(c.behaviour, "success")); err != nil {
		t.Fatal(err)
	}
	cfg.Speed = c.speed
	if c.deviation != "" {
		d, err := fixtures.Deviation(c.deviation)
		if err != nil {
			t.Fatal(err)
		}
		cfg.Deviations = []sim.Deviation{d}
	}
	if c.variant != "" {
		if cfg.Variant, err = fixtures.Variant(c.variant); err != nil {
			t.Fatal(err)
		}
	}
	return cfg
}
