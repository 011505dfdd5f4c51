package fleet

import (
	"context"
	"encoding/binary"
	"log/slog"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/source"
)

// The benchmarks in this file report the CPU time that a server spends on a request, in
// the kernel too: the time of the process without that of the Client. CPU time holds on a
// busy machine, where requests a second do not.

// client is many Clients, at 127.2.0.0 and the following addresses, in one thread.
type client struct {
	b    *testing.B
	conn Conn
	out  []Packet
	in   []Packet
	mid  uint16
}

const clients = 250

func newClient(b *testing.B, to []netip.AddrPort, data []byte) *client {
	b.Helper()
	base := netip.MustParseAddrPort("127.2.0.1:0")
	conn := onSocket(b, base, clients)
	c := &client{b: b, conn: conn, in: make([]Packet, batchSize)}
	for i := range c.in {
		c.in[i].Data = make([]byte, 0, maxDatagram)
	}
	for i, at := range to {
		local, _ := plus(base.Addr(), i%clients)
		c.out = append(c.out, Packet{Local: netip.AddrPortFrom(local, 0), Peer: at, Data: append([]byte(nil), data...)})
	}
	return c
}

// onSocket opens a socket for that many addresses.
func onSocket(b *testing.B, base netip.AddrPort, count int) Conn {
	b.Helper()
	book, err := newBook(base, count)
	if err != nil {
		b.Fatal(err)
	}
	nic, err := interfaceOf(base.Addr())
	if err != nil {
		b.Fatal(err)
	}
	conn, _, err := listenWildcard(book, nil, nic, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = conn.Close() })
	return conn
}

// round sends a message to each, batchSize at a time, and waits for that many datagrams
// for each of them.
func (c *client) round(answers int) {
	c.mid++
	for at := 0; at < len(c.out); at += batchSize {
		batch := c.out[at:min(at+batchSize, len(c.out))]
		for i := range batch {
			binary.BigEndian.PutUint16(batch[i].Data[2:], c.mid)
		}
		if _, err := c.conn.WriteBatch(batch); err != nil {
			c.b.Fatal(err)
		}
		c.read(answers * len(batch))
	}
}

// read waits for that many datagrams.
func (c *client) read(datagrams int) {
	for datagrams > 0 {
		n, err := c.conn.ReadBatch(c.in)
		if err != nil {
			c.b.Fatal(err)
		}
		datagrams -= n
	}
}

// used returns the CPU time of the process or of the thread.
func used(b *testing.B, who int) time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(who, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// perRequest runs round again and again, which sends n requests each time, and reports the
// CPU time of everything but the Client.
func (c *client) perRequest(n int, round func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var spent time.Duration
	requests := 0
	for c.b.Loop() {
		all, own := used(c.b, unix.RUSAGE_SELF), used(c.b, unix.RUSAGE_THREAD)
		round()
		spent += used(c.b, unix.RUSAGE_SELF) - all - (used(c.b, unix.RUSAGE_THREAD) - own)
		requests += n
	}
	c.b.ReportMetric(float64(spent.Nanoseconds())/float64(requests), "cpu-ns/request")
}

// devicesOn opens a fleet of that many Devices and serves it.
func devicesOn(b *testing.B, count int) (*Fleet, []netip.AddrPort) {
	b.Helper()
	m, err := sim.NewModel(sim.Config{Behaviour: sim.Behaviour{
		Name: "success", Ends: "success", Source: sim.Patience{Timeout: time.Minute},
		Validation: sim.Validation{Takes: time.Hour},
	}})
	if err != nil {
		b.Fatal(err)
	}
	src := source.New(source.Config{})
	f, err := Open(Config{
		Devices: count, Listen: netip.MustParseAddrPort("127.1.0.1:0"), Source: src, Model: func(int) *sim.Model { return m },
	})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f.Serve(ctx) }()
	b.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			b.Error(err)
		}
		if err := src.Close(); err != nil {
			b.Error(err)
		}
	})
	var at []netip.AddrPort
	for i := range count {
		at = append(at, f.Addr(i))
	}
	return f, at
}

const pathPstat = "\xb3oic\x03sec\x05pstat"

// BenchmarkCPUEcho is what the kernel and the vectors cost alone, with a datagram of the
// size of pstat.
func BenchmarkCPUEcho(b *testing.B) {
	base := netip.MustParseAddrPort("127.1.0.1:0")
	conn := onSocket(b, base, 1000)
	port := conn.(*wildcard).port
	go func() {
		packets := make([]Packet, batchSize)
		for i := range packets {
			packets[i].Data = make([]byte, 0, maxDatagram)
		}
		for {
			n, err := conn.ReadBatch(packets)
			if err != nil {
				return
			}
			for i := range packets[:n] {
				packets[i].Data = packets[i].Data[:145]
			}
			if _, err := conn.WriteBatch(packets[:n]); err != nil {
				return
			}
		}
	}()
	var at []netip.AddrPort
	for i := range 1000 {
		a, _ := plus(base.Addr(), i)
		at = append(at, netip.AddrPortFrom(a, port))
	}
	c := newClient(b, at, []byte("\x44\x01\x00\x00toke"+pathPstat))
	c.perRequest(len(at), func() { c.round(1) })
}

// BenchmarkCPUGet is a GET of pstat.
func BenchmarkCPUGet(b *testing.B) {
	_, at := devicesOn(b, 1000)
	c := newClient(b, at, []byte("\x44\x01\x00\x00toke"+pathPstat))
	c.perRequest(len(at), func() { c.round(1) })
}

// BenchmarkCPUPost is a POST of tm to a Device with one observer, who is told of it: tm has
// one bit more. What the Device asks its source counts, too. Each round takes new Devices.
func BenchmarkCPUPost(b *testing.B) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	const devices = 4000
	var spent time.Duration
	writes := 0
	for b.Loop() {
		spent += heardWrites(b, devices)
		writes += 2 * devices
	}
	b.ReportMetric(float64(spent.Nanoseconds())/float64(writes), "cpu-ns/request")
}

// heardWrites has each of new Devices be told to check and then to update, and returns the
// CPU time of that.
func heardWrites(b *testing.B, devices int) (spent time.Duration) {
	_, at := devicesOn(b, devices)
	observers := newClient(b, at, []byte("\x44\x01\x00\x00watc\x60\x53oic\x03sec\x05pstat"))
	observers.round(1)
	writer := newClient(b, at, nil)
	for _, tm := range []ocf.DPM{ocf.SVV, ocf.SSU} {
		for i := range writer.out {
			writer.out[i].Data = append([]byte("\x44\x02\x00\x00toke"+pathPstat+"\x12\x27\x10\xff\xa1\x62tm\x18"), byte(tm))
		}
		all, own := used(b, unix.RUSAGE_SELF), used(b, unix.RUSAGE_THREAD)
		writer.roundHeard(observers)
		spent += used(b, unix.RUSAGE_SELF) - all - (used(b, unix.RUSAGE_THREAD) - own)
	}
	return spent
}

// roundHeard is round with one answer, and one notification for the observers.
func (c *client) roundHeard(observers *client) {
	c.mid++
	for at := 0; at < len(c.out); at += batchSize {
		batch := c.out[at:min(at+batchSize, len(c.out))]
		for i := range batch {
			binary.BigEndian.PutUint16(batch[i].Data[2:], c.mid)
		}
		if _, err := c.conn.WriteBatch(batch); err != nil {
			c.b.Fatal(err)
		}
		c.read(len(batch))
		observers.read(len(batch))
	}
}
