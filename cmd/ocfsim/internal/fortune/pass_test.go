package fortune_test

import (
	"bytes"
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/fortune"
	"github.com/ocfsim/ocfsim/fixtures/fleetfile"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/source"
)

// alone has everything happen to Devices that nobody talks to.
const alone = `
seed: 5
profiles:
  grid:
    from: 1m
    source-outage: {at: [20m], every: 10m, for: 10s}
    power-loss: {at: [20m1s], every: 2h, off: 20s, stages: {installing: 30, announcing: 20}}
    crash: {every: 2h, share: 70, stages: {checking: 20, fetching: 30, validating: 20, retrying: 10}}
  odd: {slow: {share: 30, factor: 3}, clock: {share: 40, skew: -1h, drift: {from: -90000, to: 60000}}}
groups:
  - name: lamps
    count: 60
    secured: 0
    behaviours: {success: 5, no-update: 2, failure: 1, reboot-success: 2, autonomous: 3}
    ramp-up: {over: 2m}
    waves: [{at: 3m7s, share: 30}, {at: 10m11s, spread: 5m}]
    autonomous: [{at: 12m, spread: 30m, starts: V+U}, {at: 45m, spread: 3m, share: 50, starts: U}]
    faults: [grid, odd]
  - {name: locks, count: 41, secured: 0, behaviours: {stalled: 1, flapping: 1, autonomous: 1}, autonomous: [{at: 33m, spread: 3m, share: 50, starts: V}], faults: [grid]}
`

// passed is an hour of a shard of a virtual fleet.
func passed(t *testing.T, text string, shard fleetfile.Shard) (got run) {
	t.Helper()
	plan, err := fleetfile.Parse("x.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var record bytes.Buffer
	c := fortune.Config{Plan: plan, Shard: shard, Virtual: true}
	c.Record = fortune.NewWriter(&record, c)
	k := fortune.New(c)
	models, err := k.Models(fortune.ModelConfig{})
	if err != nil {
		t.Fatal(err)
	}
	first, count := k.Devices()
	f, err := fleet.Open(fleet.Config{
		Devices: count, First: first, Model: models.Of, Source: k.Source(source.New(source.Config{})), Seed: plan.Seed,
		Virtual: true, Stage: k.Stage, Drift: k.Drift, Journal: k, Listen: plan.Device(first).Addr,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	k.Pass(t.Context(), f, hour)
	if f.Now() != hour || f.Happened() == 0 {
		t.Errorf("it is %v, and %d Events have happened", f.Now(), f.Happened())
	}
	if got.tail, err = k.End(); err != nil {
		t.Fatal(err)
	}
	got.record = record.String()
	return got
}

// lived is the same hour of a fleet with a clock, in a bubble.
func lived(t *testing.T, text string) (got run) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		plan, err := fleetfile.Parse("x.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		var record bytes.Buffer
		c := fortune.Config{Plan: plan}
		c.Record = fortune.NewWriter(&record, c)
		k := fortune.New(c)
		f, stop := open(t, plan, k, nil)
		ctx, cancel := context.WithTimeout(t.Context(), hour)
		defer cancel()
		k.Begin(ctx, f)
		<-ctx.Done()
		k.Wait()
		stop.close()
		if got.tail, err = k.End(); err != nil {
			t.Fatal(err)
		}
		got.record = record.String()
	})
	return got
}

// TestVirtualTimeIsTheSameTime checks that a virtual fleet has the faults and ends, at the
// same times, that it has with a clock, and that its halves are the whole.
func TestVirtualTimeIsTheSameTime(t *testing.T) {
	want, got := lived(t, alone), passed(t, alone, fleetfile.Shard{})
	if !got.tail.States.Equal(want.tail.States) {
		t.Errorf("the Devices end\n%v and with a clock\n%v", got.tail.States, want.tail.States)
	}
	if sorted(got.record) != sorted(want.record) {
		t.Errorf("the faults differ: %v, and with a clock %v\n%s", got.tail.Faults, want.tail.Faults, differing(got.record, want.record))
	}
	for _, kind := range []string{"crash", "power-loss", "source-outage"} {
		if got.tail.Faults[kind] == 0 {
			t.Errorf("there was no %s: %v", kind, got.tail.Faults)
		}
	}
	one, two := passed(t, alone, fleetfile.Shard{K: 1, N: 2}), passed(t, alone, fleetfile.Shard{K: 2, N: 2})
	if sum := one.tail.States.Plus(two.tail.States); !sum.Equal(got.tail.States) {
		t.Errorf("the halves end\n%v and the whole\n%v", sum, got.tail.States)
	}
}

// TestVirtualTimeStops checks that a pass ends when its context does, and that what is
// planned at the end itself does not happen.
func TestVirtualTimeStops(t *testing.T) {
	plan, err := fleetfile.Parse("x.yaml", []byte("groups: [{name: a, count: 4, secured: 0, ramp-up: {after: 1h, over: 0s}}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		until time.Duration
		stops bool
		off   int
	}{{hour, false, 4}, {hour + 1, false, 0}, {2 * hour, true, 4}} {
		k := fortune.New(fortune.Config{Plan: plan, Virtual: true})
		models, err := k.Models(fortune.ModelConfig{})
		if err != nil {
			t.Fatal(err)
		}
		f, err := fleet.Open(fleet.Config{Devices: 4, Model: models.Of, Virtual: true, Listen: plan.Device(0).Addr})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		if test.stops {
			cancel()
		}
		k.Pass(ctx, f, test.until)
		cancel()
		off := 0
		for i := range f.Len() {
			if f.IsOff(i) {
				off++
			}
		}
		if off != test.off {
			t.Errorf("until %v, stopped %v: %d Devices are off, not %d", test.until, test.stops, off, test.off)
		}
		_ = f.Close()
	}
}
