package fleet_test

import (
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

func manyDevices(c *fleet.Config) { c.Devices, c.Leisure = 500, 5*time.Second }

// Every Device answers a multicast request, from its own address, somewhere
// within the leisure.
func TestDiscovery(t *testing.T) {
	for _, group := range []string{"224.0.1.187:5683", "[ff02::158]:5683"} {
		t.Run(group, func(t *testing.T) {
			inWorld(t, memnet.Impairment{}, manyDevices, func(w *world) {
				p := w.dial(group)
				from := map[string]bool{}
				began := time.Now()
				var tenths [10]int
				p.send("51 01 1234 aa b3'oic' 03'res'")
				p.send("51 01 1234 aa b3'oic' 03'res'") // a duplicate
				buf := make([]byte, 2048)
				for {
					_ = p.conn.SetReadDeadline(time.Now().Add(time.Minute))
					n, addr, err := p.conn.(net.PacketConn).ReadFrom(buf)
					if err != nil {
						break
					}
					if !begins(t, buf[:n], "51 45 .... aa") || from[addr.String()] {
						t.Fatalf("%x from %v", buf[:n], addr)
					}
					from[addr.String()] = true
					tenths[min(9, time.Since(began)/(500*time.Millisecond))]++
				}
				if len(from) != 500 || !from["127.1.0.1:5683"] || !from["127.1.1.244:5683"] {
					t.Errorf("%d Devices answered", len(from))
				}
				for i, n := range tenths {
					if n < 45 || n > 55 {
						t.Errorf("%d answers in tenth %d of the leisure", n, i)
					}
				}
			})
		})
	}
}

// A request that does not match, is malformed, or is not a NON GET is not answered
// at all.
func TestMulticastSilence(t *testing.T) {
	for name, send := range map[string]string{
		"another owner":           "50 01 1234 b3'oic' 03'sec' 04'doxm' 4b'owned=false'",
		"another resource type":   "50 01 1234 b3'oic' 03'res' 48'rt=x.y.z'",
		"no discovery resource":   "50 01 1234" + pstat,
		"no resource":             "50 01 1234 b3'oic' 01'x'",
		"CON":                     "40 01 1234 b3'oic' 03'res'",
		"POST":                    "50 02 1234" + pstat + "12 2710 ff a162'tm'1840",
		"ping":                    "40 00 1234",
		"unknown critical option": "50 01 1234 91 00 23'oic' 03'res'",
		"accept JSON":             "50 01 1234 b3'oic' 03'res' 61 32",
		"malformed":               "40 01 1234 b3",
		"observe":                 "50 00 1234 ff",
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, memnet.Impairment{}, nil, func(w *world) {
				w.dial("224.0.1.187:5683").want(send, "")
			})
		})
	}
}

// A multicast request cannot start an observation.
func TestMulticastObserve(t *testing.T) {
	inWorld(t, memnet.Impairment{}, nil, func(w *world) {
		p := w.dial("224.0.1.187:5683")
		p.send("51 01 1234 aa 60 53'oic' 03'res'")
		for range 3 {
			if got := p.receive(); !begins(t, got, "51 45 .... aa c2 2710") {
				t.Errorf("got %x", got)
			}
		}
	})
}

func TestMulticastIsBounded(t *testing.T) {
	inWorld(t, memnet.Impairment{}, manyDevices, func(w *world) {
		for range 20 {
			w.dial("224.0.1.187:5683").send("51 01 1234 aa b3'oic' 03'res'")
		}
		time.Sleep(time.Minute) // in the bubble's time
		if s := w.fleet.Stats(); s.Responses != 16*500 || s.Drops.Multicast != 4 {
			t.Errorf("%+v", s)
		}
	})
}

// A Device that is off does not answer.
func TestMulticastOff(t *testing.T) {
	inWorld(t, memnet.Impairment{}, nil, func(w *world) {
		w.fleet.SwitchOff(0)
		p := w.dial("224.0.1.187:5683")
		p.send("51 01 1234 aa b3'oic' 03'res'")
		answers := 0
		for p.receive() != nil {
			answers++
		}
		if answers != 2 {
			t.Errorf("%d Devices have answered, want 2", answers)
		}
	})
}

// A Client that sends requests to the group without end keeps nobody from finding the
// Devices.
func TestDiscoveryBesideTheGreedy(t *testing.T) {
	inWorld(t, memnet.Impairment{}, manyDevices, func(w *world) {
		find := func(p *peer, mid int) { p.send(fmt.Sprintf("51 01 %04x aa b3'oic' 03'res'", mid)) }
		greedy, good := w.dial("224.0.1.187:5683"), w.dial("224.0.1.187:5683")
		for mid := range 100 {
			find(greedy, mid)
		}
		find(good, 1)
		found := 0
		for good.receiveWithin(10*time.Second) != nil {
			found++
		}
		if found != 500 {
			t.Errorf("%d Devices answered", found)
		}
		if n := w.fleet.Stats().Drops.Multicast; n != 100-fleet.MaxGatheringsOf {
			t.Errorf("%d requests were dropped", n)
		}
	})
}

// Where many addresses ask at once, the one that asks most gives way.
func TestDiscoveryBesideMany(t *testing.T) {
	inWorld(t, memnet.Impairment{}, manyDevices, func(w *world) {
		for i := range 16 {
			p := w.dialFrom(fmt.Sprintf("203.0.113.%d:%d", i/4, 1000+i), "224.0.1.187:5683")
			p.send(fmt.Sprintf("51 01 %04x aa b3'oic' 03'res'", i))
		}
		good := w.dial("224.0.1.187:5683")
		good.send("51 01 1234 aa b3'oic' 03'res'")
		if good.receiveWithin(10*time.Second) == nil {
			t.Error("nobody answered")
		}
	})
}
