package fleet_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

// notebook is a Journal that keeps what it is told.
type notebook struct{ entries []fleet.Entry }

func (n *notebook) Enter(e fleet.Entry) {
	if e.Event != nil {
		ev := *e.Event
		ev.Request.Payload = slices.Clone(ev.Request.Payload)
		e.Event = &ev
	}
	n.entries = append(n.entries, e)
}

// kinds are what was told of a Device, one letter each: A for Applied, S for Started, L for
// LostPower.
func (n *notebook) kinds(device int) string {
	text := ""
	for _, e := range n.entries {
		if e.Device == device {
			text += " ASL"[e.Kind : e.Kind+1]
		}
	}
	return text
}

// TestAJournalHasWhatChangesDevices checks what a Journal is told of a write, a read, a source's
// answer, timers and the power, and that a fleet that repeats it is as the first was after each.
func TestAJournalHasWhatChangesDevices(t *testing.T) {
	var notes notebook
	inWorld(t, memnet.Impairment{}, func(c *fleet.Config) { c.Journal = &notes }, func(w *world) {
		c := w.dial("127.1.0.2:5683")
		c.send("40 01 0001" + pstat)
		c.send("40 02 0002" + pstat + "12 2710 ff" + request)
		time.Sleep(time.Minute) // in the bubble's time
		w.expect(1, 0, "tm=- cm=V")
		w.fleet.SwitchOff(1)
		w.fleet.SwitchOn(1)
		w.fleet.Begin(1, ocf.SSU)
		w.fleet.Restart(1)
	})
	if kinds := notes.kinds(1); kinds != "AAAALSAAAA" || notes.kinds(0) != "" || notes.entries[0].Event.Kind != sim.Post || notes.entries[0].Peer.Port() == 0 {
		t.Fatalf("%q of the Device, %q of another one, first %+v", kinds, notes.kinds(0), notes.entries)
	}
	inWorld(t, memnet.Impairment{}, func(c *fleet.Config) { c.Rerun = true }, func(w *world) {
		for i, e := range notes.entries {
			is := w.fleet.Repeat(e)
			if is.State != e.State || is.Version != e.Version || is.Off != e.Off {
				t.Errorf("entry %d: the Device is %+v, and was %+v", i, is, e)
			}
		}
		time.Sleep(time.Hour)
		if last := notes.entries[len(notes.entries)-1]; w.fleet.State(1) != last.State {
			t.Errorf("the Device has gone on by itself: %+v", w.fleet.State(1))
		}
	})
}

// TestARerunTakesNothingFromOutside checks that Clients can read the Devices of a rerun, and that
// neither they nor a harness can change them.
func TestARerunTakesNothingFromOutside(t *testing.T) {
	inWorld(t, memnet.Impairment{}, func(c *fleet.Config) { c.Rerun = true }, func(w *world) {
		c := w.dial("127.1.0.2:5683")
		c.send("40 01 0001" + pstat)
		if got := c.receive(); len(got) < 2 || got[1] != 0x45 {
			t.Errorf("a GET is answered %x", got)
		}
		c.send("40 02 0002" + pstat + "12 2710 ff" + request)
		if got := c.receive(); len(got) < 2 || got[1] != 0xa3 {
			t.Errorf("a POST is answered %x, want 5.03", got)
		}
		w.expect(1, 0, "tm=- cm=-")
		if _, err := w.fleet.Condition("127.1.0.2", "reboot"); !errors.Is(err, fleet.ErrUnsupported) {
			t.Errorf("reboot: %v", err)
		}
		if _, err := w.fleet.Condition("127.1.0.2", "report"); err != nil {
			t.Errorf("report: %v", err)
		}
	})
}
