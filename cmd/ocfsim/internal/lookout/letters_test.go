package lookout_test

import (
	"bytes"
	"strconv"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lookout"
	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
)

// TestMasksAreInLettersOfTheEdition: bit 256 is N where the Device's edition has the availability
// check, and else a number, in what is shown of a Device, in its history and in the events. The
// Devices keep each bit that is written.
func TestMasksAreInLettersOfTheEdition(t *testing.T) {
	keeps, err := fixtures.Deviation("reserved-sticks")
	if err != nil {
		t.Fatal(err)
	}
	success, err := fixtures.Behaviour("success")
	if err != nil {
		t.Fatal(err)
	}
	var configs []sim.Config
	for _, edition := range []string{"ocf-1.0", "ocf-2.2"} {
		configs = append(configs, sim.Config{Behaviour: success, Edition: edition, Deviations: []sim.Deviation{keeps}})
	}
	kinds, err := lookout.ParseKinds([]string{"state"})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	history, events := lookout.NewHistory(3), (*lookout.Events)(nil)
	inWorldOf(t, 2, configs, func() []lookout.Sink {
		events = lookout.NewEvents(&out, kinds, 0)
		return []lookout.Sink{history, events}
	}, func(w *world) {
		events.Begin(w.roster, lookout.NewMeter(w.roster, w.board))
		server := lookout.NewServer(w.roster, w.board, nil, history)
		for i, want := range []string{"V+0x100", "V+N"} {
			w.request(i, ocf.SVV|ocf.NSA, 10*time.Millisecond)
			if d, found := server.Show(strconv.Itoa(i)); !found || d.TM != want || len(d.History) == 0 || d.History[0].TM != want {
				t.Errorf("Device %d shows %+v, want tm=%s", i, d, want)
			}
		}
		if err := events.Close(); err != nil {
			t.Error(err)
		}
		for i, want := range []string{"V+0x100", "V+N"} {
			if l := linesOf(t, out.String())[i]; *l.Device != i || l.TM != want {
				t.Errorf("told tm=%s of Device %d, want %s", l.TM, *l.Device, want)
			}
		}
	})
}
