package campaign

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"runtime"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
)

// batchSize is how many datagrams are read and written at a time.
const batchSize = 64

// maxDatagram is the largest datagram that is read whole, in bytes. Answers that are
// longer are cut, and then are no CoAP messages.
const maxDatagram = 2048

// Datagram is one that has come from a peer, or is to go there.
type Datagram struct {
	Peer netip.AddrPort
	Data []byte
}

// Conn is one endpoint from which requests are sent.
type Conn interface {
	// Read blocks until there is a datagram. It reads into the capacity of each Data and
	// returns how many it has filled; after Close its error wraps net.ErrClosed.
	Read(batch []Datagram) (int, error)
	// Write sends datagrams. One that can't be sent is lost, as on the network.
	Write(batch []Datagram) error
	Close() error
}

// receiveBuffer is the buffer that a socket asks the kernel for, in bytes.
const receiveBuffer = 4 << 20

// Listen opens the endpoints of a plan, for Devices at such addresses.
func Listen(plan *Plan, like netip.Addr) (conns []Conn, err error) {
	defer func() {
		if err != nil {
			for _, c := range conns {
				_ = c.Close()
			}
		}
	}()
	at := netip.IPv4Unspecified()
	if like.Is6() {
		at = netip.IPv6Unspecified()
	}
	if like.IsLoopback() {
		at = netip.AddrFrom4([4]byte{127, 0, 0, 1})
		if like.Is6() {
			at = netip.IPv6Loopback()
		}
	}
	if plan.First != "" {
		if at, err = netip.ParseAddr(plan.First); err != nil {
			return nil, fmt.Errorf("requests.from: %w", err)
		}
	}
	if at.Is4() != like.Is4() {
		return nil, fmt.Errorf("requests.from %v and the Devices, as at %v, are not of one family", at, like)
	}
	for range plan.Sources {
		udp, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(at, 0)))
		if err != nil {
			return conns, fmt.Errorf("a socket for requests: %w", err)
		}
		_ = udp.SetReadBuffer(receiveBuffer) // the kernel may allow less
		conns = append(conns, newSocket(udp, like.Is4()))
		if plan.First != "" {
			at = at.Next()
		}
	}
	return conns, nil
}

// socket is a Conn on a UDP socket. Where the system can, it moves many datagrams with one
// call.
type socket struct {
	udp     *net.UDPConn
	batches batches // nil where the system moves one at a time
	in, out []ipv4.Message
	to      []net.UDPAddr
}

// batches is what ipv4.PacketConn and ipv6.PacketConn have in common.
type batches interface {
	ReadBatch(ms []ipv4.Message, flags int) (int, error)
	WriteBatch(ms []ipv4.Message, flags int) (int, error)
}

func newSocket(udp *net.UDPConn, is4 bool) *socket {
	s := &socket{udp: udp}
	if runtime.GOOS != "linux" {
		return s
	}
	if s.batches = ipv6.NewPacketConn(udp); is4 {
		s.batches = ipv4.NewPacketConn(udp)
	}
	s.in, s.out, s.to = make([]ipv4.Message, batchSize), make([]ipv4.Message, batchSize), make([]net.UDPAddr, batchSize)
	for i := range s.in {
		s.in[i].Buffers, s.out[i].Buffers = make([][]byte, 1), make([][]byte, 1)
		s.to[i].IP = make(net.IP, 0, net.IPv6len)
	}
	return s
}

// Read reads what has come.
func (s *socket) Read(batch []Datagram) (int, error) {
	if s.batches == nil {
		n, peer, err := s.udp.ReadFromUDPAddrPort(batch[0].Data[:cap(batch[0].Data)])
		if err != nil {
			return 0, err
		}
		batch[0].Peer, batch[0].Data = unmapped(peer), batch[0].Data[:n]
		return 1, nil
	}
	in := s.in[:min(len(batch), len(s.in))]
	for i := range in {
		in[i].Buffers[0] = batch[i].Data[:cap(batch[i].Data)]
	}
	n, err := s.batches.ReadBatch(in, 0)
	if err != nil {
		return 0, err
	}
	for i := range n {
		batch[i].Data = batch[i].Data[:in[i].N]
		batch[i].Peer = unmapped(in[i].Addr.(*net.UDPAddr).AddrPort())
	}
	return n, nil
}

func unmapped(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }

// Write sends the datagrams in order.
func (s *socket) Write(batch []Datagram) error {
	if s.batches == nil {
		for _, d := range batch {
			if _, err := s.udp.WriteToUDPAddrPort(d.Data, d.Peer); errors.Is(err, net.ErrClosed) {
				return err
			}
		}
		return nil
	}
	for len(batch) > 0 {
		out := s.out[:min(len(batch), len(s.out))]
		for i := range out {
			out[i].Buffers[0] = batch[i].Data
			s.to[i].IP = append(s.to[i].IP[:0], batch[i].Peer.Addr().AsSlice()...)
			s.to[i].Port, s.to[i].Zone = int(batch[i].Peer.Port()), batch[i].Peer.Addr().Zone()
			out[i].Addr = &s.to[i]
		}
		n, err := s.batches.WriteBatch(out, 0)
		if errors.Is(err, net.ErrClosed) {
			return err
		}
		batch = batch[max(n, 1):] // what can't be sent does not keep the others
	}
	return nil
}

// Close closes the socket.
func (s *socket) Close() error { return s.udp.Close() }
