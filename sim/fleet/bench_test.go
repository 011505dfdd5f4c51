package fleet_test

import (
	"encoding/binary"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/sim/fleet"
)

const (
	inFlight    = 64
	loadClients = 256
)

// BenchmarkGet compares a GET of pstat over loopback with a raw UDP echo of the same
// sizes, both interleaved in one run. It reports the rate as a share of the echo's;
// SCALE asks for at least 0.5.
func BenchmarkGet(b *testing.B) {
	fl := onLoopback(b, func(c *fleet.Config) { c.Devices = 1000 })
	echo := rawEcho(b)
	request := bytesOf(b, "44 01 0000 00000000"+pstat)
	get := newLoad(b, func(i int) netip.AddrPort { return fl.Addr(i % fl.Len()) }, request)
	raw := newLoad(b, func(int) netip.AddrPort { return echo }, request)
	var shares []float64
	for b.Loop() {
		const requests = 20000
		r, g := raw.run(b, requests), get.run(b, requests)
		shares = append(shares, r.Seconds()/g.Seconds())
		b.ReportMetric(float64(requests)/g.Seconds(), "gets/s")
		b.ReportMetric(float64(requests)/r.Seconds(), "echoes/s")
	}
	slices.Sort(shares)
	b.ReportMetric(shares[len(shares)/2], "of-echo")
}

// rawEcho answers every datagram with as many bytes as the answer to a GET of pstat
// has.
func rawEcho(b *testing.B) netip.AddrPort {
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = c.Close() })
	go func() {
		buf := make([]byte, 2048)
		for {
			n, peer, err := c.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			if _, err := c.WriteToUDPAddrPort(buf[:max(n, 160)], peer); err != nil {
				return
			}
		}
	}()
	return c.LocalAddr().(*net.UDPAddr).AddrPort()
}

// load is a set of Clients with requests in flight.
type load struct {
	conns []*net.UDPConn
	to    []netip.AddrPort
	mids  []uint16
	data  []byte
}

func newLoad(b *testing.B, to func(i int) netip.AddrPort, data []byte) *load {
	l := &load{data: data}
	for i := range loadClients {
		c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = c.Close() })
		l.conns, l.to, l.mids = append(l.conns, c), append(l.to, to(i)), append(l.mids, 0)
	}
	return l
}

// run makes that many requests, inFlight at a time, and returns how long it took.
func (l *load) run(b *testing.B, requests int) time.Duration {
	began := time.Now()
	errs := make(chan error, inFlight)
	for worker := range inFlight {
		go func() {
			data := slices.Clone(l.data)
			buf := make([]byte, 2048)
			for i := worker; i < requests; i += inFlight {
				k := worker + i/inFlight%(loadClients/inFlight)*inFlight
				c := l.conns[k]
				l.mids[k]++
				binary.BigEndian.PutUint16(data[2:], l.mids[k])
				if _, err := c.WriteToUDPAddrPort(data, l.to[k]); err != nil {
					errs <- err
					return
				}
				_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
				if _, _, err := c.ReadFromUDPAddrPort(buf); err != nil {
					errs <- err
					return
				}
			}
			errs <- nil
		}()
	}
	for range inFlight {
		if err := <-errs; err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(began)
}

// BenchmarkHandle measures what a GET costs between two system calls: where all that it needs
// is in the processor's cache, and where the Devices are many and asked in a scattered order.
func BenchmarkHandle(b *testing.B) {
	for _, devices := range []int{1_000, 200_000} {
		b.Run(strconv.Itoa(devices), func(b *testing.B) {
			conn := newFeed()
			fl := onLoopback(b, func(c *fleet.Config) { c.Conn, c.Devices, c.Listen = conn, devices, addrPort("127.1.0.1:5683") })
			batch := make([]fleet.Packet, 64)
			for i := range batch {
				batch[i].Data = bytesOf(b, "44 01 0000 00000000"+pstat)
			}
			b.ReportAllocs()
			var began time.Duration
			for k := 0; b.Loop(); {
				if k == 0 {
					began = busy()
				}
				for i := range batch {
					batch[i].Peer = netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(k)}), 1)
					batch[i].Local = fl.Addr(k * 7919 % devices)
					binary.BigEndian.PutUint16(batch[i].Data[2:], uint16(k>>8))
					k++
				}
				conn.handle(batch)
			}
			b.ReportMetric(float64((busy()-began).Nanoseconds())/float64(b.N)/64, "cpu-ns/get")
		})
	}
}
