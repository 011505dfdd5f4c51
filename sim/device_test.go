package sim_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
)

func newModel(t testing.TB, behaviour string, speed float64) *sim.Model {
	t.Helper()
	b, err := fixtures.Behaviour(behaviour)
	if err != nil {
		t.Fatal(err)
	}
	m, err := sim.NewModel(sim.Config{Behaviour: b, Speed: speed})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestSize(t *testing.T) {
	if size := unsafe.Sizeof(sim.Device{}); size > 64 {
		t.Errorf("a Device takes %d bytes, 64 are the aim", size)
	}
}

// A GET is the request that a million Devices get most often.
func TestGetAllocatesNothing(t *testing.T) {
	d := newModel(t, "success", 1).Device(ocf.UUID{1}, 1)
	effects := d.Start(0, make([]sim.Effect, 0, 8))
	payload := make([]byte, 0, 1024)
	for _, path := range []string{ocf.PathPstat, ocf.PathRes, ocf.PathD, ocf.PathP, ocf.PathDoxm, ocf.PathCore} {
		ev := &sim.Event{Kind: sim.Get, Request: sim.Request{Path: strings.Clone(path)}}
		if n := testing.AllocsPerRun(100, func() { effects = d.Apply(ev, effects[:0]) }); n != 0 {
			t.Errorf("GET %s allocates %v times", path, n)
		}
	}
	rep := sim.Rep{Path: ocf.PathPstat, State: d.State()}
	if n := testing.AllocsPerRun(100, func() { payload = d.Encode(payload[:0], rep, nil) }); n != 0 {
		t.Errorf("encoding pstat allocates %v times", n)
	}
}

// A refused write changes nothing at all, whether the Device is idle or busy.
func TestRefusedWritesChangeNothing(t *testing.T) {
	cbor := func(text string) []byte { return []byte(text) }
	bad := map[string][]byte{
		"empty":             nil,
		"not a map":         cbor("\x81\x01"),
		"tm negative":       cbor("\xa1\x62tm\x20"),
		"tm 65536":          cbor("\xa1\x62tm\x1a\x00\x01\x00\x00"),
		"tm 2^63":           cbor("\xa1\x62tm\x1b\x80\x00\x00\x00\x00\x00\x00\x00"),
		"tm 64.0":           cbor("\xa1\x62tm\xfb\x40\x50\x00\x00\x00\x00\x00\x00"),
		"tm text":           cbor("\xa1\x62tm\x6264"),
		"tm true":           cbor("\xa1\x62tm\xf5"),
		"tm null":           cbor("\xa1\x62tm\xf6"),
		"tm array":          cbor("\xa1\x62tm\x81\x18\x40"),
		"tm missing":        cbor("\xa1\x62tm"),
		"tm twice":          cbor("\xa2\x62tm\x18\x40\x62tm\x18\x80"),
		"tm reserved":       cbor("\xa1\x62tm\x19\x01\x40"),
		"tm and unknown":    cbor("\xa2\x62tm\x18\x40\x63tmx\x01"),
		"tm and cm":         cbor("\xa2\x62tm\x18\x40\x62cm\x00"),
		"tm and isop":       cbor("\xa2\x62tm\x18\x40\x64isop\xf5"),
		"tm and sm":         cbor("\xa2\x62tm\x18\x40\x62sm\x04"),
		"tm and wrong om":   cbor("\xa2\x62tm\x18\x40\x62om\x02"),
		"tm and dos.p":      cbor("\xa2\x62tm\x18\x40\x63dos\xa1\x61p\xf4"),
		"tm and RESET":      cbor("\xa2\x62tm\x18\x40\x63dos\xa1\x61s\x00"),
		"tm and RFOTM":      cbor("\xa2\x62tm\x18\x40\x63dos\xa1\x61s\x01"),
		"tm and dos.s 5":    cbor("\xa2\x62tm\x18\x40\x63dos\xa1\x61s\x05"),
		"tm and rt":         cbor("\xa2\x62tm\x18\x40\x62rt\x81\x61x"),
		"bytes behind":      cbor("\xa1\x62tm\x18\x40\x00"),
		"key is a number":   cbor("\xa1\x01\x18\x40"),
		"cut in the middle": cbor("\xa1\x62tm\x18"),
		"nested":            append(cbor("\xa1\x62tm"), strings.Repeat("\x81", 60)...),
	}
	m := newModel(t, "success", 1)
	idle, busy := m.Device(ocf.UUID{1}, 1), m.Device(ocf.UUID{2}, 1)
	post(&busy, cbor("\xa1\x62tm\x18\x80"))
	for name, payload := range bad {
		for _, d := range []*sim.Device{&idle, &busy} {
			before := d.Save()
			effects := post(d, payload)
			if len(effects) != 1 || effects[0].Kind != sim.Respond || effects[0].Code != 0x80 {
				t.Errorf("%s: got %+v, expected a 4.00 alone", name, effects)
			}
			if d.Save() != before {
				t.Errorf("%s: the state changed from %+v to %+v", name, before, d.Save())
			}
		}
	}
}

func post(d *sim.Device, payload []byte) []sim.Effect {
	return d.Apply(&sim.Event{Kind: sim.Post, Request: sim.Request{
		Path: ocf.PathPstat, Payload: payload, Format: ocf.FormatOCFCBOR,
	}}, nil)
}

// The same seed gives the same durations, and another seed gives others, all within
// what the behaviour allows.
func TestJitter(t *testing.T) {
	m := newModel(t, "success", 1)
	takes := func(seed uint64) time.Duration {
		d := m.Device(ocf.UUID{1}, seed)
		d.Start(0, nil)
		d.Apply(&sim.Event{Kind: sim.Autonomous, Bits: ocf.SVV}, nil)
		for _, e := range d.Apply(&sim.Event{Kind: sim.SourceAnswer, Answer: sim.Answer{Ask: 1}}, nil) {
			if e.Kind == sim.Wake {
				return e.After
			}
		}
		return 0
	}
	seen := map[time.Duration]bool{}
	for seed := range uint64(1000) {
		d := takes(seed)
		if d < 1800*time.Millisecond || d > 2200*time.Millisecond {
			t.Fatalf("seed %d: a check of 2s takes %v, expected 10 percent less to 10 percent more", seed, d)
		}
		if d != takes(seed) {
			t.Fatalf("seed %d: %v, then %v", seed, d, takes(seed))
		}
		seen[d] = true
	}
	if len(seen) < 15 {
		t.Errorf("1000 seeds give %d different durations", len(seen))
	}
}

func TestRestoreIsStrict(t *testing.T) {
	d := newModel(t, "success", 1).Device(ocf.UUID{1}, 7)
	d.Apply(&sim.Event{Kind: sim.Autonomous, Bits: ocf.SVV | ocf.SSU}, nil)
	good, err := json.Marshal(d.Save())
	if err != nil {
		t.Fatal(err)
	}
	var saved sim.Saved
	if err := json.Unmarshal(good, &saved); err != nil {
		t.Fatalf("%s: %v", good, err)
	}
	for _, c := range []struct{ old, new, want string }{
		{`device/2`, `device/3`, "schema"},
		{`"tm":`, `"tmx":`, "unknown field"},
		{`"tm":192`, `"tm":-1`, "number -1"},
		{`"dos":3`, `"dos":5`, "dos"},
		{`"running":64`, `"running":192`, "running"},
		{`"running":64`, `"running":0`, "running"},
		{`"waiting":128`, `"waiting":1`, "waiting"},
		{`"version":"1.0.0"`, `"version":"2.0"`, "version"},
		{`"di":"01`, `"di":"x1`, "di"},
		{`"flags":`, `"flags":3276`, "flags"},
	} {
		text := strings.Replace(string(good), c.old, c.new, 1)
		if text == string(good) {
			t.Fatalf("%s has no %s", good, c.old)
		}
		if err := json.Unmarshal([]byte(text), &saved); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, expected one that names %s", text, err, c.want)
		}
	}
}

func TestBounds(t *testing.T) {
	b := newModel(t, "dos-excursion-sreset", 100).Bounds()
	if want := []ocf.DOS{ocf.SRESET, ocf.RFPRO, ocf.RFNOP}; !reflect.DeepEqual(b.DOS, want) {
		t.Errorf("got the path %v, expected %v", b.DOS, want)
	}
	if b.Reboots || b.Autonomous {
		t.Errorf("got %+v, expected neither restarts nor autonomous processes", b)
	}
	if b = newModel(t, "reboot-success", 100).Bounds(); !b.Reboots || b.Reboot < 40*time.Millisecond || b.Reboot > time.Second {
		t.Errorf("got reboots=%v of %v, expected restarts of a little more than 40ms", b.Reboots, b.Reboot)
	}
	if b = newModel(t, "autonomous", 100).Bounds(); !b.Autonomous {
		t.Error("a Device that updates by itself does not declare it")
	}
	if b = newModel(t, "catastrophic-reset", 100).Bounds(); len(b.Breaks) == 0 || len(b.DOS) != 0 {
		t.Errorf("got %+v, expected broken requirements and no declared path", b)
	}
}

func TestMix(t *testing.T) {
	m, err := sim.ParseMix("success=70,no-update=20,failure=10")
	if err != nil {
		t.Fatal(err)
	}
	count := make([]int, len(m))
	for i := range uint64(10000) {
		choice := m.Choose(42, i)
		if choice != m.Choose(42, i) {
			t.Fatal("the choice is not the same twice")
		}
		count[choice]++
	}
	for i, share := range m {
		if want := share.Weight * 100; count[i] < want*9/10 || count[i] > want*11/10 {
			t.Errorf("%s: got %d of 10000, expected about %d", share.Name, count[i], want)
		}
	}
	if one, err := sim.ParseMix("stalled"); err != nil || len(one) != 1 || one.Choose(1, 1) != 0 {
		t.Errorf("one name alone: got %v, %v", one, err)
	}
	for _, bad := range []string{"", "a=0", "a=-1", "a=x", "=5", "a=1,a=2", "a,b", "a=1,,b=2", "a=99999999999999999999"} {
		if m, err := sim.ParseMix(bad); err == nil {
			t.Errorf("%q: got %v, expected an error", bad, m)
		}
	}
}

func TestNewModelNamesTheField(t *testing.T) {
	good, err := fixtures.Behaviour("dos-excursion")
	if err != nil {
		t.Fatal(err)
	}
	for want, spoil := range map[string]func(*sim.Config){
		"speed":               func(c *sim.Config) { c.Speed = -1 },
		"name":                func(c *sim.Config) { c.Behaviour.Name = "" },
		"ends":                func(c *sim.Config) { c.Behaviour.Ends = "well" },
		"jitter":              func(c *sim.Config) { c.Behaviour.Jitter = 91 },
		"source.timeout":      func(c *sim.Config) { c.Behaviour.Source.Timeout = 0 },
		"source.retries":      func(c *sim.Config) { c.Behaviour.Source.Retries = 11 },
		"source.retry-after":  func(c *sim.Config) { c.Behaviour.Source.RetryAfter = -1 },
		"validation.takes":    func(c *sim.Config) { c.Behaviour.Validation.Takes = -1 },
		"announce":            func(c *sim.Config) { c.Behaviour.Announce = -1 },
		"power.off":           func(c *sim.Config) { c.Behaviour.Power.Off = -1 },
		"power.update":        func(c *sim.Config) { c.Behaviour.Power.Update = "?" },
		"update.steps.1.dos":  func(c *sim.Config) { c.Behaviour.Update.Steps[1].DOS = "RFNOT" },
		"update.steps.0.when": func(c *sim.Config) { c.Behaviour.Update.Steps[0].When = "no-update" },
		"autonomous.starts.0": func(c *sim.Config) {
			c.Behaviour.Autonomous = &sim.Schedule{After: 1, Every: 1, Starts: []string{"0x1"}}
		},
		"autonomous": func(c *sim.Config) { c.Behaviour.Autonomous = &sim.Schedule{Starts: []string{"V"}} },
		"variant bad: quirk": func(c *sim.Config) {
			c.Variant = sim.Variant{Name: "bad", Quirks: []string{"check-inverted"}}
		},
		"deviation good": func(c *sim.Config) {
			c.Deviations = []sim.Deviation{{Name: "good", Quirks: []string{"told-by-con"}}}
		},
		"unknown quirk": func(c *sim.Config) {
			c.Deviations = []sim.Deviation{{Name: "bad", Quirks: []string{"told-by-cow"}}}
		},
		"exclude each other": func(c *sim.Config) {
			c.Deviations = []sim.Deviation{{Name: "bad", Quirks: []string{"modes-text", "modes-float"}}}
		},
	} {
		c := sim.Config{Behaviour: good}
		c.Behaviour.Update.Steps = append([]sim.Step(nil), good.Update.Steps...)
		spoil(&c)
		if _, err := sim.NewModel(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, expected one that names %s", err, want)
		}
	}
}
