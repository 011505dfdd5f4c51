package capture

import (
	"net"
	"net/netip"
)

// Sink takes what is captured: datagrams, and as an io.Writer the secrets of sessions
// in NSS key log format. *Writer is one. A datagram's number is not needed.
type Sink interface {
	Packet(p Packet) int
	Write(keyLog []byte) (int, error)
}

// Tap is conn, a datagram connection, with all that passes through it given to sink.
func Tap(conn net.Conn, sink Sink) net.Conn { return &tapped{Conn: conn, sink: sink} }

type tapped struct {
	net.Conn
	sink Sink
}

// Read takes a datagram and gives it to the sink.
func (t *tapped) Read(p []byte) (int, error) {
	n, err := t.Conn.Read(p)
	if err == nil {
		t.sink.Packet(Packet{From: addrPort(t.RemoteAddr()), To: addrPort(t.LocalAddr()), Data: p[:n]})
	}
	return n, err
}

// Write gives a datagram to the sink and sends it. It is given first, so that it stands
// before its answer. One that the system did not take stands there too.
func (t *tapped) Write(p []byte) (int, error) {
	t.sink.Packet(Packet{From: addrPort(t.LocalAddr()), To: addrPort(t.RemoteAddr()), Data: p, Sent: true})
	return t.Conn.Write(p)
}

// addrPort is a as an address and a port; invalid where it has none.
func addrPort(a net.Addr) netip.AddrPort {
	if udp, ok := a.(*net.UDPAddr); ok {
		return udp.AddrPort()
	}
	at, _ := netip.ParseAddrPort(a.String())
	return at
}
