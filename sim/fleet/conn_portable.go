package fleet

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
)

// sockets holds a plain UDP socket for each Device, and a goroutine that reads it.
// It is for hosts where one socket cannot serve many addresses, and for few Devices.
type sockets struct {
	list   []*net.UDPConn
	index  map[netip.AddrPort]*net.UDPConn
	queue  chan Packet
	closed chan struct{}
	once   sync.Once
	done   sync.WaitGroup
}

// listenEach opens a socket at each address. Port 0 stands for any free port.
func listenEach(addrs []netip.AddrPort, log *slog.Logger) (Conn, *addressBook, error) {
	s := &sockets{
		index:  make(map[netip.AddrPort]*net.UDPConn, len(addrs)),
		queue:  make(chan Packet, batchSize),
		closed: make(chan struct{}),
	}
	actual := make([]netip.AddrPort, len(addrs))
	for i, a := range addrs {
		udp, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(a))
		if err != nil {
			_ = s.Close()
			return nil, nil, fmt.Errorf("listen for device %d of %d (--port-per-device needs one address only): %w", i+1, len(addrs), err)
		}
		if err := udp.SetReadBuffer(1 << 20); err != nil {
			log.Warn("small receive buffer", "error", err)
		}
		local := udp.LocalAddr().(*net.UDPAddr).AddrPort()
		actual[i] = netip.AddrPortFrom(local.Addr().Unmap(), local.Port())
		s.list = append(s.list, udp)
		s.index[actual[i]] = udp
	}
	for i, udp := range s.list {
		s.done.Go(func() { s.read(udp, actual[i], log) })
	}
	return s, listBook(actual), nil
}

// read moves the packets of one socket into the queue.
func (s *sockets) read(udp *net.UDPConn, local netip.AddrPort, log *slog.Logger) {
	buf := make([]byte, maxDatagram+1)
	for failures := 0; ; {
		n, peer, err := udp.ReadFromUDPAddrPort(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // on some systems, an ICMP error that an earlier answer caused
			if failures++; failures > maxFailures {
				log.Error("read", "address", local, "error", err)
				return
			}
			continue
		}
		failures = 0
		peer = netip.AddrPortFrom(peer.Addr().Unmap(), peer.Port())
		data := append([]byte(nil), buf[:min(n, maxDatagram)]...)
		select {
		case s.queue <- Packet{Peer: peer, Local: local, Multicast: local.Addr().IsMulticast(), Cut: n > maxDatagram, Data: data}:
		case <-s.closed:
			return
		}
	}
}

// ReadBatch waits for a packet from any socket, and then takes what else has
// arrived.
func (s *sockets) ReadBatch(packets []Packet) (int, error) {
	select {
	case packets[0] = <-s.queue:
	case <-s.closed:
		return 0, net.ErrClosed
	}
	for n := 1; n < len(packets); n++ {
		select {
		case packets[n] = <-s.queue:
		default:
			return n, nil
		}
	}
	return len(packets), nil
}

// WriteBatch sends each packet from its Device's socket.
func (s *sockets) WriteBatch(packets []Packet) (int, error) {
	sent := 0
	var first error
	for i := range packets {
		udp := s.index[packets[i].Local]
		if udp == nil {
			return sent, fmt.Errorf("no socket at %v", packets[i].Local)
		}
		if _, err := udp.WriteToUDPAddrPort(packets[i].Data, packets[i].Peer); err == nil {
			sent++
		} else if first == nil {
			first = err
		}
	}
	return sent, first
}

// Close closes every socket and waits for its reader.
func (s *sockets) Close() error {
	var err error
	s.once.Do(func() {
		close(s.closed)
		for _, udp := range s.list {
			err = errors.Join(err, udp.Close())
		}
	})
	s.done.Wait()
	return err
}
