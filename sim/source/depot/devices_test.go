package depot_test

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/memnet"
	"github.com/ocfsim/ocfsim/sim/source/certs"
	"github.com/ocfsim/ocfsim/sim/source/coap"
	"github.com/ocfsim/ocfsim/sim/source/depot"
	"github.com/ocfsim/ocfsim/sim/source/suit"
	"github.com/ocfsim/ocfsim/sim/source/updater"
	"github.com/ocfsim/ocfsim/sim/source/updater/overcoap"
	"github.com/ocfsim/ocfsim/sim/source/web"
)

// A Device that fetches, verifies and installs meets each fault over each transport, and
// does what the fault's file says that a compliant Device does. Over HTTPS it asks by DDI too,
// where the server names the address of a package. Elsewhere faults of the metadata's words
// are left out: signed metadata names no address, and its flaws are those of package suit, which
// TestEveryFlawByDDI and updater.TestFlawsOverTheWire have a Device meet.
func TestEveryFaultAtADevice(t *testing.T) {
	for _, f := range fixtures.Faults() {
		ways := slices.Clone(f.Over)
		if f.Does == depot.Address {
			ways = nil
		}
		if slices.Contains(f.Over, depot.OverHTTP) {
			ways = append(ways, overDDI)
		}
		if f.Does == depot.Flaw {
			continue
		}
		for _, over := range ways {
			t.Run(over+"/"+f.Name, func(t *testing.T) {
				t.Parallel()
				b := newBench(t, over, f, sim.Config{})
				check, update := b.course(ocf.SVV), b.course(ocf.SSU)
				if !slices.Contains(checks(f), check) {
					t.Errorf("the check went %q, expected one of %q", check, checks(f))
				}
				version := b.fleet.Version(0)
				switch {
				case update == done && version == "1.0.1" && f.Compliant.Ends != depot.EndsFailure && f.Compliant.Ends != depot.EndsNoUpdate:
				case update == undone && version == "1.0.0" && f.Compliant.Ends != depot.EndsSuccess:
				default:
					t.Errorf("the update went %q and the Device has %s, expected that it ends in %s", update, version, f.Compliant.Ends)
				}
				if over == overDDI {
					b.toldTheSource(update == done)
				}
			})
		}
	}
}

// overDDI is HTTPS, by DDI.
const overDDI = "ddi"

// The courses of a Device, after the state before and without the one in which the result
// is there already: that is over before a busy machine has looked.
const (
	found  = "40,00 00,40"
	none   = "40,00 00,00"
	done   = "80,00 00,80"
	undone = "80,00 00,00"
)

// checks are the courses that a check may take under a fault.
func checks(f depot.Fault) []string {
	switch {
	case f.Compliant.Check != "":
		return []string{strings.Replace(f.Compliant.Check, " 40,40", "", 1)}
	case f.Compliant.Ends == depot.EndsEither:
		return []string{found, none}
	}
	return []string{found}
}

// placed are the strikes for a fault: it strikes in the midst of the image, or, if it is one
// of ranges, after the connection has broken once.
func placed(f depot.Fault) []string {
	switch {
	case f.Does.Stage() != depot.AtBody:
		return []string{f.Name}
	case f.Does == depot.IgnoreRange || f.Does == depot.ShiftRange:
		return []string{"aborted@2048,times=1", f.Name + "@2048"}
	}
	return []string{f.Name + "@2048"}
}

// A Device that leaves out the check of the digest installs what it should have refused, and
// says so. The log and the report of the source name the package.
func TestASuccessThatTheSourceDoubts(t *testing.T) {
	f, err := fixtures.Fault("flipped")
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t, overDDI, f, sim.Config{Deviations: []sim.Deviation{{Name: "careless", Skips: []string{string(suit.CheckDigest)}}}})
	if update := b.course(ocf.SSU); update != done || b.fleet.Version(0) != "1.0.1" {
		t.Fatalf("the update went %q, and the Device has %s", update, b.fleet.Version(0))
	}
	h := b.closing().Doubt
	if h == nil || h.Package != "lamp-1.0.1.bin" || h.Version != "1.0.1" || h.Bytes != imageSize || h.Good || !h.Claimed || !slices.Equal(h.Faults, []string{"flipped@2048"}) {
		t.Errorf("the log has %+v", h)
	}
	if last := b.depot.Report().Last; last == nil || last.Package != h.Package || !last.Claimed {
		t.Errorf("the report has %+v", last)
	}
}

// closing waits for the feedback with which the Device ends its action.
func (b *bench) closing() depot.Entry {
	b.Helper()
	for {
		select {
		case e := <-b.said:
			if strings.HasPrefix(e.Says, "closed ") {
				return e
			}
		case <-time.After(10 * time.Second):
			b.Fatal("the Device does not tell the source how its action ended")
		}
	}
}

// toldTheSource checks that a compliant Device tells the source of a success if it had one,
// and of no other, and that the source believes it.
func (b *bench) toldTheSource(success bool) {
	b.Helper()
	if success {
		if e := b.closing(); e.Says != "closed success: it runs 1.0.1" || e.Doubt != nil {
			b.Errorf("the log has %+v", e)
		}
		return
	}
	for len(b.said) > 0 {
		if e := <-b.said; strings.HasPrefix(e.Says, "closed success") {
			b.Errorf("the log has %+v", e)
		}
	}
}

// bench is a source with signed packages that breaks, and one Device.
type bench struct {
	*testing.T
	depot *depot.Depot
	net   *memnet.Net
	fleet *fleet.Fleet
	said  chan depot.Entry // what the Device has said by DDI
}

// saidMost is how much a Device says at most.
const saidMost = 256

// imageSize is the size of the image in bytes: four blocks.
const imageSize = 4096

// behaviour is that of a Device in a hurry.
var behaviour = sim.Behaviour{
	Name: "success", Ends: "success",
	Source:     sim.Patience{Retries: 2, RetryAfter: 20 * time.Millisecond},
	Validation: sim.Validation{Takes: 20 * time.Millisecond},
	Update:     sim.Update{Steps: []sim.Step{{After: 20 * time.Millisecond}}},
	Announce:   20 * time.Millisecond,
	Power:      sim.Power{Off: time.Second},
}

func newBench(t *testing.T, over string, f depot.Fault, c sim.Config) *bench {
	t.Helper()
	vendor, err := suit.NewVendor(suit.VendorConfig{Model: suit.Virtual(), Threshold: 2}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{T: t, said: make(chan depot.Entry, saidMost)}
	offers := depot.Config{Shelf: shelf(vendor), Silence: time.Minute, Tell: func(e depot.Entry) {
		if e.Says != "" {
			b.said <- e
		}
	}}
	for _, text := range placed(f) {
		s, err := depot.ParseStrike(text, fixtures.Fault)
		if err != nil {
			t.Fatal(err)
		}
		offers.Strikes = append(offers.Strikes, s)
	}
	d, err := depot.New(offers)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	asks, wait := serve(ctx, t, over, f.Does == depot.Certificate, d, c.Edition)
	asks.Root, asks.Model = vendor.Root(), vendor.Model()
	u, err := updater.New(asks)
	if err != nil {
		t.Fatal(err)
	}
	b.depot = d
	c.Behaviour = behaviour
	c.Behaviour.Source.Timeout = patience(f)
	served := b.open(ctx, u, c)
	t.Cleanup(func() {
		stop()
		for _, end := range []func() error{func() error { return <-served }, u.Close, d.Close, wait} {
			if err := end(); err != nil {
				t.Error(err)
			}
		}
	})
	return b
}

// shelf has the vendor sign version 1.0.1.
func shelf(vendor *suit.Vendor) depot.Shelf {
	return func(bool, bool) ([]depot.Release, error) {
		r, err := suit.NewRelease(vendor.Model(), "lamp-1.0.1", "1.0.1", 1, imageSize)
		if err != nil {
			return nil, err
		}
		files, err := vendor.Publish(time.Now(), r)
		var all []depot.Release
		for _, name := range slices.Sorted(maps.Keys(files)) {
			part := depot.Beside
			switch name {
			case suit.TimestampFile:
				part = depot.Offer
			case r.ImageFile():
				part = depot.Package
			}
			all = append(all, depot.Release{Name: name, Version: "1.0.1", Content: files[name], Part: part})
		}
		return all, err
	}
}

// serve serves the depot over HTTPS or CoAPs, until ctx ends. Over CoAPs the Device knows
// the source by a key, or else by its certificate.
func serve(ctx context.Context, t *testing.T, over string, certified bool, d *depot.Depot, edition string) (asks updater.Config, wait func() error) {
	t.Helper()
	ca, err := certs.New()
	if err != nil {
		t.Fatal(err)
	}
	if over == depot.OverCoAP {
		s, err := coap.Listen(ctx, coap.Config{Listen: "127.0.0.1:0", Depot: d, Authority: ca, Identity: "lamp", Key: []byte("0123456789abcdef")})
		if err != nil {
			t.Fatal(err)
		}
		trusts := overcoap.Config{Roots: ca.Roots(), AckAfter: 100 * time.Millisecond}
		if !certified {
			trusts.Identity, trusts.Key = "lamp", []byte("0123456789abcdef")
		}
		asks.Transport, err = overcoap.New("coaps://"+s.Addr().String()+"/packages", trusts)
		if err != nil {
			t.Fatal(err)
		}
		return asks, s.Wait
	}
	s, err := web.Listen(ctx, web.Config{Listen: "127.0.0.1:0", Depot: d, Authority: ca})
	if err != nil {
		t.Fatal(err)
	}
	if over == overDDI {
		asks.DDI, err = updater.NewDDI(updater.DDIConfig{URL: s.URL(), Roots: ca.Roots(), Validates: edition == "ocf-2.2"})
	} else {
		asks.Transport, err = updater.NewWeb("https://"+s.Addr().String()+"/packages", ca.Roots())
	}
	if err != nil {
		t.Fatal(err)
	}
	return asks, s.Wait
}

// patience is how long the Device waits for its source. It is so long that a busy machine
// does not look like a fault, and short where nothing ever comes.
func patience(f depot.Fault) time.Duration {
	if slices.Contains([]depot.Effect{depot.Ignore, depot.Hang, depot.Mute, depot.WrongKey}, f.Does) {
		return 300 * time.Millisecond
	}
	return 2 * time.Second
}

// open starts the Device.
func (b *bench) open(ctx context.Context, u *updater.Updater, c sim.Config) <-chan error {
	b.Helper()
	m, err := sim.NewModel(c)
	if err != nil {
		b.Fatal(err)
	}
	b.net = memnet.New(1, memnet.Impairment{})
	conn, err := b.net.Wildcard(5683)
	if err != nil {
		b.Fatal(err)
	}
	b.fleet, err = fleet.Open(fleet.Config{
		Devices: 1, Listen: netip.MustParseAddrPort("127.1.0.1:5683"), Conn: conn,
		Model: func(int) *sim.Model { return m }, Source: u,
	})
	if err != nil {
		b.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- b.fleet.Serve(ctx) }()
	return served
}

// course starts a check or an update and returns the states that the Device goes through,
// as found and the others have them. The state of the beginning lasts for 20 ms at least.
func (b *bench) course(process ocf.DPM) string {
	b.Helper()
	condition := "autonomous-validation"
	if process == ocf.SSU {
		condition = "autonomous-update"
	}
	if _, err := b.fleet.Condition("", condition); err != nil {
		b.Fatal(err)
	}
	var states []string
	tick, end := time.NewTicker(2*time.Millisecond), time.After(time.Minute)
	defer tick.Stop()
	for {
		s := b.fleet.State(0)
		now := fmt.Sprintf("%02x,%02x", uint16(s.TM), uint16(s.CM))
		shown := now == "40,40" || now == "80,80"
		if !shown && (len(states) == 0 || states[len(states)-1] != now) {
			states = append(states, now)
		}
		if s.TM == 0 {
			return strings.Join(states, " ")
		}
		select {
		case <-tick.C:
		case <-end:
			b.Fatalf("after a minute the Device is still in %s", strings.Join(states, " "))
		}
	}
}
