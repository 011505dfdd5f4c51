package fleet_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/memnet"
	"github.com/ocfsim/ocfsim/sim/source"
)

// stranger is a source that has nothing newer, and keeps what it was asked and told.
type stranger struct {
	asked   []source.Question
	skipped []string
}

func (s *stranger) Ask(q source.Question, reply func(source.Answer)) func() {
	s.asked = append(s.asked, q)
	t := time.AfterFunc(time.Second, func() { reply(source.Answer{}) })
	return func() { t.Stop() }
}

func (s *stranger) Skip(device string, checks []string) error {
	s.skipped = append(append(s.skipped, device), checks...)
	return nil
}

// A Device with a source of its own asks that one, is told apart where conditions of the source
// are asked for, and its quirks are told to its source alone.
func TestOneDeviceHasAnotherSource(t *testing.T) {
	other := &stranger{}
	careless, err := fixtures.Deviation("digest-unchecked")
	if err != nil {
		t.Fatal(err)
	}
	behaviour, err := fixtures.Behaviour("success")
	if err != nil {
		t.Fatal(err)
	}
	model, err := sim.NewModel(sim.Config{Behaviour: behaviour, Deviations: []sim.Deviation{careless}, Speed: 1})
	if err != nil {
		t.Fatal(err)
	}
	change := func(c *fleet.Config) {
		c.Model = func(int) *sim.Model { return model }
		c.SourceOf = func(i int) fleet.Asker {
			if i == 1 {
				return other
			}
			return nil
		}
	}
	inWorld(t, memnet.Impairment{}, change, func(w *world) {
		id := w.fleet.ID(1).String()
		if want := append([]string{id}, model.Skips()...); len(want) < 2 || !slices.Equal(other.skipped, want) {
			t.Errorf("the source was told of %v, want %v", other.skipped, want)
		}
		w.wish("127.1.0.1", "hold")
		w.wish("", "autonomous-validation")
		w.expect(0, time.Minute, "tm=V cm=-")
		w.expect(1, 0, "tm=- cm=-")
		if len(other.asked) != 1 || other.asked[0].Device != id || other.asked[0].Kind != source.Check {
			t.Errorf("the source of one Device was asked %+v", other.asked)
		}
		w.wish("127.1.0.1", "release")
		w.expect(0, time.Minute, "tm=- cm=V")
		for _, condition := range []string{"update-available", "no-update", "update-fails", "hold", "release"} {
			for _, device := range []string{"127.1.0.2", ""} {
				if _, err := w.fleet.Condition(device, condition); !errors.Is(err, fleet.ErrUnsupported) {
					t.Errorf("%s of %q: %v", condition, device, err)
				}
			}
		}
		if r := w.wish("127.1.0.2", "report"); r.Checks != 0 || r.Version != "1.0.0" {
			t.Errorf("the report of a source that nobody here has seen: %+v", r)
		}
		if r := w.wish("127.1.0.1", "report"); r.Checks != 1 {
			t.Errorf("the report of the fleet's source: %+v", r)
		}
	})
}
