package fleet_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

// audience writes down what a fleet tells it.
type audience struct {
	wants fleet.Wanted
	heard []string
	last  map[int]sim.Standing
}

func (a *audience) Wants() fleet.Wanted { return a.wants }

func (a *audience) Stands(i int, _ time.Duration, s sim.Standing) {
	if a.last == nil {
		a.last = map[int]sim.Standing{}
	}
	if a.last[i] == s {
		return
	}
	a.last[i] = s
	a.heard = append(a.heard, fmt.Sprintf("%d runs %v, tm=%v cm=%v %v, down %v", i, s.Running, s.TM, s.CM, s.DOS, s.Down))
}

func (a *audience) Asked(q fleet.Asked) {
	a.heard = append(a.heard, strings.TrimSpace(fmt.Sprintf("%d %s %x: %x %s %s", q.Device, q.Path, q.Method, q.Code, q.Asks, q.Why)))
}

func (a *audience) Session(time.Duration, fleet.Sight) {}

// TestAWatcherIsTold: it is told of what it wants, in the order in which it happens.
func TestAWatcherIsTold(t *testing.T) {
	const writeCM = "40 02 0003" + pstat + "12 2710 ff a162'cm'1840"
	refused := "1 /oic/sec/pstat 2: 80 cm=V read-only: cm"
	for _, c := range []struct {
		name  string
		wants fleet.Wanted
		want  []string
	}{
		{"little", 0, []string{
			"1 /oic/sec/pstat 2: 44", "1 runs V, tm=V cm=- RFNOP, down false", "1 /oic/sec/pstat 2: 80",
			"1 runs V, tm=V cm=V RFNOP, down false", "1 runs -, tm=- cm=V RFNOP, down false",
		}},
		{"all", fleet.Reads | fleet.Details, []string{
			"1 /oic/sec/pstat 2: 44 tm=V", "1 runs V, tm=V cm=- RFNOP, down false", refused, "1 /oic/sec/pstat 1: 45",
			"1 runs V, tm=V cm=V RFNOP, down false", "1 runs -, tm=- cm=V RFNOP, down false",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := &audience{wants: c.wants}
			inWorld(t, memnet.Impairment{}, func(f *fleet.Config) { f.Watch = a }, func(w *world) {
				a.heard = nil
				p := w.dial("127.1.0.2:5683")
				p.want(startV, "60 44 0002")
				p.want(writeCM, "60 80 0003")
				p.send("40 01 0004" + pstat)
				p.receive()
				time.Sleep(time.Second)
			})
			if got := strings.Join(a.heard, "\n"); got != strings.Join(c.want, "\n") {
				t.Errorf("heard\n%s\nwant\n%s", got, strings.Join(c.want, "\n"))
			}
		})
	}
}

// TestAWatcherIsToldOfPower: whoever takes the power, the Device is down and comes up.
func TestAWatcherIsToldOfPower(t *testing.T) {
	a := &audience{}
	inWorld(t, memnet.Impairment{}, func(f *fleet.Config) { f.Watch = a }, func(w *world) {
		a.heard = nil
		if _, err := w.fleet.Condition("127.1.0.1", "reboot"); err != nil {
			t.Fatal(err)
		}
		if !w.fleet.Look(0).Down {
			t.Error("a Device that restarts is not down")
		}
		time.Sleep(5 * time.Second)
		w.fleet.SwitchOff(1)
		w.fleet.SwitchOn(1)
		if w.fleet.Look(0).Down || w.fleet.Look(1).Down {
			t.Error("a Device is down that has its power back")
		}
	})
	var downs []string
	for _, line := range a.heard {
		downs = append(downs, line[:1]+line[strings.LastIndex(line, " "):])
	}
	if got, want := strings.Join(downs, ", "), "0 true, 0 false, 1 true, 1 false"; got != want {
		t.Errorf("heard %s, want %s", got, want)
	}
}

// TestAWatcherIsToldInLetters: what a write asks for is in the letters of the Device's edition.
func TestAWatcherIsToldInLetters(t *testing.T) {
	for edition, want := range map[string]string{"ocf-2.2": "tm=N", "ocf-1.0": "tm=0x100"} {
		a := &audience{wants: fleet.Details}
		inWorld(t, memnet.Impairment{}, func(f *fleet.Config) {
			f.Watch = a
			m, err := sim.NewModel(sim.Config{Behaviour: behaviour, Edition: edition})
			if err != nil {
				t.Fatal(err)
			}
			f.Model = func(int) *sim.Model { return m }
		}, func(w *world) {
			w.dial("127.1.0.2:5683").send("40 02 0002" + pstat + "12 2710 ff a162'tm'190100")
			time.Sleep(100 * time.Millisecond)
		})
		if got := strings.Join(a.heard, "\n"); !strings.Contains(got, want+" ") && !strings.Contains(got, want+"\n") {
			t.Errorf("%s: heard\n%s\nwant %s", edition, got, want)
		}
	}
}
