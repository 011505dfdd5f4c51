//go:build linux

package main

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// perRequest are the units of a load of requests.
var perRequest = []unit{
	{name: "req/s", head: "requests/s"},
	{name: "cpu-ns/req", head: "CPU µs a request", shown: "µs", per: 1000},
	{name: "lost/op", head: "lost"},
}

// rowGet measures reads of pstat.
func rowGet() row {
	return row{
		name: "get", title: "GET of pstat",
		says: "64 requests in flight from 256 addresses, over loopback. ocfsim runs 100,000 Devices unless `-devices` says otherwise, with deduplication and access control; the " +
			"others have one address. The echoes send as many bytes as ocfsim answers with. CPU is that of the server's process.",
		units: perRequest,
		ratios: []ratio{
			{"CPU beside the echo in C", "cpu-ns/req", ofEchoC, true},
			{"CPU beside the echo in Go", "cpu-ns/req", ofEchoGo, true},
			{"CPU beside go-coap", "cpu-ns/req", ofGoCoAP, true},
		},
		goals: []goal{
			{what: "GET, CPU beside a raw echo in C", subject: ofProduct, unit: "CPU beside the echo in C", least: 0.75},
			{what: "GET, CPU beside go-coap's server", subject: ofProduct, unit: "CPU beside go-coap", least: 6},
		},
		run: (*bench).measureGet,
	}
}

func (b *bench) measureGet(r *results) error {
	return b.sideBySide(r, []string{ofEchoC, ofEchoGo, ofGoCoAP, ofLibcoap}, func(servers []*server) error {
		loads := make([]*load, len(servers))
		for i, s := range servers {
			g, err := newGenerator(clientCount)
			if err != nil {
				return err
			}
			defer func() { _ = g.wire.close() }()
			loads[i] = &load{g: g, s: s}
			if err := loads[i].warmUp(b.span / 10); err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
		}
		for round := range b.rounds {
			for _, l := range loads {
				values, err := l.gets(b.span)
				if err != nil {
					return fmt.Errorf("%s: %w", l.s.name, err)
				}
				l.keep(r, l.s.name, round, values)
			}
		}
		return nil
	})
}

// sideBySide measures a fleet and others, which answer with as many bytes as it does. Those
// that are not installed are left out.
func (b *bench) sideBySide(r *results, others []string, measure func(servers []*server) error) error {
	product, err := b.fleet(b.serverCPUs, b.devices)
	if err != nil {
		return err
	}
	defer product.stop()
	servers := []*server{product}
	answer, payload, err := sizeOfGet(product)
	if err != nil {
		return err
	}
	r.note(fmt.Sprintf("An answer has %d bytes, its payload %d.", answer, payload))
	for _, name := range others {
		s, err := b.other(name, answer, payload)
		if missing := new(errMissing); errors.As(err, missing) {
			r.skip(name, err)
			continue
		} else if err != nil {
			return err
		}
		defer s.stop()
		servers = append(servers, s)
	}
	return measure(servers)
}

// load is a generator and the server that it asks.
type load struct {
	g     *generator
	s     *server
	asked int // requests so far
	done  int // answers in the last measurement
}

// keep adds a measurement to the results. Where something was lost, the time that was
// waited for it has spoilt the rate.
func (l *load) keep(r *results, subject string, round int, values map[string]float64) {
	if lost := values["lost/op"]; lost > 0 {
		r.distrust(subject, fmt.Sprintf("%.0f requests were lost", lost))
	}
	r.add(subject, round, l.done, values)
}

// gets reads pstat for some time, of one Device after another in a scattered order.
func (l *load) gets(span time.Duration) (map[string]float64, error) {
	end, look := time.Now().Add(span), 0
	return l.measure(func(int) bool {
		look++
		return look%window != 0 || time.Now().Before(end)
	}, func(k int) request {
		return request{to: l.s.at(k * 7919), code: get, rest: pstatPath}
	})
}

// warmUp reads pstat of each Device, which makes it, and then for some time.
func (l *load) warmUp(span time.Duration) error {
	if err := l.g.warm(l.s.devices, l.s.at); err != nil {
		return err
	}
	_, err := l.gets(span)
	return err
}

// measure makes requests and says what they took.
func (l *load) measure(more func(k int) bool, ask func(k int) request) (map[string]float64, error) {
	before := l.s.cpu()
	t, err := l.g.drive(l.asked, more, ask)
	cpu := l.s.cpu() - before
	if err != nil {
		return nil, err
	}
	if t.answers == 0 {
		return nil, errSilent
	}
	l.asked += t.answers + t.lost
	l.done = t.answers
	return map[string]float64{
		"req/s":      float64(t.answers) / t.took.Seconds(),
		"cpu-ns/req": float64(cpu.Nanoseconds()) / float64(t.answers),
		"lost/op":    float64(t.lost),
	}, nil
}

// sizeOfGet is how many bytes a GET of pstat is answered with, and how many of them are
// the payload.
func sizeOfGet(s *server) (answer, payload int, err error) {
	w, err := openWire(0, patience)
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = w.close() }()
	w.out.add(firstClient.addr, s.first, datagram(nil, conHead, get, 1, 1, pstatPath))
	if err := w.flush(); err != nil {
		return 0, 0, err
	}
	n, err := w.receive(unix.MSG_WAITFORONE)
	if err != nil || n == 0 || w.data(0)[1] != content {
		return 0, 0, errors.Join(err, errors.New("pstat can't be read"))
	}
	return len(w.data(0)), len(payloadOf(w.data(0))), nil
}
