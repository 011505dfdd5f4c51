package impair_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/impair"
)

// TestFatesAreAsOftenAsTheyShouldBe draws many fates and counts.
func TestFatesAreAsOftenAsTheyShouldBe(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	i := impair.Impairment{Loss: 0.1, Duplicate: 0.2, Reorder: 0.3, Corrupt: 0.4, Delay: time.Second, Jitter: time.Second}
	lost, doubled, copies, reordered, corrupted := 0, 0, 0, 0, 0
	for range 10_000 {
		f := i.Fate(rng)
		if f.Lost() {
			lost++
		}
		if f.N == 2 {
			doubled++
		}
		for _, c := range f.Copies[:f.N] {
			copies++
			if c.Flip != 0 {
				corrupted++
			}
			late := c.Delay
			if c.Reordered {
				reordered++
				late -= 4 * time.Second
			}
			if late < time.Second || late > 2*time.Second {
				t.Fatalf("a delay of %v", c.Delay)
			}
		}
	}
	for what, is := range map[string][2]int{"lost": {lost, 1000}, "doubled": {doubled, 1800}, "reordered": {reordered, copies * 3 / 10}, "corrupted": {corrupted, copies * 4 / 10}} {
		if is[0] < is[1]*9/10 || is[0] > is[1]*11/10 {
			t.Errorf("%d were %s, expected about %d", is[0], what, is[1])
		}
	}
	var none impair.Impairment
	if f := none.Fate(rng); !f.IsIntact() || f != impair.Intact() {
		t.Errorf("without impairment: %+v", f)
	}
}

// TestBoth checks that two impairments are as bad as one after the other.
func TestBoth(t *testing.T) {
	a := impair.Impairment{Loss: 0.5, Delay: time.Second}
	b := impair.Impairment{Loss: 0.5, Corrupt: 0.25, Jitter: time.Minute}
	if got, want := a.Both(b), (impair.Impairment{Loss: 0.75, Corrupt: 0.25, Delay: time.Second, Jitter: time.Minute}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// TestOneBitIsChanged checks that a corrupted datagram differs in one bit.
func TestOneBitIsChanged(t *testing.T) {
	for flip, want := range map[uint32][]byte{0: {0, 0}, 1: {0x80, 0}, 8: {1, 0}, 9: {0, 0x80}, 17: {0x80, 0}} {
		data := []byte{0, 0}
		impair.Copy{Flip: flip}.Apply(data)
		if !bytes.Equal(data, want) {
			t.Errorf("flip %d: got %x, want %x", flip, data, want)
		}
	}
	impair.Copy{Flip: 1}.Apply(nil)
}

// pipe is a Conn in memory: what is sent arrives at it.
type pipe struct {
	queue  chan fleet.Packet
	closed chan struct{}
}

func (p *pipe) ReadBatch(packets []fleet.Packet) (int, error) {
	select {
	case q := <-p.queue:
		packets[0].Data = append(packets[0].Data, q.Data...)
		return 1, nil
	case <-p.closed:
		return 0, net.ErrClosed
	}
}

func (p *pipe) WriteBatch(packets []fleet.Packet) (int, error) {
	for _, q := range packets {
		q.Data = slices.Clone(q.Data)
		p.queue <- q
	}
	return len(packets), nil
}

func (p *pipe) Close() error { close(p.closed); return nil }

// fates are what becomes of the packets that leave, by their first byte, and of those
// that come.
type fates struct{ out, in map[byte]impair.Fate }

func (f fates) Fate(p *fleet.Packet, in bool) impair.Fate {
	list := f.out
	if in {
		list = f.in
	}
	if fate, ok := list[p.Data[0]]; ok {
		return fate
	}
	return impair.Intact()
}

// TestConn sends packets through a bad network and back, and looks when what arrives.
func TestConn(t *testing.T) {
	after := func(d time.Duration) impair.Fate { return impair.Fate{N: 1, Copies: [2]impair.Copy{{Delay: d}}} }
	twice := impair.Fate{N: 2, Copies: [2]impair.Copy{{}, {Delay: time.Second}}}
	flipped := impair.Fate{N: 1, Copies: [2]impair.Copy{{Flip: 8}}}
	for name, c := range map[string]struct {
		fates
		sent, want string // 0ms:1 is packet 1 after no time
	}{
		"nothing happens":     {fates{}, "123", "0s:1 0s:2 0s:3"},
		"lost on leaving":     {fates{out: map[byte]impair.Fate{'2': {}}}, "123", "0s:1 0s:3"},
		"lost on coming":      {fates{in: map[byte]impair.Fate{'1': {}, '3': {}}}, "123", "0s:2"},
		"late both ways":      {fates{out: map[byte]impair.Fate{'1': after(time.Second)}, in: map[byte]impair.Fate{'1': after(time.Minute)}}, "1", "1m1s:1"},
		"overtaken":           {fates{out: map[byte]impair.Fate{'1': after(time.Second)}}, "12", "0s:2 1s:1"},
		"twice":               {fates{out: map[byte]impair.Fate{'1': twice}}, "1", "0s:1 1s:1"},
		"changed":             {fates{out: map[byte]impair.Fate{'2': flipped}}, "12", "0s:1 0s:3"},
		"order of the others": {fates{out: map[byte]impair.Fate{'1': after(0), '2': twice}}, "1234", "0s:1 0s:2 0s:3 0s:4 1s:2"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				conn := impair.Over(&pipe{queue: make(chan fleet.Packet, 64), closed: make(chan struct{})}, c.fates)
				var got []string
				began, done := time.Now(), make(chan struct{})
				go func() {
					defer close(done)
					for {
						packets := []fleet.Packet{{Data: make([]byte, 0, 9)}, {Data: make([]byte, 0, 9)}}
						n, err := conn.ReadBatch(packets)
						if errors.Is(err, net.ErrClosed) {
							return
						}
						for _, p := range packets[:n] {
							got = append(got, fmt.Sprintf("%v:%s", time.Since(began), p.Data))
						}
					}
				}()
				var packets []fleet.Packet
				for _, b := range []byte(c.sent) {
					packets = append(packets, fleet.Packet{Local: netip.MustParseAddrPort("127.1.0.1:5683"), Data: []byte{b}})
				}
				if n, err := conn.WriteBatch(packets); n != len(packets) || err != nil {
					t.Errorf("sent %d, %v", n, err)
				}
				time.Sleep(time.Hour)
				if err := conn.Close(); err != nil {
					t.Error(err)
				}
				<-done
				if got := strings.Join(got, " "); got != c.want {
					t.Errorf("got %s, want %s", got, c.want)
				}
			})
		})
	}
}

// TestACloseDropsWhatIsOnItsWay checks that nothing is delivered after Close.
func TestACloseDropsWhatIsOnItsWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		under := &pipe{queue: make(chan fleet.Packet, 64), closed: make(chan struct{})}
		conn := impair.Over(under, fates{out: map[byte]impair.Fate{'1': {N: 1, Copies: [2]impair.Copy{{Delay: time.Minute}}}}})
		if _, err := conn.WriteBatch([]fleet.Packet{{Data: []byte("1")}}); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(conn.Close(), conn.Close()); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Hour)
		if len(under.queue) > 0 {
			t.Error("a packet left after Close")
		}
	})
}
