package lookout_test

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lookout"
	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
)

// feed is a Conn that hands packets to a fleet and takes what it sends.
type feed struct {
	packets chan []fleet.Packet
	handled chan struct{}
	closed  chan struct{}
	begun   bool
}

// ReadBatch reports that the previous packets were handled, and takes the next ones.
func (f *feed) ReadBatch(packets []fleet.Packet) (int, error) {
	if f.begun {
		f.handled <- struct{}{}
	}
	f.begun = true
	select {
	case batch := <-f.packets:
		return copy(packets, batch), nil
	case <-f.closed:
		return 0, net.ErrClosed
	}
}

func (f *feed) WriteBatch(packets []fleet.Packet) (int, error) { return len(packets), nil }

func (f *feed) Close() error {
	select {
	case <-f.closed:
	default:
		close(f.closed)
	}
	return nil
}

// BenchmarkGet measures what a GET of pstat costs between two system calls, with nobody who
// watches and with each kind of watching.
func BenchmarkGet(b *testing.B) {
	for _, c := range []struct {
		name  string
		watch func(*testing.B) (*lookout.Board, *lookout.Events)
	}{
		{"nobody", func(*testing.B) (*lookout.Board, *lookout.Events) { return nil, nil }},
		{"counts", func(*testing.B) (*lookout.Board, *lookout.Events) { return lookout.NewBoard(1000), nil }},
		{"metrics", func(*testing.B) (*lookout.Board, *lookout.Events) {
			return lookout.NewBoard(1000, lookout.NewMetrics("v1")), nil
		}},
		{"events-without-requests", eventsOf(0, "write-accepted", "process-ended")},
		{"events-at-100-a-second", eventsOf(100)},
		{"events", eventsOf(0)},
	} {
		b.Run(c.name, func(b *testing.B) {
			board, events := c.watch(b)
			benchGets(b, board, events)
		})
	}
}

// eventsOf makes Events of some kinds that go nowhere, and a Board that tells them.
func eventsOf(rate float64, kinds ...string) func(*testing.B) (*lookout.Board, *lookout.Events) {
	return func(b *testing.B) (*lookout.Board, *lookout.Events) {
		set, err := lookout.ParseKinds(kinds)
		if err != nil {
			b.Fatal(err)
		}
		e := lookout.NewEvents(io.Discard, set, rate)
		return lookout.NewBoard(1000, e), e
	}
}

// benchGets lets a fleet answer GETs of pstat, 64 at a time.
func benchGets(b *testing.B, board *lookout.Board, events *lookout.Events) {
	behaviour, err := fixtures.Behaviour("success")
	if err != nil {
		b.Fatal(err)
	}
	m, err := sim.NewModel(sim.Config{Behaviour: behaviour})
	if err != nil {
		b.Fatal(err)
	}
	conn := &feed{packets: make(chan []fleet.Packet), handled: make(chan struct{}, 1), closed: make(chan struct{})}
	config := fleet.Config{
		Devices: 1000, Listen: netip.MustParseAddrPort("127.1.0.1:5683"), Conn: conn, Model: func(int) *sim.Model { return m },
	}
	if board != nil {
		config.Watch = board
	}
	fl, err := fleet.Open(config)
	if err != nil {
		b.Fatal(err)
	}
	if events != nil {
		roster := &lookout.Roster{Fleet: fl}
		events.Begin(roster, lookout.NewMeter(roster, board))
		defer events.Close()
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- fl.Serve(ctx) }()
	defer func() {
		stop()
		if err := <-served; err != nil {
			b.Error(err)
		}
	}()
	batch := make([]fleet.Packet, 64)
	for i := range batch {
		data := append([]byte{0x44, 1, 0, 0, 0, 0, 0, 0}, "\xb3oic\x03sec\x05pstat"...)
		batch[i] = fleet.Packet{Peer: netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}), 1), Local: fl.Addr(i), Data: data}
	}
	b.ReportAllocs()
	before := processor(b)
	for mid := uint16(0); b.Loop(); mid++ {
		for i := range batch {
			binary.BigEndian.PutUint16(batch[i].Data[2:], mid)
		}
		conn.packets <- batch
		<-conn.handled
	}
	b.ReportMetric(float64(processor(b)-before)/float64(b.N)/64, "cpu-ns/get")
}

// processor is how much processor time the program has used, in nanoseconds. Other programs
// don't count, so that it can be compared on a machine that has more to do.
func processor(b *testing.B) int64 {
	var used unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return used.Utime.Nano() + used.Stime.Nano()
}
