package fleet

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
)

// BenchmarkVirtualTime has a million Devices start checks of their own again and again, in
// virtual time: each Due goes through the wheel and the state machine. It reports the CPU
// time of an event.
func BenchmarkVirtualTime(b *testing.B) {
	const devices = 1_000_000
	m, err := sim.NewModel(sim.Config{Behaviour: sim.Behaviour{
		Name: "busy", Ends: "success", Source: sim.Patience{Timeout: time.Minute},
		Validation: sim.Validation{Takes: time.Second}, Announce: 100 * time.Millisecond, Jitter: 20,
	}})
	if err != nil {
		b.Fatal(err)
	}
	sh, slots := new(shard), make([]slot, devices)
	var effects []sim.Effect
	events := 0
	apply := func(s *slot, ev sim.Event) {
		ev.At = sh.mu.at
		effects = s.device.Apply(&ev, effects[:0])
		events++
		for i := 0; i < len(effects); i++ {
			switch e := &effects[i]; e.Kind {
			case sim.Wake:
				sh.alarm.set(&s.wake, sh.now()+max(e.After, 0), s)
			case sim.AskSource: // the source answers at once
				answer := sim.Event{Kind: sim.SourceAnswer, At: sh.mu.at, Answer: sim.Answer{Ask: e.Ask.Number, Available: true}}
				effects = s.device.Apply(&answer, effects)
				events++
			}
		}
	}
	for i := range slots {
		s := &slots[i]
		s.index, s.device = int32(i), m.Device(ocf.UUID{byte(i), byte(i >> 8), byte(i >> 16)}, uint64(i))
		s.device.Start(0, nil)
		apply(s, sim.Event{Kind: sim.Autonomous, Bits: ocf.SVV})
	}
	events = 0
	began := used(b, unix.RUSAGE_SELF)
	for b.Loop() {
		at, _ := sh.alarm.next()
		sh.mu.at = at
		for owner := sh.alarm.due(at); owner != nil; owner = sh.alarm.due(at) {
			s := owner.(*slot)
			apply(s, sim.Event{Kind: sim.Due})
			if !s.wake.isSet() { // the check has ended
				apply(s, sim.Event{Kind: sim.Autonomous, Bits: ocf.SVV})
			}
		}
	}
	b.ReportMetric(float64((used(b, unix.RUSAGE_SELF)-began).Nanoseconds())/float64(events), "cpu-ns/event")
}
