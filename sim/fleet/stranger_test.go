package fleet_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

// outside is a Config of three Devices that are not on loopback.
func outside(c *fleet.Config) { c.Listen = addrPort("198.51.100.1:5683") }

// take returns what has come for p within a while, except pings. If answers is true, p
// answers each ping with RST, as CoAP demands.
func (p *peer) take(wait time.Duration, answers bool) (got [][]byte, pings int) {
	p.t.Helper()
	if answers {
		return p.takes(wait, "70")
	}
	return p.takes(wait, "")
}

// takes is take for a p that answers pings with a message that begins so; "" for not at all.
func (p *peer) takes(wait time.Duration, by string) (got [][]byte, pings int) {
	p.t.Helper()
	for end := time.Now().Add(wait); ; {
		data := p.receiveWithin(max(time.Until(end), 1))
		switch {
		case data == nil:
			return got, pings
		case isPing(data):
			if pings++; by != "" {
				p.send(fmt.Sprintf("%s 00 %x", by, data[2:]))
			}
		default:
			got = append(got, data)
		}
	}
}

func size(datagrams [][]byte) (n int) {
	for _, d := range datagrams {
		n += len(d)
	}
	return n
}

// On loopback one registration without any sign of life draws its answer, 8 notifications,
// and one that is sent five times.
func TestWhatOneRegistrationDraws(t *testing.T) {
	inWorld(t, memnet.Impairment{}, nil, func(w *world) {
		p, q := w.dial("127.1.0.2:5683"), w.dial("127.1.0.2:5683")
		p.send(register)
		for mid := range 50 {
			q.want(fmt.Sprintf("40 02 %04x"+pstat+"12 2710 ff a162'tm'1840", mid), fmt.Sprintf("60 44 %04x", mid))
			time.Sleep(5 * time.Second)
		}
		if got, pings := p.take(time.Minute, false); len(got) != 1+8+5 || pings != 0 {
			t.Errorf("%d datagrams and %d pings", len(got), pings)
		}
	})
}

// Outside of loopback an address that never shows itself gets three times the bytes that
// came from it, and one packet more, whatever it asks for.
func TestStrangersAreSentLittle(t *testing.T) {
	for name, ask := range map[string]struct {
		request string
		times   int
	}{
		"one registration":   {"42 01 %04x 0b0e 60" + afterObserve, 1},
		"many registrations": {"42 01 %04[1]x %04[1]x 60" + afterObserve, 300},
		"many requests":      {"40 01 %04x b3'oic' 03'res'", 300},
		"the same request":   {"40 01 0001 b3'oic' 03'res' 4d00'rt=oic.r.doxm'", 300},
		"pings":              {"40 00 %04x", 300},
		"malformed requests": {"40 01 %04x f0", 300},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, memnet.Impairment{}, outside, func(w *world) {
				victim, q := w.dialFrom("203.0.113.1:1000", "198.51.100.2:5683"), w.dial("198.51.100.2:5683")
				came := 0
				for i := range ask.times {
					datagram := ask.request
					if name != "the same request" {
						datagram = fmt.Sprintf(ask.request, i)
					}
					victim.send(datagram)
					came += len(bytesOf(t, datagram))
				}
				for mid := range 20 {
					q.send(fmt.Sprintf("40 02 %04x"+pstat+"12 2710 ff a162'tm'1840", mid))
					q.take(5*time.Second, true)
				}
				got, pings := victim.take(time.Hour, false)
				if sent := size(got) + 4*pings; sent > 3*came+1280 || len(got) == 0 {
					t.Errorf("%d bytes came, and %d left in %d datagrams and %d pings", came, sent, len(got), pings)
				}
			})
		})
	}
}

// A Client that answers one ping is told and answered as on loopback.
func TestWhoShowsItselfIsNoStranger(t *testing.T) {
	inWorld(t, memnet.Impairment{}, outside, func(w *world) {
		p, q := w.dial("198.51.100.2:5683"), w.dialFrom("203.0.113.1:1000", "198.51.100.2:5683")
		p.send(register)
		if got, pings := p.take(time.Second, true); len(got) != 1 || pings != 1 {
			t.Fatalf("%x and %d pings", got, pings)
		}
		q.send(startV)
		if got, pings := q.take(5*time.Second, true); len(got) != 1 || pings != 1 {
			t.Errorf("%x and %d pings", got, pings)
		}
		got, pings := p.take(time.Minute, true)
		if len(got) != 3 || pings != 0 { // tm=V cm=-, tm=V cm=V, tm=- cm=V
			t.Errorf("%x and %d pings", got, pings)
		}
		for _, data := range got {
			if note(t, data).con {
				t.Errorf("%x is CON", data)
			}
		}
		for mid := range 100 {
			q.want(fmt.Sprintf("40 01 %04x b3'oic' 03'res'", 0x100+mid), fmt.Sprintf("60 45 %04x", 0x100+mid))
		}
		if n := w.fleet.Stats().Drops.Unpaid; n != 0 {
			t.Errorf("%d packets did not leave", n)
		}
	})
}

// Some Clients acknowledge a ping, where they should reject it. They have shown themselves too.
func TestWhoAcknowledgesAPing(t *testing.T) {
	inWorld(t, memnet.Impairment{}, outside, func(w *world) {
		p := w.dial("198.51.100.2:5683")
		for mid := range 100 {
			p.send(fmt.Sprintf("40 01 %04x b3'oic' 03'res'", 0x100+mid))
			if got, pings := p.takes(time.Second, "60"); len(got) != 1 || pings > 1 || mid > 0 && pings > 0 {
				t.Fatalf("request %d brings %x and %d pings", mid, got, pings)
			}
		}
		if n := w.fleet.Stats().Drops.Unpaid; n != 0 {
			t.Errorf("%d packets did not leave", n)
		}
	})
}

// A forger who can't see the ping has one guess for each.
func TestPingsAreNotGuessed(t *testing.T) {
	inWorld(t, memnet.Impairment{}, outside, func(w *world) {
		victim := w.dialFrom("203.0.113.1:1000", "198.51.100.2:5683")
		victim.send("40 01 0001 b3'oic' 01'd'")
		synctest.Wait()
		var ping []byte
		for data := victim.receiveWithin(time.Second); data != nil; data = victim.receiveWithin(time.Second) {
			if len(data) == 4 {
				ping = data
			}
		}
		if ping == nil {
			t.Fatal("no ping")
		}
		victim.send(fmt.Sprintf("70 00 %04x", (int(ping[2])<<8+int(ping[3])+1)&0xffff))
		victim.send(fmt.Sprintf("70 00 %x", ping[2:]))
		for mid := range 300 {
			victim.send(fmt.Sprintf("40 01 %04x b3'oic' 03'res'", 2+mid))
		}
		if victim.take(time.Hour, false); w.fleet.Stats().Drops.Unpaid == 0 {
			t.Error("the address counts as shown after a wrong guess")
		}
	})
}

// A Client that ignores pings is answered, though not each time it asks.
func TestWhoIgnoresPings(t *testing.T) {
	inWorld(t, memnet.Impairment{}, outside, func(w *world) {
		p, answered := w.dial("198.51.100.2:5683"), 0
		for mid := range 200 {
			p.send(fmt.Sprintf("40 01 %04x"+pstat, mid))
			got, _ := p.take(time.Second, false)
			answered += len(got)
		}
		if answered < 60 || answered == 200 {
			t.Errorf("%d of 200 requests were answered", answered)
		}
	})
}

// Where one Client of an address ignores pings, another shows the address for both.
func TestOneOfAnAddressShowsIt(t *testing.T) {
	inWorld(t, memnet.Impairment{}, outside, func(w *world) {
		deaf, p := w.dialFrom("203.0.113.1:1000", "198.51.100.2:5683"), w.dialFrom("203.0.113.1:1001", "198.51.100.2:5683")
		deaf.send("40 01 0001 b3'oic' 03'res'")
		deaf.take(0, false)
		p.send("40 01 0002 b3'oic' 03'res'")
		p.take(0, true)
		for mid := range 100 {
			deaf.want(fmt.Sprintf("40 01 %04x b3'oic' 03'res'", 3+mid), fmt.Sprintf("60 45 %04x", 3+mid))
		}
	})
}

// Of many Devices one answers a stranger's request to the group, and the others do as
// soon as it has shown itself.
func TestDiscoveryByStrangers(t *testing.T) {
	for answers, want := range map[bool]int{false: 1, true: 500} {
		change := func(c *fleet.Config) {
			manyDevices(c)
			outside(c)
		}
		inWorld(t, memnet.Impairment{Delay: 50 * time.Millisecond}, change, func(w *world) {
			p := w.dial("224.0.1.187:5683")
			p.send("51 01 1234 aa b3'oic' 03'res'")
			got, found := 0, time.Now()
			for end := found.Add(time.Minute); time.Now().Before(end); {
				buf := make([]byte, 2048)
				_ = p.conn.SetReadDeadline(end)
				n, from, err := p.packets().ReadFrom(buf)
				switch {
				case err != nil:
				case n > 4:
					got++
				case answers:
					_, _ = p.packets().WriteTo(bytesOf(t, fmt.Sprintf("70 00 %x", buf[2:4])), from)
				}
			}
			if got != want {
				t.Errorf("answers %v: %d Devices answered, want %d", answers, got, want)
			}
		})
	}
}
