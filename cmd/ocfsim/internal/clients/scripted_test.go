package clients

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

// scripted is a Client that does what a test tells it, datagram by datagram.
type scripted struct {
	t       *testing.T
	conn    net.Conn
	network *memnet.Net // nil: sockets
	to      netip.AddrPort
	mid     uint16
	token   byte
	group   bool        // conn is to a group
	deaf    bool        // it acknowledges nothing
	pings   int         // empty CONs that it has got
	meek    bool        // it acknowledges those too
	told    []ocf.Pstat // by notifications and answers
	ended   bool        // an error was notified
}

// aMessage is what a scripted Client sends.
type aMessage struct {
	non     bool
	code    byte
	mid     uint16
	token   []byte
	options []anOption // in the order of their numbers
	payload []byte
}

type anOption struct {
	number int
	value  []byte
}

// datagram writes m down.
func (m aMessage) datagram() []byte {
	head := byte(0x40 | len(m.token))
	if m.non {
		head |= 0x10
	}
	out := append([]byte{head, m.code, byte(m.mid >> 8), byte(m.mid)}, m.token...)
	number := 0
	for _, o := range m.options {
		delta, length := o.number-number, len(o.value)
		number = o.number
		nibble := func(n int) (byte, []byte) {
			switch {
			case n >= 269:
				return 14, binary.BigEndian.AppendUint16(nil, uint16(n-269))
			case n >= 13:
				return 13, []byte{byte(n - 13)}
			}
			return byte(n), nil
		}
		d, dmore := nibble(delta)
		l, lmore := nibble(length)
		out = slices.Concat(out, []byte{d<<4 | l}, dmore, lmore, o.value)
	}
	if len(m.payload) > 0 {
		out = append(append(out, 0xff), m.payload...)
	}
	return out
}

// dial begins a Client.
func dial(t *testing.T, network *memnet.Net, to netip.AddrPort) *scripted {
	conn, err := network.Dial(to)
	if err != nil {
		t.Fatal(err)
	}
	return &scripted{t: t, conn: conn, network: network, to: to, mid: 100}
}

// toAll is the same Client, at another port, where it talks to all Devices by multicast.
func (c *scripted) toAll() *scripted {
	local := c.conn.LocalAddr().(*net.UDPAddr).AddrPort()
	conn, err := c.network.DialFrom(netip.AddrPortFrom(local.Addr(), local.Port()+1), netip.MustParseAddrPort("224.0.1.187:5683"))
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { _ = conn.Close() })
	return &scripted{t: c.t, conn: conn, network: c.network, to: c.to, mid: 500, group: true, meek: c.meek}
}

var pstatPath = []anOption{{11, []byte("oic")}, {11, []byte("sec")}, {11, []byte("pstat")}}

// next is a message with a number and a token of its own.
func (c *scripted) next(code byte, options []anOption, payload []byte) aMessage {
	c.mid++
	c.token++
	return aMessage{code: code, mid: c.mid, token: []byte{0xc1, c.token}, options: options, payload: payload}
}

// get reads pstat, post writes tm, and observe registers an observation.
func (c *scripted) get() aMessage { return c.next(1, pstatPath, nil) }

func (c *scripted) observe() aMessage {
	return c.next(1, append([]anOption{{6, nil}}, pstatPath...), nil)
}

func (c *scripted) post(tm ocf.DPM) aMessage {
	return c.write(ocf.PstatUpdate{Set: ocf.PropTM, TM: tm}.AppendCBOR(nil))
}

func (c *scripted) write(payload []byte) aMessage {
	return c.next(2, append(slices.Clone(pstatPath), anOption{12, []byte{0x27, 0x10}}, anOption{2053, []byte{8, 0}}), payload)
}

// send sends m as it is.
func (c *scripted) send(m aMessage) {
	if _, err := c.conn.Write(m.datagram()); err != nil {
		c.t.Fatal(err)
	}
}

// do sends m and waits for the answer; it returns its code, 0 for none within 2 s.
func (c *scripted) do(m aMessage) (code byte) {
	c.send(m)
	c.listen(2*time.Second, func(raw []byte) bool {
		code = raw[1]
		return raw[0]>>4&3 == 2 && binary.BigEndian.Uint16(raw[2:]) == m.mid
	})
	return code
}

// wait listens until the Device has told that the bit is no longer in tm.
func (c *scripted) wait(bit ocf.DPM) {
	c.t.Helper()
	if !c.listen(time.Minute, func([]byte) bool {
		n := len(c.told)
		return n > 0 && !c.told[n-1].TM.Has(bit)
	}) {
		c.t.Fatalf("the Device never told that %v ended: %v", bit, c.told)
	}
}

// pause listens for so long.
func (c *scripted) pause(d time.Duration) { c.listen(d, func([]byte) bool { return false }) }

// listen takes what comes until enough says so, and acknowledges what has to be.
func (c *scripted) listen(most time.Duration, enough func(raw []byte) bool) bool {
	buf := make([]byte, 2048)
	_ = c.conn.SetReadDeadline(time.Now().Add(most))
	for {
		n, err := c.conn.Read(buf)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return false
		}
		if err != nil {
			c.t.Fatal(err)
		}
		raw := buf[:n]
		c.take(raw)
		if enough(raw) {
			return true
		}
	}
}

// reply sends the ACK or RST, whose first byte is given, for a datagram.
func (c *scripted) reply(head byte, raw []byte) {
	empty := []byte{head, 0, raw[2], raw[3]}
	var err error
	if c.group { // what is written to the connection goes to all Devices
		_, err = c.conn.(net.PacketConn).WriteTo(empty, net.UDPAddrFromAddrPort(c.to))
	} else {
		_, err = c.conn.Write(empty)
	}
	if err != nil {
		c.t.Fatal(err)
	}
}

// take reads the state in a datagram, and acknowledges it.
func (c *scripted) take(raw []byte) {
	switch {
	case raw[0]>>4&3 != 0 || c.deaf:
	case raw[1] == 0 && !c.meek:
		c.pings++
		c.reply(0x70, raw)
	default:
		c.reply(0x60, raw)
	}
	if raw[1] > 0x5f {
		c.ended = true
	}
	if raw[1] != 0x45 {
		return
	}
	for i, b := range raw {
		if b == 0xff && i > 4 {
			if p, _, err := ocf.DecodePstat(raw[i+1:]); err == nil {
				c.told = append(c.told, p)
				return
			}
		}
	}
}
