package fleet_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/memnet"
	"github.com/ocfsim/ocfsim/sim/store"
)

// A fleet that opens a state directory has the state that an earlier fleet left
// there.
func TestState(t *testing.T) {
	st := kept(t, filepath.Join(t.TempDir(), "state"))
	keep := func(c *fleet.Config) { c.Store = st }
	inWorld(t, memnet.Impairment{}, keep, func(w *world) {
		w.wish("127.1.0.1", "update-available")
		w.wish("127.1.0.1", "autonomous-update")
		w.expect(0, time.Minute, "tm=- cm=U")
		w.wish("127.1.0.2", "hold")
		w.dial("127.1.0.2:5683").want(startV, "60 44 0002")
		w.expect(1, time.Second, "tm=V cm=-")
	})
	inWorld(t, memnet.Impairment{}, keep, func(w *world) {
		w.expect(0, 0, "tm=- cm=U")
		if v := w.fleet.Version(0); v != "1.0.1" {
			t.Errorf("version %s", v)
		}
		w.expect(1, 0, "tm=V cm=-") // it starts again
		w.expect(1, time.Minute, "tm=- cm=V")
		w.expect(2, 0, "tm=- cm=-")
	})
}

// kept opens a store in a folder of the test.
func kept(t *testing.T, dir string) *store.Store {
	t.Helper()
	st, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	return st
}

// A record that can't be read costs its Device, which starts anew and is told of in the
// log. The others have their state.
func TestADamagedRecordCostsOneDevice(t *testing.T) {
	st := &faulty{Store: kept(t, t.TempDir())}
	keep := func(c *fleet.Config) { c.Store = st }
	var first ocf.UUID
	inWorld(t, memnet.Impairment{}, keep, func(w *world) {
		first = w.fleet.ID(0)
		w.wish("", "update-available")
		w.wish("", "autonomous-update")
		w.expect(2, time.Minute, "tm=- cm=U")
	})
	st.damaged = first
	var log bytes.Buffer
	inWorld(t, memnet.Impairment{}, func(c *fleet.Config) {
		keep(c)
		c.Log = slog.New(slog.NewTextHandler(&log, nil))
	}, func(w *world) {
		w.expect(0, 0, "tm=- cm=-")
		w.expect(1, 0, "tm=- cm=U")
		w.expect(2, 0, "tm=- cm=U")
	})
	if got := log.String(); strings.Count(got, "a Device starts anew") != 1 || !strings.Contains(got, first.String()) {
		t.Errorf("the log says %s", got)
	}
}

// A write whose change can't be saved is answered 5.00, and so is its duplicate. What
// changes nothing is answered as always. Once the disk takes writes again, nothing is
// missing from it.
func TestAWriteThatCantBeSaved(t *testing.T) {
	st := &faulty{Store: kept(t, t.TempDir())}
	keep := func(c *fleet.Config) { c.Store = st }
	var log bytes.Buffer
	inWorld(t, memnet.Impairment{}, func(c *fleet.Config) {
		keep(c)
		c.Log = slog.New(slog.NewTextHandler(&log, nil))
	}, func(w *world) {
		w.wish("127.1.0.2", "hold")
		st.full = true
		p := w.dial("127.1.0.2:5683")
		p.want(startV, "60 a0 0002")
		p.want(startV, "60 a0 0002")
		p.want("40 01 0005 b3'oic' 01'd'", "60 45 0005")
		if got := w.fleet.Stats().Drops.PersistFailures; got == 0 {
			t.Error("no failure is counted")
		}
		st.full = false
		w.wish("127.1.0.2", "release")
		w.expect(1, time.Minute, "tm=- cm=V")
	})
	if !strings.Contains(log.String(), "can't be saved") || !strings.Contains(log.String(), "saved again") {
		t.Errorf("the log says %s", &log)
	}
}

// What an answer tells of is saved before the answer leaves.
func TestSavedBeforeItIsAnswered(t *testing.T) {
	st := &faulty{Store: kept(t, t.TempDir())}
	inWorld(t, memnet.Impairment{}, func(c *fleet.Config) { c.Store = st }, func(w *world) {
		w.wish("127.1.0.2", "hold")
		id := w.fleet.ID(1)
		w.dial("127.1.0.2:5683").want(startV, "60 44 0002")
		saved, ok, err := st.Load(id)
		if err != nil || !ok || saved.Running != ocf.SVV {
			t.Errorf("after the answer the store has %+v, %v, %v", saved, ok, err)
		}
	})
}

// A Device that is switched off and on again has what the store has of it, and nothing
// that could not be saved.
func TestSwitchedOnFromTheStore(t *testing.T) {
	st := &faulty{Store: kept(t, t.TempDir())}
	inWorld(t, memnet.Impairment{}, func(c *fleet.Config) { c.Store = st }, func(w *world) {
		w.wish("127.1.0.2", "hold")
		w.dial("127.1.0.2:5683").want(startV, "60 44 0002")
		st.full = true
		w.wish("127.1.0.2", "release")
		w.expect(1, time.Minute, "tm=- cm=V")
		w.fleet.SwitchOff(1)
		st.full = false
		if saved, _, err := st.Load(w.fleet.ID(1)); err != nil || saved.TM != ocf.SVV {
			t.Errorf("what a Device without power had not saved was saved: tm=%v, %v", saved.TM, err)
		}
		w.fleet.SwitchOn(1)
		w.expect(1, 0, "tm=V cm=-") // it goes on
		w.expect(1, time.Minute, "tm=- cm=V")
	})
}

// faulty is a store whose disk can be full, and one record of which can be damaged.
type faulty struct {
	*store.Store
	full    bool
	damaged ocf.UUID
}

// Save fails while the disk is full.
func (f *faulty) Save(list []fleet.Kept) error {
	if f.full {
		return errors.New("no space left on device")
	}
	return f.Store.Save(list)
}

// Load fails for the damaged record.
func (f *faulty) Load(id ocf.UUID) (sim.Saved, bool, error) {
	if id == f.damaged {
		return sim.Saved{}, false, fmt.Errorf("%w: its sum is wrong", fleet.ErrDamaged)
	}
	return f.Store.Load(id)
}

func TestConfigErrors(t *testing.T) {
	for want, change := range map[string]func(*fleet.Config){
		"devices: 0 is not between 1 and 16777216": func(c *fleet.Config) { c.Devices = 0 },
		"listen: 0.0.0.0:5683 is not the address":  func(c *fleet.Config) { c.Listen = addrPort("0.0.0.0:5683") },
		"listen: [::]:5683 is not the address":     func(c *fleet.Config) { c.Listen = addrPort("[::]:5683") },
		"listen: 224.0.1.187:5683 is not":          func(c *fleet.Config) { c.Listen = addrPort("224.0.1.187:5683") },
		"listen: there are no 3 ports from 65534":  func(c *fleet.Config) { c.PortPerDevice, c.Listen = true, addrPort("127.0.0.1:65534") },
		"IPv6 has one loopback address":            func(c *fleet.Config) { c.Listen = addrPort("[::1]:5683") },
		"model: missing":                           func(c *fleet.Config) { c.Model = nil },
		"leisure: -1s is below 0":                  func(c *fleet.Config) { c.Leisure = -time.Second },
	} {
		conn, err := memnet.New(1, memnet.Impairment{}).Wildcard(5683)
		if err != nil {
			t.Fatal(err)
		}
		c := smallConfig(t, conn)
		change(&c)
		if fl, err := fleet.Open(c); err == nil {
			_ = fl.Close()
			t.Errorf("no error, want %s", want)
		} else if !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
