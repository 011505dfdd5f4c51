package fleet_test

import (
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

// inRanges has Devices 0 and 1 in one range, 2 and 3 in an IPv6 range, and 4 before them all.
func inRanges(c *fleet.Config) {
	c.Devices = 5
	c.Ranges = []fleet.Range{
		{First: netip.MustParseAddr("127.2.0.1"), Devices: 2},
		{First: netip.MustParseAddr("2001:db8::ff"), Devices: 2},
		{First: netip.MustParseAddr("127.1.0.1"), Devices: 1},
	}
	c.Listen = netip.MustParseAddrPort("127.2.0.1:5683")
}

// TestRangesOfAddresses checks that each Device answers at its address and no other does.
func TestRangesOfAddresses(t *testing.T) {
	inWorld(t, memnet.Impairment{}, inRanges, func(w *world) {
		for i, at := range []string{"127.2.0.1:5683", "127.2.0.2:5683", "[2001:db8::ff]:5683", "[2001:db8::100]:5683", "127.1.0.1:5683"} {
			if got := w.fleet.Addr(i).String(); got != at {
				t.Errorf("Device %d is at %s, not at %s", i, got, at)
			}
			if found, err := w.fleet.Find("coap://" + at); err != nil || len(found) != 1 || found[0] != i {
				t.Errorf("at %s there is %v, %v; want %d", at, found, err, i)
			}
			w.dial(at).want("40 01 00 01 "+pstat, "60 45 00 01")
		}
		for _, at := range []string{"127.2.0.3:5683", "127.1.0.2:5683", "127.0.255.255:5683", "[2001:db8::fe]:5683"} {
			w.dial(at).want("40 01 00 01 "+pstat, "")
		}
	})
}

// TestRangesThatCannotBe checks that what is wrong with ranges is told.
func TestRangesThatCannotBe(t *testing.T) {
	conn, err := memnet.New(1, memnet.Impairment{}).Wildcard(5683)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*fleet.Config){
		"too few":  func(c *fleet.Config) { c.Devices = 6 },
		"moving":   func(c *fleet.Config) { c.Moves = true },
		"mixed":    func(c *fleet.Config) { c.Ranges[2].First = netip.MustParseAddr("192.0.2.1") },
		"no place": func(c *fleet.Config) { c.Ranges[2].First = netip.MustParseAddr("127.255.255.255") },
		"first":    func(c *fleet.Config) { c.First = -1 },
	} {
		c := smallConfig(t, conn)
		inRanges(&c)
		change(&c)
		if f, err := fleet.Open(c); err == nil {
			t.Errorf("%s: no error", name)
			_ = f.Close()
		}
	}
}

// TestAPartHasTheIdentitiesOfTheWhole checks that a Device has the uuid that follows from
// its number.
func TestAPartHasTheIdentitiesOfTheWhole(t *testing.T) {
	ids := func(first, count int) (ids []ocf.UUID) {
		inWorld(t, memnet.Impairment{}, func(c *fleet.Config) { c.First, c.Devices = first, count }, func(w *world) {
			for i := range count {
				ids = append(ids, w.fleet.ID(i))
			}
		})
		return ids
	}
	whole, part := ids(0, 5), ids(3, 2)
	if part[0] != whole[3] || part[1] != whole[4] || whole[0] == whole[3] {
		t.Errorf("whole %v, part %v", whole, part)
	}
}

// TestTheFortuneOfADevice checks what may be had happen to a Device, and which stages
// are told.
func TestTheFortuneOfADevice(t *testing.T) {
	var stages []string
	last := sim.Stage{}
	inWorld(t, memnet.Impairment{}, func(c *fleet.Config) {
		c.Stage = func(i int, s sim.Stage) fleet.Strike {
			if i == 1 && s != last {
				last, stages = s, append(stages, s.Name())
			}
			return fleet.Spared
		}
	}, func(w *world) {
		w.fleet.Offer(1, false)
		w.fleet.Begin(1, ocf.SVV|ocf.SSU)
		time.Sleep(time.Hour)
		synctest.Wait()
		if v := w.fleet.Version(1); v != "1.0.0" {
			t.Errorf("without an offer the Device has installed %s", v)
		}
		w.fleet.Offer(1, true)
		w.fleet.Begin(1, ocf.SSU)
		time.Sleep(time.Millisecond)
		w.fleet.Restart(1)
		time.Sleep(time.Hour)
		synctest.Wait()
		if v := w.fleet.Version(1); v != "1.0.1" || w.fleet.Version(0) != "1.0.0" {
			t.Errorf("the Device has %s, another one %s", v, w.fleet.Version(0))
		}
		w.fleet.SwitchOff(1)
		if !w.fleet.IsOff(1) || w.fleet.IsOff(0) {
			t.Error("which Devices are off is not told")
		}
	})
	known := map[string]bool{"": true}
	for _, name := range sim.StageNames() {
		known[name] = true
	}
	seen := map[string]bool{}
	for _, s := range stages {
		if seen[s] = true; !known[s] {
			t.Errorf("the stage %q has no such name", s)
		}
	}
	for _, s := range []string{"checking", "validating", "fetching", "installing", "announcing"} {
		if !seen[s] {
			t.Errorf("the Device was never %s: %v", s, stages)
		}
	}
}
