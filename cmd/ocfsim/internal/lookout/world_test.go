package lookout_test

import (
	"context"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/message/codes"
	"github.com/plgd-dev/go-coap/v3/udp/coder"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lookout"
	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/memnet"
	"github.com/ocfsim/ocfsim/sim/source"
)

// world is a fleet on a network in memory that a Board watches, in a bubble.
type world struct {
	*testing.T
	net    *memnet.Net
	roster *lookout.Roster
	board  *lookout.Board
	mid    int32
}

// inWorld runs f against so many Devices. The i-th plays the i-th behaviour, and after the
// last one the list starts again. watch makes the sinks in the bubble.
func inWorld(t *testing.T, devices int, behaviours []string, watch func() []lookout.Sink, f func(w *world)) {
	t.Helper()
	configs := make([]sim.Config, len(behaviours))
	for i, name := range behaviours {
		b, err := fixtures.Behaviour(name)
		if err != nil {
			t.Fatal(err)
		}
		configs[i].Behaviour = b
	}
	inWorldOf(t, devices, configs, watch, f)
}

// inWorldOf is inWorld with Devices of these models.
func inWorldOf(t *testing.T, devices int, configs []sim.Config, watch func() []lookout.Sink, f func(w *world)) {
	t.Helper()
	models := make([]*sim.Model, len(configs))
	for i, cfg := range configs {
		var err error
		if models[i], err = sim.NewModel(cfg); err != nil {
			t.Fatal(err)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		n := memnet.New(1, memnet.Impairment{})
		conn, err := n.Wildcard(5683)
		if err != nil {
			t.Fatal(err)
		}
		board, src := lookout.NewBoard(devices, watch()...), source.New(source.Config{})
		fl, err := fleet.Open(fleet.Config{
			Devices: devices, Listen: netip.MustParseAddrPort("127.1.0.1:5683"), Conn: conn, Source: src, Watch: board,
			Model: func(i int) *sim.Model { return models[i%len(models)] },
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		served := make(chan error, 1)
		go func() { served <- fl.Serve(ctx) }()
		group := func(i int) string { return []string{"hall", "stairs"}[i%2] }
		f(&world{T: t, net: n, roster: &lookout.Roster{Fleet: fl, Group: group}, board: board})
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
		if err := src.Close(); err != nil {
			t.Error(err)
		}
	})
}

// ask sends a request to Device i and returns the code of its answer.
func (w *world) ask(i int, code codes.Code, path string, payload []byte) codes.Code {
	w.Helper()
	c, err := w.net.Dial(w.roster.Addr(i))
	if err != nil {
		w.Fatal(err)
	}
	defer c.Close()
	w.mid++
	options, _, err := message.Options{}.SetPath(make([]byte, 64), path)
	if err != nil {
		w.Fatal(err)
	}
	m := message.Message{Type: message.Confirmable, Code: code, MessageID: w.mid, Options: options, Payload: payload}
	buf := make([]byte, 1500)
	n, err := coder.DefaultCoder.Encode(m, buf)
	if err != nil {
		w.Fatal(err)
	}
	return w.answer(c, buf[:n])
}

// answer sends a request and returns the code of what comes back.
func (w *world) answer(c net.Conn, request []byte) codes.Code {
	w.Helper()
	if _, err := c.Write(request); err != nil {
		w.Fatal(err)
	}
	_ = c.SetReadDeadline(time.Now().Add(time.Minute))
	buf := make([]byte, 1500)
	if n, err := c.Read(buf); err != nil || n < 4 {
		w.Fatalf("%d bytes, %v", n, err)
	}
	return codes.Code(buf[1])
}

// write posts an update of pstat to Device i.
func (w *world) write(i int, u ocf.PstatUpdate) codes.Code {
	w.Helper()
	return w.ask(i, codes.POST, ocf.PathPstat, u.AppendCBOR(nil))
}

// request asks Device i for a process, and waits.
func (w *world) request(i int, tm ocf.DPM, wait time.Duration) {
	w.Helper()
	if code := w.write(i, ocf.PstatUpdate{Set: ocf.PropTM, TM: tm}); code != codes.Changed {
		w.Fatalf("Device %d answers %v", i, code)
	}
	time.Sleep(wait)
}

// telling makes Events that write to out, begun and ended around f.
func telling(t *testing.T, devices int, behaviours []string, make func() *lookout.Events, f func(w *world)) (err error) {
	t.Helper()
	var events *lookout.Events
	inWorld(t, devices, behaviours, func() []lookout.Sink { events = make(); return []lookout.Sink{events} }, func(w *world) {
		events.Begin(w.roster, lookout.NewMeter(w.roster, w.board))
		f(w)
		err = events.Close()
	})
	return err
}
