package fleet_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/memnet"
	"github.com/ocfsim/ocfsim/sim/source"
)

// behaviour is a Device whose check takes 200 ms and whose update takes 1 s.
var behaviour = sim.Behaviour{
	Name: "success", Ends: "success",
	Source:     sim.Patience{Timeout: 10 * time.Minute},
	Validation: sim.Validation{Takes: 200 * time.Millisecond},
	Update:     sim.Update{Steps: []sim.Step{{After: time.Second}}},
	Announce:   20 * time.Millisecond,
	Power:      sim.Power{Off: 3 * time.Second},
}

func model(t testing.TB, c sim.Config) *sim.Model {
	t.Helper()
	if c.Behaviour.Name == "" {
		c.Behaviour = behaviour
	}
	m, err := sim.NewModel(c)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// world is a fleet on an in-memory network, inside a bubble.
type world struct {
	*testing.T
	net    *memnet.Net
	fleet  *fleet.Fleet
	source *source.Source
}

// inWorld runs f against a fleet in a bubble. change may alter the fleet's Config.
func inWorld(t *testing.T, impair memnet.Impairment, change func(*fleet.Config), f func(w *world)) {
	t.Helper()
	inWorldOf(t, impair, func(_ *memnet.Net, c *fleet.Config) {
		if change != nil {
			change(c)
		}
	}, f)
}

// inWorldOf is inWorld for a change that needs the network as well.
func inWorldOf(t *testing.T, impair memnet.Impairment, change func(*memnet.Net, *fleet.Config), f func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n := memnet.New(1, impair)
		conn, err := n.Wildcard(5683)
		if err != nil {
			t.Fatal(err)
		}
		src := source.New(source.Config{})
		config := smallConfig(t, conn)
		config.Source = src
		change(n, &config)
		fl, err := fleet.Open(config)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- fl.Serve(ctx) }()
		t.Cleanup(func() {
			cancel()
			if err := <-done; err != nil {
				t.Errorf("serve: %v", err)
			}
			if err := src.Close(); err != nil {
				t.Error(err)
			}
		})
		f(&world{T: t, net: n, fleet: fl, source: src})
	})
}

// peer is a Client that works with raw datagrams.
type peer struct {
	t      testing.TB
	conn   net.Conn
	polite bool // it answers pings, as CoAP demands, and does not tell of them
}

func (w *world) dial(addr string) *peer {
	w.Helper()
	c, err := w.net.Dial(netip.MustParseAddrPort(addr))
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { _ = c.Close() })
	return &peer{t: w.T, conn: c}
}

// dialFrom is dial from a given address.
func (w *world) dialFrom(local, addr string) *peer {
	w.Helper()
	c, err := w.net.DialFrom(addrPort(local), addrPort(addr))
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { _ = c.Close() })
	return &peer{t: w.T, conn: c}
}

// packets is the connection of a peer that hears more than one Device.
func (p *peer) packets() net.PacketConn {
	p.t.Helper()
	c, ok := p.conn.(net.PacketConn)
	if !ok {
		p.t.Fatal("no packets")
	}
	return c
}

// bytesOf reads hexadecimal with blanks, and text between quotes, as bytes.
func bytesOf(t testing.TB, s string) []byte {
	t.Helper()
	var out []byte
	for i, part := range strings.Split(s, "'") {
		if i%2 == 1 {
			out = append(out, part...)
			continue
		}
		b, err := hex.DecodeString(strings.Join(strings.Fields(part), ""))
		if err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		out = append(out, b...)
	}
	return out
}

func (p *peer) send(s string) {
	p.t.Helper()
	if _, err := p.conn.Write(bytesOf(p.t, s)); err != nil {
		p.t.Fatal(err)
	}
}

// receive waits up to a minute for a datagram. It returns nil if none comes.
func (p *peer) receive() []byte { return p.receiveWithin(time.Minute) }

func (p *peer) receiveWithin(wait time.Duration) []byte {
	p.t.Helper()
	buf := make([]byte, 65536)
	_ = p.conn.SetReadDeadline(time.Now().Add(wait))
	for {
		n, err := p.conn.Read(buf)
		if err != nil {
			return nil
		}
		if !p.polite || !isPing(buf[:n]) {
			return buf[:n]
		}
		p.send(fmt.Sprintf("70 00 %x", buf[2:4]))
	}
}

func isPing(data []byte) bool { return len(data) == 4 && data[0] == 0x40 && data[1] == 0 }

// want sends a datagram and expects an answer that begins with answer.
func (p *peer) want(send, answer string) []byte {
	p.t.Helper()
	p.send(send)
	got := p.receive()
	if want := bytesOf(p.t, answer); !bytes.HasPrefix(got, want) || answer == "" && got != nil {
		p.t.Fatalf("sent %s\n got %x\nwant %x...", send, got, want)
	}
	return got
}

// The Uri-Path of /oic/sec/pstat as the first options, and as the options after
// Observe.
const (
	pstat        = "b3'oic' 03'sec' 05'pstat'"
	afterObserve = "53'oic' 03'sec' 05'pstat'"
)

func containsText(data []byte, text string) bool { return bytes.Contains(data, []byte(text)) }

func addrPort(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

// smallConfig is the Config of a fleet with three Devices.
func smallConfig(t testing.TB, conn fleet.Conn) fleet.Config {
	m := model(t, sim.Config{})
	return fleet.Config{
		Devices: 3, Listen: addrPort("127.1.0.1:5683"), Conn: conn,
		Model: func(int) *sim.Model { return m }, Seed: 7,
	}
}
