package fleet_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
)

// shelf is a Store in memory that counts its commits.
type shelf struct {
	mu      sync.Mutex // of saved
	saved   map[ocf.UUID]sim.Saved
	commits atomic.Int64
}

func (s *shelf) Save(list []fleet.Kept) error {
	s.commits.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range list {
		s.saved[k.ID] = k.Saved
	}
	return nil
}

func (s *shelf) Load(id ocf.UUID) (sim.Saved, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	saved, ok := s.saved[id]
	return saved, ok, nil
}

// checking is how many Devices would check after a restart, as the store has them.
func (s *shelf) checking() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, saved := range s.saved {
		if saved.Running == ocf.SVV {
			n++
		}
	}
	return n
}

// TestWhatNobodyWasToldOfIsSavedTogether has Devices begin one after another by themselves,
// which no packet tells of, and looks at what is saved and when.
func TestWhatNobodyWasToldOfIsSavedTogether(t *testing.T) {
	const devices = 500
	open := func(st *shelf, stage func(int, sim.Stage) fleet.Strike, f func(m *motion)) {
		inMotion(t, devices, func(c *fleet.Config) { c.Store, c.Stage = st, stage }, f)
	}
	st := &shelf{saved: map[ocf.UUID]sim.Saved{}}
	open(st, nil, func(m *motion) {
		for i := range devices {
			m.fleet.Begin(i, ocf.SVV)
		}
		if st.commits.Load() > 1 {
			t.Errorf("%d commits for %d Devices that began at one time", st.commits.Load(), devices)
		}
		time.Sleep(60 * time.Millisecond) // in the bubble's time
		if n := st.checking(); n != devices || st.commits.Load() > 2 {
			t.Errorf("60 ms later %d of %d are saved, in %d commits", n, devices, st.commits.Load())
		}
	})
	st = &shelf{saved: map[ocf.UUID]sim.Saved{}}
	open(st, nil, func(m *motion) { // a condition that is answered is saved
		if _, err := m.fleet.Condition("", "autonomous-validation"); err != nil {
			t.Fatal(err)
		}
		if n := st.checking(); n != devices || st.commits.Load() > 3 {
			t.Errorf("when the condition is answered %d of %d are saved, in %d commits", n, devices, st.commits.Load())
		}
	})
	st = &shelf{saved: map[ocf.UUID]sim.Saved{}}
	open(st, nil, func(m *motion) { // so is what was before a loss of power
		m.fleet.Begin(0, ocf.SVV)
		m.fleet.Begin(1, ocf.SVV)
		m.fleet.SwitchOff(0)
		if n := st.checking(); n != 2 {
			t.Errorf("when the power goes %d of 2 are saved", n)
		}
		m.fleet.SwitchOn(0)
		if s := m.fleet.State(0); s.TM != ocf.SVV {
			t.Errorf("when the power is back tm=%v", s.TM)
		}
	})
	st = &shelf{saved: map[ocf.UUID]sim.Saved{}}
	open(st, nil, func(m *motion) { m.fleet.Begin(0, ocf.SVV) })
	if n := st.checking(); n != 1 {
		t.Errorf("when the fleet was closed %d of 1 are saved", n)
	}
	st = &shelf{saved: map[ocf.UUID]sim.Saved{}}
	open(st, func(int, sim.Stage) fleet.Strike { return fleet.Spared }, func(m *motion) { // nothing waits where power can go in a stage
		m.fleet.Begin(0, ocf.SVV)
		if n := st.checking(); n != 1 {
			t.Errorf("where power can go at once, %d of 1 are saved", n)
		}
	})
}
