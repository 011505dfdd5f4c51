package lookout_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lookout"
	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/source"
)

// chronicleOf has 40 virtual Devices check one after another, a tenth of a second apart, and
// returns what is told of it, as briefs with the virtual time.
func chronicleOf(t *testing.T, only []string, rate float64) (all []string) {
	t.Helper()
	kinds, err := lookout.ParseKinds(only)
	if err != nil {
		t.Fatal(err)
	}
	b, err := fixtures.Behaviour("success")
	if err != nil {
		t.Fatal(err)
	}
	m, err := sim.NewModel(sim.Config{Behaviour: b})
	if err != nil {
		t.Fatal(err)
	}
	const devices = 40
	var out bytes.Buffer
	c := lookout.NewChronicle(&out, kinds, rate)
	board, src := lookout.NewBoard(devices, c), source.New(source.Config{})
	defer src.Close()
	f, err := fleet.Open(fleet.Config{
		Devices: devices, Listen: netip.MustParseAddrPort("127.1.0.1:5683"), Virtual: true, Source: src, Watch: board,
		Model: func(int) *sim.Model { return m },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := &lookout.Roster{Fleet: f, Virtual: true}
	c.Begin(r)
	for i := range devices {
		f.Begin(i, ocf.SVV)
		f.Pass(func() time.Duration { return time.Duration(i+1) * time.Second / 10 })
	}
	f.Pass(func() time.Duration { return time.Hour })
	if err := c.Close(lookout.NewMeter(r, board)); err != nil {
		t.Fatal(err)
	}
	for _, l := range linesOf(t, out.String()) {
		is := fmt.Sprintf("%v %s", l.At.Sub(f.Began()), brief(l))
		if l.LeftOut != nil {
			is += " " + fmt.Sprint(l.LeftOut)
		}
		if l.Summary != nil {
			is += fmt.Sprintf(" %v after %v s", l.Summary.Processes["validation"].Ended, l.Summary.UptimeS)
		}
		all = append(all, is)
	}
	return all
}

// TestAChronicleTellsAll has everything told, at the time at which it happens.
func TestAChronicleTellsAll(t *testing.T) {
	all := chronicleOf(t, nil, 0)
	for _, want := range []string{
		"0s state 0 V - RFNOP", "0s process-began 0 validation", "3.9s process-began 39 validation",
		"1h0m0s summary map[available:40] after 3600 s",
	} {
		if !slices.Contains(all, want) {
			t.Errorf("it is not told: %s", want)
		}
	}
	at := func(line string) (d time.Duration) {
		var text string
		_, _ = fmt.Sscan(line, &text)
		d, err := time.ParseDuration(text)
		if err != nil {
			t.Error(err)
		}
		return d
	}
	if !slices.IsSortedFunc(all, func(a, b string) int { return int(at(a) - at(b)) }) {
		t.Errorf("not in the order of time: %q", all)
	}
}

// TestAChroniclesRate has two events of a kind told in each second of virtual time, and those
// that are left out counted.
func TestAChroniclesRate(t *testing.T) {
	want := []string{
		"0s process-began 0 validation",
		"100ms process-began 1 validation",
		"500ms process-began 5 validation",
		"1s left-out rate map[process-began:7]",
		"1s process-began 10 validation",
		"1.5s process-began 15 validation",
		"2s left-out rate map[process-began:8]",
		"2s process-began 20 validation",
		"2.5s process-began 25 validation",
		"3s left-out rate map[process-began:8]",
		"3s process-began 30 validation",
		"3.5s process-began 35 validation",
		"4s left-out rate map[process-began:8]",
		"1h0m0s summary map[available:40] after 3600 s",
	}
	if got := chronicleOf(t, []string{"process-began"}, 2); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}
