package fortune_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/fortune"
	"github.com/ocfsim/ocfsim/fixtures/fleetfile"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/memnet"
	"github.com/ocfsim/ocfsim/sim/source"
)

// hour is how long a run lasts.
const hour = time.Hour

// A run is what a run showed.
type run struct {
	tail   fortune.Tail
	record string
	ends   []string // of each Device
}

// play runs the Devices of a shard for an hour of virtual time, while a Client of each
// Device asks for a check and then for an update.
func play(t *testing.T, text string, shard fleetfile.Shard, faults string) run {
	t.Helper()
	var got run
	synctest.Test(t, func(t *testing.T) {
		plan, err := fleetfile.Parse("x.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		c := fortune.Config{Plan: plan, Shard: shard}
		if faults != "" {
			if c.Faults, err = fortune.ReadFaults("record", strings.NewReader(faults)); err != nil {
				t.Fatal(err)
			}
			if err := c.Faults.Head.Fits(c); err != nil {
				t.Fatal(err)
			}
		}
		var record bytes.Buffer
		c.Record = fortune.NewWriter(&record, c)
		k := fortune.New(c)
		f, stop := open(t, plan, k, nil)
		ctx, cancel := context.WithTimeout(t.Context(), hour)
		defer cancel()
		k.Begin(ctx, f)
		var clients sync.WaitGroup
		for i := range f.Len() {
			clients.Go(func() { stop.client(ctx, k, f, i) })
		}
		<-ctx.Done()
		k.Wait()
		clients.Wait()
		stop.close()
		if got.tail, err = k.End(); err != nil {
			t.Fatal(err)
		}
		for i := range f.Len() {
			s := f.State(i)
			got.ends = append(got.ends, strings.Join([]string{s.TM.String(), s.CM.String(), s.DOS.String(), f.Version(i)}, " "))
		}
		got.record = record.String()
	})
	return got
}

// world is what a run needs beside its Devices.
type world struct {
	t     *testing.T
	net   *memnet.Net
	close func()
}

// open opens the fleet of a fortune in memory, with its Config changed, and serves it.
func open(t *testing.T, plan *fleetfile.Plan, k *fortune.Fortune, change func(*fleet.Config)) (*fleet.Fleet, *world) {
	t.Helper()
	w := &world{t: t, net: memnet.New(1, memnet.Impairment{Delay: time.Millisecond})}
	conn, err := w.net.Wildcard(plan.Port)
	if err != nil {
		t.Fatal(err)
	}
	models, err := k.Models(fortune.ModelConfig{})
	if err != nil {
		t.Fatal(err)
	}
	first, count := k.Devices()
	src := source.New(source.Config{})
	cfg := fleet.Config{
		Devices: count, First: first, Model: models.Of, Source: k.Source(src), Seed: plan.Seed, Conn: conn, Between: k.Between, Stage: k.Stage, Drift: k.Drift, Journal: k,
	}
	for _, r := range plan.Ranges(first, count) {
		cfg.Ranges = append(cfg.Ranges, fleet.Range{First: r.First, Devices: r.Count})
	}
	cfg.Listen = plan.Device(first).Addr
	if change != nil {
		change(&cfg)
	}
	f, err := fleet.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f.Serve(ctx) }()
	w.close = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
		_ = src.Close()
	})
	t.Cleanup(w.close)
	return f, w
}

// client asks Device i for a check and for an update. Each request is sent again until it
// is answered (RFC 7252 section 4.2), and no two Clients do anything at the same time.
func (w *world) client(ctx context.Context, k *fortune.Fortune, f *fleet.Fleet, i int) {
	first, _ := k.Devices()
	conn, err := w.net.DialFrom(netip.AddrPortFrom(clientAddr(first+i, f.Addr(i).Addr().Is4()), 50000), f.Addr(i))
	if err != nil {
		w.t.Error(err)
		return
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	number := time.Duration(first + i)
	for n, step := range []struct {
		at  time.Duration
		bit byte
	}{{5 * time.Minute, 64}, {20 * time.Minute, 128}} {
		wait(ctx, step.at+number*137*time.Millisecond+number*time.Microsecond)
		ask(ctx, conn, uint16(n+1), step.bit)
	}
}

// clientAddr is the address of the Client of a Device.
func clientAddr(number int, is4 bool) netip.Addr {
	if is4 {
		return netip.AddrFrom4([4]byte{10, byte(number >> 16), byte(number >> 8), byte(number)})
	}
	return netip.AddrFrom16([16]byte{0: 0x20, 1: 1, 14: byte(number >> 8), 15: byte(number)})
}

// wait waits until some time after the start of the bubble's clock.
func wait(ctx context.Context, after time.Duration) {
	zero := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	select {
	case <-time.After(time.Until(zero.Add(after))):
	case <-ctx.Done():
	}
}

// ask sends a POST of tm to pstat until it is answered, five times at most.
func ask(ctx context.Context, conn net.Conn, mid uint16, bit byte) {
	m := binary.BigEndian.AppendUint16([]byte{0x40, 0x02}, mid)
	m = append(m, "\xb3oic\x03sec\x05pstat\x12\x27\x10\xff\xa1\x62tm\x18"...)
	m = append(m, bit)
	answer := make([]byte, 2000)
	for timeout := 2 * time.Second; timeout < time.Minute && ctx.Err() == nil; timeout *= 2 {
		if _, err := conn.Write(m); err != nil {
			return
		}
		_ = conn.SetReadDeadline(time.Now().Add(timeout))
		if _, err := conn.Read(answer); err == nil {
			return
		}
	}
}

// TestWhatThePlanSaysHappens checks of a file without faults that Devices are offered
// updates when the plan says so.
func TestWhatThePlanSaysHappens(t *testing.T) {
	got := play(t, `
groups:
  - {name: early, count: 20, secured: 0, waves: [{at: 1m}]}
  - {name: late, count: 20, secured: 0, waves: [{at: 30m}]}
  - {name: withdrawn, count: 20, secured: 0, waves: [{at: 1m, withdrawn-after: 10m}]}
  - {name: alone, count: 20, secured: 0, waves: [{at: 30m, share: 50}], autonomous: [{at: 40m, starts: U}]}
  - {name: absent, count: 20, secured: 0, ramp-up: {after: 25m, over: 1m}}
`, fleetfile.Shard{}, "")
	updated := func(from, to int) (n int) {
		for _, end := range got.ends[from:to] {
			if strings.HasSuffix(end, "1.0.1") {
				n++
			}
		}
		return n
	}
	for name, c := range map[string][3]int{"early": {0, 20, 20}, "late": {20, 40, 0}, "withdrawn": {40, 60, 0}, "alone": {60, 80, 10}, "absent": {80, 100, 0}} {
		if n := updated(c[0], c[1]); n != c[2] {
			t.Errorf("%s: %d of %d are updated, not %d", name, n, c[1]-c[0], c[2])
		}
	}
	if len(got.tail.Faults) != 0 || strings.Contains(got.record, `"event":"fault"`) {
		t.Errorf("faults %v", got.tail.Faults)
	}
}

// rough has every kind of fault, in both address families.
const rough = `
seed: 11
profiles:
  radio: {loss: 10, duplicate: 5, reorder: 5, corrupt: 2, delay: 3ms, jitter: 40ms}
  cuts: {partition: {at: [5m], every: 20m, for: 8s, share: 50}, source-outage: {at: [20m], every: 10m, for: 10s}}
  grid:
    from: 1m
    power-loss: {at: [20m1s], every: 2h, off: 20s, stages: {installing: 30, announcing: 20}}
    crash: {every: 2h, share: 70, stages: {checking: 20, fetching: 30, validating: 20, retrying: 10}}
  odd: {slow: {share: 30, factor: 3}, clock: {share: 40, skew: -1h, drift: {from: -90000, to: 60000}}}
groups:
  - name: lamps
    count: 60
    secured: 0
    behaviours: {success: 5, no-update: 2, failure: 1, reboot-success: 2}
    ramp-up: {over: 2m}
    waves: [{at: 3m, share: 30}, {at: 10m, spread: 5m}]
    faults: [radio, cuts, grid, odd]
  - name: locks
    count: 41
    addresses: [{first: 127.9.0.1, count: 20}, {first: "fd00::1"}]
    secured: 0
    autonomous: [{at: 33m, spread: 3m, share: 50, starts: V+U}]
    faults: [grid, radio]
`

// TestTheSameFileIsTheSameRun checks that a file and its seed decide over all faults and
// ends, and that another seed decides otherwise.
func TestTheSameFileIsTheSameRun(t *testing.T) {
	first := play(t, rough, fleetfile.Shard{}, "")
	again := play(t, rough, fleetfile.Shard{}, "")
	if !slices.Equal(first.ends, again.ends) || sorted(first.record) != sorted(again.record) {
		t.Errorf("the second run differs: %v and %v\n%s", first.tail, again.tail, differing(first.record, again.record))
	}
	for _, kind := range []string{"loss", "partition", "delay", "duplicate", "reorder", "corrupt", "crash", "power-loss", "source-outage"} {
		if first.tail.Faults[kind] == 0 {
			t.Errorf("there was no %s: %v", kind, first.tail.Faults)
		}
	}
	if len(first.tail.States.Devices) < 3 {
		t.Errorf("all Devices ended alike: %v", first.tail.States)
	}
	other := play(t, strings.Replace(rough, "seed: 11", "seed: 12", 1), fleetfile.Shard{}, "")
	if maps.Equal(first.tail.Faults, other.tail.Faults) {
		t.Errorf("seed 12 has the faults of seed 11: %v", other.tail.Faults)
	}
}

// sorted is a record without its head, in an order that does not depend on what was
// written first of what happened at the same time.
func sorted(record string) string {
	lines := strings.Split(record, "\n")[1:]
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// differing are lines that only one of two records has.
func differing(a, b string) string {
	in := map[string]int{}
	for line := range strings.Lines(a) {
		in[line]++
	}
	for line := range strings.Lines(b) {
		in[line]--
	}
	var all []string
	for line, n := range in {
		if n != 0 {
			all = append(all, line)
		}
	}
	slices.Sort(all)
	return strings.Join(all[:min(len(all), 20)], "")
}

// TestHalvesAreTheWhole checks that two processes that each run a half have the faults and
// ends of one that runs the whole.
func TestHalvesAreTheWhole(t *testing.T) {
	whole := play(t, rough, fleetfile.Shard{}, "")
	one, two := play(t, rough, fleetfile.Shard{K: 1, N: 2}, ""), play(t, rough, fleetfile.Shard{K: 2, N: 2}, "")
	if ends := append(one.ends, two.ends...); !slices.Equal(ends, whole.ends) {
		for i := range ends {
			if ends[i] != whole.ends[i] {
				t.Errorf("Device %d ended %q, and in the whole %q", i, ends[i], whole.ends[i])
			}
		}
	}
	if sum := one.tail.States.Plus(two.tail.States); !sum.Equal(whole.tail.States) {
		t.Errorf("the halves end\n%v and the whole\n%v", sum, whole.tail.States)
	}
	faults := maps.Clone(one.tail.Faults)
	for kind, n := range two.tail.Faults {
		faults[kind] += n
	}
	if !maps.Equal(faults, whole.tail.Faults) {
		t.Errorf("the halves have the faults %v, and the whole %v", faults, whole.tail.Faults)
	}
}

// TestARecordReplays checks that a record brings the same faults and ends, and that it is
// the record, not the seed, that does.
func TestARecordReplays(t *testing.T) {
	first := play(t, rough, fleetfile.Shard{}, "")
	again := play(t, rough, fleetfile.Shard{}, first.record)
	if !slices.Equal(first.ends, again.ends) || !first.tail.States.Equal(again.tail.States) {
		t.Errorf("the replay ends\n%v and the run did\n%v", again.tail.States, first.tail.States)
	}
	if sorted(first.record) != sorted(again.record) {
		t.Errorf("the replay has other faults: %v, not %v\n%s", again.tail.Faults, first.tail.Faults, differing(first.record, again.record))
	}
	head, _, _ := strings.Cut(first.record, "\n")
	none := play(t, rough, fleetfile.Shard{}, head+"\n")
	if len(none.tail.Faults) != 0 || slices.Equal(first.ends, none.ends) {
		t.Errorf("a record without faults has %v, and ends\n%v", none.tail.Faults, none.tail.States)
	}
}

// TestRecordsThatDoNotFit checks what is told of records of other runs and of files that are
// none.
func TestRecordsThatDoNotFit(t *testing.T) {
	plan, err := fleetfile.Parse("x.yaml", []byte("groups: [{name: a, count: 4}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	c := fortune.Config{Plan: plan}
	head := `{"event":"run","schema":"ocfsim.fleet-run/1","sum":"` + plan.Sum + `","seed":1,"shard":"1/1","devices":4}` + "\n"
	for text, want := range map[string]string{
		"":                            "r: it is empty",
		"{}\n":                        "r:1:1: expected the head of a record of form ocfsim.fleet-run/1",
		head + "x\n":                  "r:2:1: expected a fault, a deed or the end of the run: invalid",
		head + `{"event":"x"}` + "\n": `r:2:1: expected a fault, a deed or the end of the run, got "x"`,
		head + `{"event":"fault","kind":"flood"}` + "\n":                           `r:2:1: unknown kind of fault "flood"`,
		head + `{"event":"fault","kind":"loss","way":"up"}` + "\n":                 `r:2:1: expected a way of [in out secured-in secured-out] and two copies at most, got "up" and 0`,
		head + `{"event":"end"}` + "\n" + `{"event":"fault","kind":"loss"}` + "\n": "r:3:1: expected nothing behind the end of the run",
		strings.Replace(head, `"seed":1`, `"seed":2`, 1):                           "it is of seed 2, and the run has seed 1",
		strings.Replace(head, `"shard":"1/1"`, `"shard":"1/2"`, 1):                 "it is of shard 1/2, and the run is of shard 1/1",
		strings.Replace(head, plan.Sum, strings.Repeat("0", 64), 1):                "it is of another fleet file, or the file has changed",
	} {
		r, err := fortune.ReadFaults("r", strings.NewReader(text))
		if err == nil {
			err = r.Head.Fits(c)
		}
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}
