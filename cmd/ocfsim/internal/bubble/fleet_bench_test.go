package bubble_test

import (
	"context"
	"errors"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/bubble"
	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/memnet"
	"github.com/ocfsim/ocfsim/sim/source"
)

// counting is a trusted source that counts what it is asked.
type counting struct {
	*source.Source
	checks, fetches atomic.Int64
}

func (c *counting) Ask(q source.Question, reply func(source.Answer)) (cancel func()) {
	c.count(q)
	return c.Source.Ask(q, reply)
}

func (c *counting) count(q source.Question) {
	if q.Kind == source.Fetch {
		c.fetches.Add(1)
	} else {
		c.checks.Add(1)
	}
}

// AskNow counts what the source answers at once.
func (c *counting) AskNow(q source.Question) (a source.Answer, ok bool) {
	if a, ok = c.Source.AskNow(q); ok {
		c.count(q)
	}
	return a, ok
}

// events is how many Events the Devices were given. Each process begins by a timer, asks for
// the newest version, has a result by a second timer and ends by a third; an update also
// fetches a package. Each question has one answer.
func (c *counting) events() int64 { return 4*c.checks.Load() + c.fetches.Load() }

// BenchmarkFleet runs 10,000 Devices that check and update by themselves for ten minutes of
// virtual time, again and again, with the fleet's timers, its trusted source and nobody
// listening.
func BenchmarkFleet(b *testing.B) {
	var events int64
	for b.Loop() {
		if err := bubble.Run(func() error {
			n, err := autonomously(10_000, 10*time.Minute)
			events += n
			return err
		}); err != nil {
			b.Fatal(err)
		}
	}
	if events == 0 {
		b.Fatal("no Device has done anything")
	}
	b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "event/s")
}

// autonomously runs that many Devices for some time and returns how many Events they had.
func autonomously(devices int, span time.Duration) (int64, error) {
	behaviour, err := fixtures.Behaviour("autonomous")
	if err != nil {
		return 0, err
	}
	m, err := sim.NewModel(sim.Config{Behaviour: behaviour})
	if err != nil {
		return 0, err
	}
	conn, err := memnet.New(1, memnet.Impairment{}).Wildcard(5683)
	if err != nil {
		return 0, err
	}
	src := &counting{Source: source.New(source.Config{})}
	fl, err := fleet.Open(fleet.Config{
		Devices: devices, Listen: netip.MustParseAddrPort("127.1.0.1:5683"), Conn: conn,
		Model: func(int) *sim.Model { return m }, Source: src,
	})
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- fl.Serve(ctx) }()
	time.Sleep(span)
	cancel()
	return src.events(), errors.Join(<-done, src.Close())
}
