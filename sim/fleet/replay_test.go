package fleet_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

// player is a Replay that does what a test says.
type player struct {
	hears    func(fleet.Heard) fleet.Played
	arranges func(fleet.Arranged) fleet.Played
	meets    func(fleet.Met) fleet.Admission
}

func (p *player) Meets(m fleet.Met) fleet.Admission {
	if p.meets == nil {
		return fleet.AsTheDevice
	}
	return p.meets(m)
}

func (p *player) Hears(h fleet.Heard) fleet.Played {
	if p.hears == nil {
		return fleet.Played{}
	}
	return p.hears(h)
}

func (p *player) Arranges(a fleet.Arranged) fleet.Played {
	if p.arranges == nil {
		return fleet.Played{}
	}
	return p.arranges(a)
}

// inReplay runs f against a fleet whose Devices' place is taken by p.
func inReplay(t *testing.T, p *player, f func(w *world)) {
	t.Helper()
	inWorld(t, memnet.Impairment{}, func(c *fleet.Config) { c.Replay = p }, f)
}

// forbidden answers a request in the ACK with 4.03.
func forbidden(h fleet.Heard) fleet.Saying {
	return fleet.Saying{Line: h.Line, Data: []byte{0x60, 0x83, h.Data[2], h.Data[3]}, Answers: true}
}

const request = " a162'tm'1840"

func TestAReplayRefusesInTheDevicesPlace(t *testing.T) {
	asked := 0
	p := &player{hears: func(h fleet.Heard) fleet.Played {
		asked++
		return fleet.Played{Known: true, Withheld: true, Says: []fleet.Saying{forbidden(h)}}
	}}
	inReplay(t, p, func(w *world) {
		c := w.dial("127.1.0.2:5683")
		for range 2 { // the second datagram is the first one again
			c.want("40 02 0001"+pstat+"12 2710 ff"+request, "60 83 0001")
		}
		w.expect(1, 0, "tm=- cm=-")
	})
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
}

func TestAReplayAnswersAndTheDeviceActs(t *testing.T) {
	p := &player{hears: func(h fleet.Heard) fleet.Played {
		return fleet.Played{Known: true, Says: []fleet.Saying{forbidden(h)}}
	}}
	inReplay(t, p, func(w *world) {
		c := w.dial("127.1.0.2:5683")
		c.want("40 02 0001"+pstat+"12 2710 ff"+request, "60 83 0001")
		w.expect(1, 0, "tm=V cm=-")
		if got := c.receive(); got != nil {
			t.Errorf("the Device itself said %x", got)
		}
	})
}

func TestWhatAReplaySaysLater(t *testing.T) {
	for name, c := range map[string]struct {
		then fleet.Pending
		want time.Duration // when it is said; 0: never
	}{"keeps": {fleet.Keeps, 5 * time.Second}, "hurries": {fleet.Hurries, 2 * time.Second}, "forgets": {fleet.Forgets, 0}} {
		t.Run(name, func(t *testing.T) {
			p := &player{
				hears: func(h fleet.Heard) fleet.Played {
					return fleet.Played{Known: true, Says: []fleet.Saying{{After: 5 * time.Second, Line: h.Line, Data: []byte("later")}}}
				},
				arranges: func(fleet.Arranged) fleet.Played { return fleet.Played{Pending: c.then} },
			}
			inReplay(t, p, func(w *world) {
				began, client := time.Now(), w.dial("127.1.0.2:5683")
				client.send("40 01 0001" + pstat)
				time.Sleep(2 * time.Second) // in the bubble's time
				w.wish("127.1.0.2", "hold")
				got := client.receive()
				switch at := time.Since(began); {
				case c.want == 0 && got != nil:
					t.Errorf("said %q", got)
				case c.want > 0 && (!bytes.Equal(got, []byte("later")) || at != c.want):
					t.Errorf("said %q after %v, want %v", got, at, c.want)
				}
			})
		})
	}
}

func TestAReplayReportsAndRefusesConditions(t *testing.T) {
	p := &player{arranges: func(a fleet.Arranged) fleet.Played {
		if a.Condition == "hold" {
			return fleet.Played{Unsupported: true}
		}
		return fleet.Played{Report: &fleet.SourceReport{Checks: 41 + a.Report.Checks, Version: "7"}}
	}}
	inReplay(t, p, func(w *world) {
		if got := w.wish("127.1.0.2", "report"); got != (fleet.SourceReport{Checks: 41, Version: "7"}) {
			t.Errorf("%+v", got)
		}
		if _, err := w.fleet.Condition("127.1.0.2", "hold"); !errors.Is(err, fleet.ErrUnsupported) {
			t.Errorf("hold: %v", err)
		}
	})
}

func TestAReplayAnswersWhileTheDeviceRestarts(t *testing.T) {
	p := &player{hears: func(h fleet.Heard) fleet.Played {
		return fleet.Played{Known: true, Says: []fleet.Saying{forbidden(h)}}
	}}
	inReplay(t, p, func(w *world) {
		w.wish("127.1.0.2", "reboot")
		c := w.dial("127.1.0.2:5683")
		c.want("40 01 0001"+pstat, "60 83 0001")
		w.fleet.SwitchOff(1)
		c.want("40 01 0002"+pstat, "")
	})
}
