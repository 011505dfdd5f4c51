//go:build linux

package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"golang.org/x/sys/unix"
)

// rowOpen measures how long answers take at a rate that does not depend on them.
func rowOpen() row {
	return row{
		name: "open", title: "Open loop",
		says: "GETs of pstat at a fixed rate, 100,000 a second unless `-rate` says otherwise, whether or not answers come. A time counts from the moment when the request was due, so what waits behind " +
			"a delay counts as delayed. How late requests left is what the load itself is to blame for: it was kept from its processor. HDR histograms of 3 significant digits. A run in which a datagram was lost is invalid.",
		units: []unit{
			{name: "req/s", head: "requests/s"},
			{name: "ns-p50", head: "p50 µs", shown: "µs", per: 1000},
			{name: "ns-p99", head: "p99 µs", shown: "µs", per: 1000},
			{name: "ns-p99.9", head: "p99.9 µs", shown: "µs", per: 1000},
			{name: "ns-max", head: "max µs", shown: "µs", per: 1000},
			{name: "ns-late-p99", head: "left late, p99 µs", shown: "µs", per: 1000},
			{name: "ns-late-max", head: "left late, max µs", shown: "µs", per: 1000},
			{name: "cpu-ns/req", head: "CPU µs a request", shown: "µs", per: 1000},
			{name: "lost/op", head: "lost"},
			{name: "dropped/op", head: "dropped by the kernel"},
		},
		ratios: []ratio{{"p99 beside the echo in C", "ns-p99", ofEchoC, true}},
		goals: []goal{
			{what: "open loop, p99", subject: ofProduct, unit: "ns-p99", most: 1e6},
			{what: "open loop, requests lost", subject: ofProduct, unit: "lost/op", none: true},
		},
		run: (*bench).measureOpen,
	}
}

func (b *bench) measureOpen(r *results) error {
	return b.sideBySide(r, []string{ofEchoC, ofEchoGo}, func(servers []*server) error {
		for round := range b.rounds {
			for _, s := range servers {
				o, err := newOpenLoop(s, b.rate)
				if err != nil {
					return err
				}
				err = o.run(b.span)
				if err = errors.Join(err, o.wire.close()); err != nil {
					return err
				}
				o.keep(r, round)
			}
		}
		return nil
	})
}

// openLoop sends requests when they are due.
type openLoop struct {
	s       *server
	wire    *wire
	every   time.Duration
	sent    int
	answers int
	seen    []bool                  // by number of the request
	times   *hdrhistogram.Histogram // from when a request was due to its answer
	late    *hdrhistogram.Histogram // from when a request was due to when it left
	buffers [vectorSize][64]byte
	cpu     time.Duration
	took    time.Duration
	dropped uint64
}

func newOpenLoop(s *server, rate int) (*openLoop, error) {
	w, err := openWire(0, 10*time.Millisecond)
	if err != nil {
		return nil, err
	}
	return &openLoop{
		s: s, wire: w, every: time.Second / time.Duration(rate),
		times: hdrhistogram.New(1, time.Minute.Nanoseconds(), 3), late: hdrhistogram.New(1, time.Minute.Nanoseconds(), 3),
	}, nil
}

// run sends for some time and waits for what is still under way.
func (o *openLoop) run(span time.Duration) error {
	count := int(span / o.every)
	o.seen = make([]bool, count)
	cpu, dropped := o.s.cpu(), lostAt(o.s.first.port, o.wire.port)
	began := time.Now()
	for o.sent < count {
		at := time.Since(began)
		due := min(int(at/o.every)+1, count)
		for o.sent < due && o.wire.out.n < vectorSize {
			_ = o.late.RecordValue(max(1, (at - time.Duration(o.sent)*o.every).Nanoseconds()))
			o.send()
		}
		if err := o.wire.flush(); err != nil {
			return err
		}
		if err := o.receive(began, unix.MSG_DONTWAIT); err != nil {
			return err
		}
	}
	o.took = time.Since(began)
	o.cpu = o.s.cpu() - cpu
	for end := time.Now().Add(patience); o.answers < o.sent && time.Now().Before(end); {
		if err := o.receive(began, unix.MSG_WAITFORONE); err != nil {
			return err
		}
	}
	o.dropped = lostAt(o.s.first.port, o.wire.port) - dropped
	return nil
}

// send adds the next request. Each Client uses each message id once.
func (o *openLoop) send() {
	k := o.sent
	o.sent++
	client := firstClient.plus(k % clientCount)
	data := datagram(o.buffers[o.wire.out.n][:0], conHead, get, uint16(k/clientCount), uint32(k), pstatPath)
	o.wire.out.add(client.addr, o.s.at(k*7919), data)
}

// receive reads answers and keeps how long each took.
func (o *openLoop) receive(began time.Time, flags int) error {
	n, err := o.wire.receive(flags)
	at := time.Since(began)
	for i := range n {
		k, ok := tokenOf(o.wire.data(i))
		if !ok || int(k) >= o.sent || o.seen[k] {
			continue
		}
		o.seen[k] = true
		o.answers++
		_ = o.times.RecordValue(max(1, (at - time.Duration(k)*o.every).Nanoseconds()))
	}
	return err
}

// keep adds the figures to the results, and says where they do not count.
func (o *openLoop) keep(r *results, round int) {
	lost := o.sent - o.answers
	if lost > 0 || o.dropped > 0 {
		r.distrust(o.s.name, fmt.Sprintf("%d of %d requests were lost, and the kernel dropped %d datagrams", lost, o.sent, o.dropped))
	}
	at := func(percentile float64) float64 { return float64(o.times.ValueAtQuantile(percentile)) }
	r.add(o.s.name, round, o.answers, map[string]float64{
		"req/s": float64(o.sent) / o.took.Seconds(), "ns-p50": at(50), "ns-p99": at(99), "ns-p99.9": at(99.9), "ns-max": float64(o.times.Max()),
		"ns-late-p99": float64(o.late.ValueAtQuantile(99)), "ns-late-max": float64(o.late.Max()),
		"cpu-ns/req": float64(o.cpu.Nanoseconds()) / float64(max(o.answers, 1)), "lost/op": float64(lost), "dropped/op": float64(o.dropped),
	})
}
