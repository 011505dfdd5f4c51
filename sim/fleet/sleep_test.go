package fleet_test

import (
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

// TestADeviceSleeps sends to a Device while it is awake and while it sleeps: it hears
// something for 2 s after it last heard or sent something, and for 2 s each minute.
func TestADeviceSleeps(t *testing.T) {
	sleepy := sim.Messages{Sleep: sim.Sleep{Every: time.Minute, Awake: 2 * time.Second}}
	inWorld(t, memnet.Impairment{}, passing(t, sleepy), func(w *world) {
		began := time.Now()
		p := w.dial("127.1.0.2:5683")
		p.want("40 00 0001", "70 00 0001") // it begins awake; a knock is answered
		time.Sleep(1900 * time.Millisecond)
		p.want("40 00 0002", "70 00 0002") // which kept it awake
		time.Sleep(1900 * time.Millisecond)
		p.want("40 00 0003", "70 00 0003") // beyond the 2 s of the minute
		time.Sleep(2 * time.Second)
		p.send("40 00 0004")
		p.quiet(10 * time.Second)
		time.Sleep(50 * time.Second) // it woke by itself, a minute after the beginning
		p.send("40 00 0005")
		p.quiet(3 * time.Second) // and fell asleep again
		if got := w.fleet.Stats().Drops.Asleep; got != 2 {
			t.Errorf("%d datagrams came in its sleep, want 2", got)
		}
		time.Sleep(time.Minute - time.Since(began)%time.Minute)
		p.want("40 00 0006", "70 00 0006")
	})
}

// TestASleepThatCannotBe refuses a Device that would never be awake, or always.
func TestASleepThatCannotBe(t *testing.T) {
	for _, sleep := range []sim.Sleep{{Every: time.Second}, {Every: time.Second, Awake: time.Second}, {Every: -1, Awake: -2}} {
		b := behaviour
		b.Messages.Sleep = sleep
		if _, err := sim.NewModel(sim.Config{Behaviour: b}); err == nil {
			t.Errorf("%+v is taken", sleep)
		}
	}
}
