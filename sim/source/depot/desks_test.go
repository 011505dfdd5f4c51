package depot_test

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/sim/source"
	"github.com/ocfsim/ocfsim/sim/source/certs"
	"github.com/ocfsim/ocfsim/sim/source/depot"
	"github.com/ocfsim/ocfsim/sim/source/suit"
	"github.com/ocfsim/ocfsim/sim/source/updater"
	"github.com/ocfsim/ocfsim/sim/source/web"
)

// service is a source that is asked by DDI, and the update clients of its Devices.
type service struct {
	t       *testing.T
	depot   *depot.Depot
	updater *updater.Updater

	mu    sync.Mutex
	log   []string       // what Devices have said, and what they were told: "lamp closed success: it runs 1.0.1"
	doubt *source.Handed // the package of the latest success that can't be
}

// token is what Devices have to show.
const token = "s3cret"

// newService offers a version above all before it with each condition, but no-update.
func newService(t *testing.T, shown string, strikes ...string) *service {
	t.Helper()
	return newServiceOf(t, shown, rising, strikes...)
}

// newServiceOf offers what the vendor puts on a shelf.
func newServiceOf(t *testing.T, shown string, shelf func(*suit.Vendor) depot.Shelf, strikes ...string) *service {
	t.Helper()
	return newServiceAs(t, shown, func(c *depot.Config, vendor *suit.Vendor) { c.Shelf = shelf(vendor) }, strikes...)
}

// newServiceAs has change say what the depot is like besides its strikes.
func newServiceAs(t *testing.T, shown string, change func(*depot.Config, *suit.Vendor), strikes ...string) *service {
	t.Helper()
	s := &service{t: t}
	vendor, err := suit.NewVendor(suit.VendorConfig{Model: suit.Virtual(), Threshold: 2}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	c := depot.Config{Tell: s.enter}
	change(&c, vendor)
	for _, text := range strikes {
		strike, err := depot.ParseStrike(text, fixtures.Fault)
		if err != nil {
			t.Fatal(err)
		}
		c.Strikes = append(c.Strikes, strike)
	}
	if s.depot, err = depot.New(c); err != nil {
		t.Fatal(err)
	}
	ca, err := certs.New()
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	server, err := web.Listen(ctx, web.Config{
		Listen: "127.0.0.1:0", Depot: s.depot, Authority: ca,
		DDI: web.DDI{Tokens: []web.Token{{Scheme: web.GatewayToken, Secret: token}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	api, err := updater.NewDDI(updater.DDIConfig{URL: server.URL(), Tenant: "bench", Token: shown, Roots: ca.Roots()})
	if err != nil {
		t.Fatal(err)
	}
	if s.updater, err = updater.New(updater.Config{DDI: api, Root: vendor.Root(), Model: vendor.Model()}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = s.updater.Close() // neither can fail
		_ = s.depot.Close()
		stop()
		if err := server.Wait(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// rising has the vendor sign version 1.0.1, then 1.0.2 and so on.
func rising(vendor *suit.Vendor) depot.Shelf {
	return publishing(func(_ uint64, r suit.Release) (suit.Files, string, error) {
		files, err := vendor.Publish(time.Now(), r)
		return files, "", err
	}, vendor)
}

// publishing has version 1.0.N published, with the flaw that it names.
func publishing(publish func(n uint64, r suit.Release) (files suit.Files, flaw string, err error), vendor *suit.Vendor) depot.Shelf {
	n := uint64(0)
	return func(newer, _ bool) ([]depot.Release, error) {
		if !newer {
			return nil, nil
		}
		n++
		version := fmt.Sprintf("1.0.%d", n)
		r, err := suit.NewRelease(vendor.Model(), "lamp-"+version, version, n, imageSize)
		if err != nil {
			return nil, err
		}
		files, flaw, err := publish(n, r)
		var all []depot.Release
		for name := range maps.Keys(files) {
			part := depot.Beside
			if name == r.ImageFile() {
				part = depot.Package
			}
			all = append(all, depot.Release{Name: name, Version: version, Content: files[name], Flaw: flaw, Part: part})
		}
		return all, err
	}
}

// enter notes what a Device has said, and which faults struck that.
func (s *service) enter(e depot.Entry) {
	if e.Says == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.Doubt != nil {
		s.doubt = e.Doubt
	}
	s.log = append(s.log, strings.TrimSpace(strings.Join(append([]string{e.Device, e.Says}, e.Faults...), " ")))
}

// ask puts a question and returns the answer, once the source knows of it: a Device that asks
// something else has said all about what it asked before.
func (s *service) ask(kind source.Kind, version string) source.Answer {
	s.t.Helper()
	answers := make(chan source.Answer, 1)
	s.updater.Ask(source.Question{Device: "lamp", Kind: kind, Version: version}, func(a source.Answer) { answers <- a })
	select {
	case a := <-answers:
		return a
	case <-time.After(30 * time.Second):
		s.t.Fatal("no answer")
		panic("not reached")
	}
}

func (s *service) condition(name string) {
	s.t.Helper()
	if _, err := s.depot.Condition("", name); err != nil {
		s.t.Fatal(err)
	}
}

// said checks what Devices have said since the last time.
func (s *service) said(want ...string) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if got := strings.Join(s.log, "\n"); got != strings.Join(want, "\n") {
		s.t.Errorf("Devices have said\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
	s.log = nil
}

func TestADeviceAgreesToWhatIsCalledOff(t *testing.T) {
	s := newService(t, "GatewayToken "+token)
	if a := s.ask(source.Check, "1.0.0"); !a.Available || a.Version != "1.0.1" {
		t.Fatalf("%+v", a)
	}
	s.said("lamp version=1.0.0")
	s.condition("update-available")
	if a := s.ask(source.Fetch, "1.0.0"); !a.Available || a.Version != "1.0.2" {
		t.Fatalf("%+v", a)
	}
	if a := s.ask(source.Check, "1.0.2"); a.Available || a.Failed {
		t.Fatalf("what is installed is on offer: %+v", a)
	}
	s.said("lamp closed success: it is not installed", "lamp download none: version 1.0.2", "lamp closed success: it runs 1.0.2", "lamp version=1.0.2")
	s.condition("update-available")
	s.ask(source.Check, "1.0.2")
	s.condition("no-update")
	if a := s.ask(source.Check, "1.0.2"); a.Available || a.Failed {
		t.Fatalf("what was called off is on offer: %+v", a)
	}
	s.said("lamp closed success: it is not installed")
	if last := s.depot.Report().Last; last == nil || !last.Good || last.Claimed {
		t.Errorf("the report has %+v", last)
	}
}

// A Device that is back at the version of before gets the same again, and no other one does.
func TestADeviceThatWasReset(t *testing.T) {
	s := newService(t, "GatewayToken "+token)
	for range 2 {
		if a := s.ask(source.Fetch, "1.0.0"); !a.Available || a.Version != "1.0.1" {
			t.Fatalf("%+v", a)
		}
		if a := s.ask(source.Check, "1.0.1"); a.Available || a.Failed {
			t.Fatalf("%+v", a)
		}
	}
	s.said(
		"lamp version=1.0.0", "lamp download none: version 1.0.1", "lamp closed success: it runs 1.0.1", "lamp version=1.0.1",
		"lamp version=1.0.0", "lamp download none: version 1.0.1", "lamp closed success: it runs 1.0.1", "lamp version=1.0.1",
	)
}

// A success that the source could not be told of is told when the Device asks again.
func TestFeedbackThatIsOwed(t *testing.T) {
	s := newService(t, "GatewayToken "+token, "flapping,of=feedback")
	if a := s.ask(source.Fetch, "1.0.0"); !a.Available || a.Version != "1.0.1" {
		t.Fatalf("%+v", a)
	}
	if a := s.ask(source.Check, "1.0.1"); a.Available || a.Failed {
		t.Fatalf("%+v", a)
	}
	s.said(
		"lamp version=1.0.0", "lamp download none: version 1.0.1 flapping,of=feedback", "lamp closed success: it runs 1.0.1 flapping,of=feedback",
		"lamp closed success: it runs 1.0.1", "lamp version=1.0.1",
	)
}

// A virtual Device confirms what it was asked to check for and to install.
func TestADeviceConfirms(t *testing.T) {
	s := newServiceAs(t, "GatewayToken "+token, func(c *depot.Config, vendor *suit.Vendor) { c.Shelf, c.Confirms = rising(vendor), true })
	if a := s.ask(source.Check, "1.0.0"); !a.Available || a.Version != "1.0.1" {
		t.Fatalf("%+v", a)
	}
	if a := s.ask(source.Fetch, "1.0.0"); !a.Available || a.Version != "1.0.1" {
		t.Fatalf("%+v", a)
	}
	if a := s.ask(source.Check, "1.0.1"); a.Available || a.Failed {
		t.Fatalf("%+v", a)
	}
	s.said("lamp version=1.0.0", "lamp confirmed", "lamp download none: version 1.0.1", "lamp closed success: it runs 1.0.1", "lamp version=1.0.1")
}

func TestADeviceWithAWrongToken(t *testing.T) {
	s := newService(t, "GatewayToken guess")
	if a := s.ask(source.Check, "1.0.0"); a.Available || !a.Failed {
		t.Errorf("%+v", a)
	}
	s.said("lamp 401: its token is missing, or is none of those that the source has")
}
