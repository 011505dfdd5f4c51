package fleet

import (
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/sim"
)

// reader reads a socket of many addresses, which begins as a busy or a quiet one, perhaps beside
// other work, and hands on the last byte of each packet.
func reader(t *testing.T, busy, beside bool) (w *wildcard, came chan byte, ended chan error) {
	t.Helper()
	book, err := newBook(netip.MustParseAddrPort("127.1.0.1:0"), 1000)
	if err != nil {
		t.Fatal(err)
	}
	nic, err := interfaceOf(book.base.Addr())
	if err != nil {
		t.Fatal(err)
	}
	conn, _, err := listenWildcard(book, nil, nic, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	w = conn.(*wildcard)
	w.quiet.busy = busy
	if beside {
		if err := w.beside(); err != nil {
			t.Fatal(err)
		}
	}
	came, ended = make(chan byte, 1<<12), make(chan error, 1)
	go func() {
		packets := make([]Packet, batchSize)
		for i := range packets {
			packets[i].Data = make([]byte, 0, 64)
		}
		for {
			n, err := w.ReadBatch(packets)
			if err != nil {
				ended <- err
				return
			}
			for _, p := range packets[:n] {
				came <- p.Data[len(p.Data)-1]
			}
		}
	}()
	return w, came, ended
}

// Whether a socket is quiet or busy, and while it becomes the one or the other, each packet is
// read once and in its order, and Close ends the wait.
func TestEachPacketIsReadFromQuietAndBusySockets(t *testing.T) {
	t.Run("alone", func(t *testing.T) { readEach(t, false) })
	t.Run("beside other work", func(t *testing.T) {
		if w := readEach(t, true); w.quiet.busy {
			t.Error("the socket counts as busy")
		}
	})
}

// readEach returns the socket, which is closed.
func readEach(t *testing.T, beside bool) *wildcard {
	t.Helper()
	w, came, ended := reader(t, false, beside)
	c, err := net.DialUDP("udp4", nil, &net.UDPAddr{IP: net.IPv4(127, 1, 0, 9), Port: int(w.port)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	sent := byte(0)
	exchange := func(count int) {
		for range count {
			sent++
			if _, err := c.Write([]byte{sent}); err != nil {
				t.Fatal(err)
			}
			select {
			case got := <-came:
				if got != sent {
					t.Fatalf("packet %d came instead of %d", got, sent)
				}
			case <-time.After(30 * time.Second):
				t.Fatalf("packet %d did not come", sent)
			}
		}
	}
	exchange(10 * rush)
	pause := time.NewTicker(2 * silence)
	defer pause.Stop()
	for range 3 {
		<-pause.C
		exchange(1)
		<-pause.C
		exchange(4 * rush)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Errorf("the reader ended with %v", err)
	}
	return w
}

// A socket becomes busy where many waits are short, and quiet again after silence.
func TestAQuietWaitCountsShortWaits(t *testing.T) {
	q := quietWait{since: time.Now()}
	for range rush {
		q.count()
	}
	if !q.busy {
		t.Error("it is quiet after many waits in no time")
	}
	q = quietWait{since: time.Now().Add(-2 * rushTime)}
	for range rush {
		q.count()
	}
	if q.busy {
		t.Error("it is busy though the waits took long")
	}
}

// Close ends the wait at a socket to which nobody sends, through the poller and in the kernel.
func TestCloseEndsTheWait(t *testing.T) {
	for _, c := range []struct{ busy, beside bool }{{}, {busy: true}, {beside: true}} {
		w, _, ended := reader(t, c.busy, c.beside)
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		select {
		case err := <-ended:
			if !errors.Is(err, net.ErrClosed) {
				t.Errorf("%+v: the reader ended with %v", c, err)
			}
		case <-time.After(30 * time.Second):
			t.Fatalf("%+v: the reader did not end", c)
		}
	}
}

// Whoever reads the socket of sessions always waits in the poller: handshakes compute in the same
// process. The plain one is read so where the process does other work.
func TestSocketOfSessionsIsReadBesideHandshakes(t *testing.T) {
	m, err := sim.NewModel(sim.Config{Security: &sim.Security{}, Behaviour: sim.Behaviour{Name: "success", Ends: "success", Source: sim.Patience{Timeout: time.Minute}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, beside := range []bool{false, true} {
		f, err := Open(Config{
			Devices: few + 1, Listen: netip.MustParseAddrPort("127.1.0.1:0"), Secure: &Secure{}, Beside: beside,
			Model: func(int) *sim.Model { return m },
		})
		if err != nil {
			t.Fatal(err)
		}
		plain, secured := f.shard.conn.(*wildcard), f.shard.demux.conn.(*wildcard)
		if plain.quiet.keeps != beside || !secured.quiet.keeps {
			t.Errorf("beside other work %v: the plain socket is always read through the poller: %v, that of sessions: %v", beside, plain.quiet.keeps, secured.quiet.keeps)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}
