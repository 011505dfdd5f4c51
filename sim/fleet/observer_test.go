package fleet_test

import (
	"encoding/binary"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

const (
	register = "42 01 0001 0b0e 60" + afterObserve
	startV   = "40 02 0002" + pstat + "12 2710 ff a162'tm'1840"
)

// notice is the part of a message that tests look at.
type notice struct {
	con    bool
	code   byte
	mid    uint16
	number int // Observe number, -1 for none
	raw    []byte
}

// note reads a message that has a token of 2 bytes.
func note(t testing.TB, data []byte) notice {
	t.Helper()
	if len(data) < 6 {
		t.Fatalf("no message: %x", data)
	}
	n := notice{con: data[0]>>4&3 == 0, code: data[1], mid: binary.BigEndian.Uint16(data[2:]), number: -1, raw: data}
	if rest := data[6:]; len(rest) > 0 && rest[0]>>4 == 6 {
		n.number = 0
		for _, b := range rest[1 : 1+rest[0]&15] {
			n.number = n.number<<8 | int(b)
		}
	}
	return n
}

func TestObserve(t *testing.T) {
	inWorld(t, memnet.Impairment{}, nil, func(w *world) {
		p, q := w.dial("127.1.0.2:5683"), w.dial("127.1.0.2:5683")
		first := note(t, p.want(register, "62 45 0001 0b0e 61"))
		q.want(startV, "60 44 0002")
		last, states := first.number, 0
		for {
			data := p.receiveWithin(5 * time.Second)
			if data == nil {
				break
			}
			n := note(t, data)
			if n.con || n.code != 0x45 || n.number <= last {
				t.Errorf("notification %x after number %d", data, last)
			}
			last = n.number
			states++
		}
		if states != 3 { // tm=V cm=-, tm=V cm=V, tm=- cm=V
			t.Errorf("%d notifications, want 3", states)
		}
		if got := q.receiveWithin(time.Second); got != nil {
			t.Errorf("who does not observe got %x", got)
		}
		if s := w.fleet.Stats(); s.Notifications != 3 || s.Observers != 1 {
			t.Errorf("%+v", s)
		}
	})
}

// TestObserveEnds covers the ways in which an observation ends.
func TestObserveEnds(t *testing.T) {
	for name, end := range map[string]func(w *world, p *peer){
		"deregister": func(_ *world, p *peer) { p.want("42 01 0003 0b0e 61 01"+afterObserve, "62 45 0003 0b0e c2") },
		"reset of a notification": func(_ *world, p *peer) {
			p.want(startV, "60 44 0002")
			n := note(p.t, p.receive())
			p.send(fmt.Sprintf("70 00 %04x", n.mid))
			p.receiveWithin(time.Millisecond)
		},
		"power off": func(w *world, _ *peer) {
			w.fleet.SwitchOff(1)
			w.fleet.SwitchOn(1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, memnet.Impairment{}, nil, func(w *world) {
				p := w.dial("127.1.0.2:5683")
				p.want(register, "62 45 0001 0b0e 61")
				end(w, p)
				if n := w.fleet.Stats().Observers; n != 0 {
					t.Errorf("%d observers are left", n)
				}
				p.send("40 02 0005" + pstat + "12 2710 ff a162'tm'1840")
				for data := p.receive(); data != nil; data = p.receive() {
					if data[0]&15 == 2 && data[1] == 0x45 {
						t.Fatalf("notification %x", data)
					}
				}
			})
		})
	}
}

// Only the Client that got a notification can end the observation by rejecting it.
func TestStrangeReset(t *testing.T) {
	inWorld(t, memnet.Impairment{}, nil, func(w *world) {
		p, q := w.dial("127.1.0.2:5683"), w.dial("127.1.0.2:5683")
		p.want(register, "62 45 0001 0b0e 61")
		q.want(startV, "60 44 0002")
		n := note(t, p.receive())
		q.send(fmt.Sprintf("70 00 %04x", n.mid))
		p.send(fmt.Sprintf("70 00 %04x", n.mid+100))
		for range 2 {
			if p.receive() == nil {
				t.Error("the observation has ended")
			}
		}
	})
}

func TestObserveAgain(t *testing.T) {
	inWorld(t, memnet.Impairment{}, nil, func(w *world) {
		p := w.dial("127.1.0.2:5683")
		a := note(t, p.want(register, "62 45 0001 0b0e 61"))
		b := note(t, p.want("42 01 0009 0b0e 60"+afterObserve, "62 45 0009 0b0e 61"))
		if b.number <= a.number {
			t.Errorf("number %d after %d", b.number, a.number)
		}
		if n := w.fleet.Stats().Observers; n != 1 {
			t.Errorf("%d observers, want 1", n)
		}
	})
}

// A Client that ends its observation and begins again is answered with a higher number than
// any that it was sent (RFC 7641 section 4.4). To another Client that number is new.
func TestObserveAfterTheEnd(t *testing.T) {
	const end = "42 01 0003 0b0e 61 01" + afterObserve
	inWorld(t, memnet.Impairment{}, nil, func(w *world) {
		p, q := w.dial("127.1.0.2:5683"), w.dial("127.1.0.2:5683")
		first := note(t, p.want(register, "62 45 0001 0b0e 61"))
		if n := note(t, q.want(register, "62 45 0001 0b0e 61")); n.number != first.number {
			t.Errorf("another Client is answered with number %d, want %d", n.number, first.number)
		}
		p.want(end, "62 45 0003 0b0e c2")
		again := note(t, p.want("42 01 0004 0b0e 60"+afterObserve, "62 45 0004 0b0e 61"))
		if again.number <= first.number {
			t.Errorf("number %d after %d", again.number, first.number)
		}
		w.source.Hold("") // one state only
		w.dial("127.1.0.2:5683").want(startV, "60 44 0002")
		told := note(t, p.receive())
		p.want("42 01 0005 0b0e 61 01"+afterObserve, "62 45 0005 0b0e c2")
		again = note(t, p.want("42 01 0006 0b0e 60"+afterObserve, "62 45 0006 0b0e 61"))
		if again.number <= told.number {
			t.Errorf("number %d after the notification %d", again.number, told.number)
		}
	})
}

// someObservers is how many observations the fleets of some tests may have.
const someObservers = 32

func fewObservers(c *fleet.Config) { c.Observers = someObservers }

// A Client that comes when there are too many observers is answered without Observe.
func TestObserversAreBounded(t *testing.T) {
	inWorld(t, memnet.Impairment{}, fewObservers, func(w *world) {
		p := w.dial("127.1.0.2:5683")
		for i := range someObservers {
			p.want(fmt.Sprintf("42 01 %04x 01%02x 60"+afterObserve, i, i), fmt.Sprintf("62 45 %04x 01%02x 6", i, i)+"1")
		}
		p.want("42 01 0fff 0fff 60"+afterObserve, "62 45 0fff 0fff c2 2710")
		if s := w.fleet.Stats(); s.Observers != someObservers || s.Drops.Observers != 1 {
			t.Errorf("%+v", s)
		}
	})
}

// An observer that never gives a sign of life is sent a CON as its ninth notification,
// and is given up when that is not answered. One that answers stays.
func TestSilentObserversAreFound(t *testing.T) {
	for _, answers := range []bool{false, true} {
		t.Run(fmt.Sprintf("answers %v", answers), func(t *testing.T) {
			inWorld(t, memnet.Impairment{}, nil, func(w *world) {
				p, q := w.dial("127.1.0.2:5683"), w.dial("127.1.0.2:5683")
				p.want(register, "62 45 0001 0b0e 61")
				told := 0
				for mid := 2; told < 12; mid++ {
					q.want(fmt.Sprintf("40 02 %04x"+pstat+"12 2710 ff a162'tm'1840", mid), fmt.Sprintf("60 44 %04x", mid))
					for data := p.receiveWithin(5 * time.Second); data != nil; data = p.receiveWithin(5 * time.Second) {
						n := note(t, data)
						told++
						if n.con != (told == 9) && !(told > 9 && !answers) {
							t.Errorf("notification %d: CON is %v", told, n.con)
						}
						if n.con && answers {
							p.send(fmt.Sprintf("60 00 %04x", n.mid))
						}
					}
				}
				time.Sleep(3 * time.Minute)
				want := 0
				if answers {
					want = 1
				}
				if n := w.fleet.Stats().Observers; n != want {
					t.Errorf("%d observers, want %d", n, want)
				}
			})
		})
	}
}

// Where there is no room, the stalest observation gives way, and is told so.
func TestStalestGivesWay(t *testing.T) {
	inWorld(t, memnet.Impairment{}, fewObservers, func(w *world) {
		p, q := w.dial("127.1.0.2:5683"), w.dial("127.1.0.2:5683")
		for i := range someObservers {
			p.want(fmt.Sprintf("42 01 %04x 01%02x 60"+afterObserve, i, i), fmt.Sprintf("62 45 %04x 01%02x 6", i, i)+"1")
			time.Sleep(time.Second)
		}
		w.source.Hold("") // one state only
		q.want(startV, "60 44 0002")
		for range someObservers {
			p.receive()
		}
		q.want("42 01 0fff 0fff 60"+afterObserve, "62 45 0fff 0fff 61")
		if data := p.receive(); len(data) != 6 || data[1] != 0xa3 || data[4] != 1 || data[5] != 0 {
			t.Errorf("%x, want 5.03 for the first observation", data)
		}
		if s := w.fleet.Stats(); s.Observers != someObservers || s.Drops.ObserversLost != 1 || s.Drops.Observers != 0 {
			t.Errorf("%+v", s)
		}
	})
}

// A Client that registers as often as a Device allows shuts nobody out: of all its
// observations the first gives way.
func TestGreediestObserverGivesWay(t *testing.T) {
	inWorld(t, memnet.Impairment{}, fewObservers, func(w *world) {
		p, q := w.dial("127.1.0.2:5683"), w.dial("127.1.0.2:5683")
		for i := range someObservers {
			p.want(fmt.Sprintf("42 01 %04x 01%02x 60"+afterObserve, i, i), fmt.Sprintf("62 45 %04x 01%02x 6", i, i)+"1")
		}
		q.want("42 01 0fff 0fff 60"+afterObserve, "62 45 0fff 0fff 61")
		if data := p.receive(); len(data) != 6 || data[1] != 0xa3 || data[4] != 1 || data[5] != 0 {
			t.Errorf("%x, want 5.03 for the first observation", data)
		}
		p.want("42 01 0ffe 0ffe 60"+afterObserve, "62 45 0ffe 0ffe c2 2710")
	})
}

// confirming makes a change of Config for a Device that sends all notifications as
// CON.
func confirming(t *testing.T) func(*fleet.Config) {
	m := model(t, sim.Config{Variant: sim.Variant{Name: "con", Quirks: []string{"told-by-con"}}})
	return func(c *fleet.Config) { c.Model = func(int) *sim.Model { return m } }
}

// A CON notification is sent 5 times; the first wait is 2 to 3 seconds, and each
// later one is twice as long. Then the observer is given up.
func TestRetransmission(t *testing.T) {
	inWorld(t, memnet.Impairment{}, confirming(t), func(w *world) {
		p, q := w.dial("127.1.0.2:5683"), w.dial("127.1.0.2:5683")
		p.want(register, "62 45 0001 0b0e 61")
		w.source.Hold("") // one state only
		q.want(startV, "60 44 0002")
		first := p.receive()
		if !note(t, first).con {
			t.Fatalf("%x is no CON", first)
		}
		at, wait := time.Now(), time.Duration(0)
		for i := range 4 {
			again := p.receive()
			took := time.Since(at)
			at = time.Now()
			switch {
			case string(again) != string(first):
				t.Fatalf("retransmission %x of %x", again, first)
			case i == 0 && (took < 2*time.Second || took > 3*time.Second), i > 0 && took != 2*wait:
				t.Errorf("retransmission %d after %v, the one before after %v", i+1, took, wait)
			}
			wait = took
		}
		if again := p.receiveWithin(2 * time.Minute); again != nil {
			t.Errorf("one too many: %x", again)
		}
		if s := w.fleet.Stats(); s.Observers != 0 || s.Retransmissions != 4 || s.Drops.ObserversLost != 1 {
			t.Errorf("%+v", s)
		}
	})
}

// The newest state replaces one that is not acknowledged, and the count of attempts
// goes on (RFC 7641 4.5.2).
func TestSuperseding(t *testing.T) {
	inWorld(t, memnet.Impairment{}, confirming(t), func(w *world) {
		p, q := w.dial("127.1.0.2:5683"), w.dial("127.1.0.2:5683")
		p.want(register, "62 45 0001 0b0e 61")
		q.want(startV, "60 44 0002")
		first := note(t, p.receive())
		second := note(t, p.receive()) // the retransmission, when the check is over
		if second.mid == first.mid || second.number <= first.number || !second.con {
			t.Fatalf("%x after %x", second.raw, first.raw)
		}
		if !containsText(second.raw, "btm\x00") || !containsText(second.raw, "bcm\x18\x40") {
			t.Errorf("%x is not the newest state", second.raw)
		}
		p.send(fmt.Sprintf("60 00 %04x", second.mid))
		if again := p.receive(); again != nil {
			t.Errorf("%x after the ACK", again)
		}
	})
}

// A state that had to wait is sent when the ACK comes.
func TestAcknowledged(t *testing.T) {
	inWorld(t, memnet.Impairment{}, confirming(t), func(w *world) {
		p, q := w.dial("127.1.0.2:5683"), w.dial("127.1.0.2:5683")
		p.want(register, "62 45 0001 0b0e 61")
		q.want(startV, "60 44 0002")
		for range 3 {
			n := note(t, p.receiveWithin(time.Second))
			if !n.con {
				t.Fatalf("%x is no CON", n.raw)
			}
			p.send(fmt.Sprintf("60 00 %04x", n.mid))
			synctest.Wait()
		}
		if again := p.receive(); again != nil {
			t.Errorf("%x after the last ACK", again)
		}
		if s := w.fleet.Stats(); s.Retransmissions != 0 || s.Observers != 1 {
			t.Errorf("%+v", s)
		}
	})
}

// At least once in 24 hours a notification is CON, whatever the Device asks for.
func TestSignOfLife(t *testing.T) {
	inWorld(t, memnet.Impairment{}, nil, func(w *world) {
		p, q := w.dial("127.1.0.2:5683"), w.dial("127.1.0.2:5683")
		p.want(register, "62 45 0001 0b0e 61")
		time.Sleep(25 * time.Hour) // in the bubble's time
		q.want(startV, "60 44 0002")
		n := note(t, p.receive())
		if !n.con {
			t.Fatalf("%x is no CON", n.raw)
		}
		p.send(fmt.Sprintf("60 00 %04x", n.mid))
		if next := note(t, p.receive()); next.con {
			t.Errorf("%x is CON again", next.raw)
		}
	})
}
