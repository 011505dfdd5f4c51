//go:build linux

package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// rowNotify measures notifications without requests.
func rowNotify() row {
	return row{
		name: "notify", title: "Notifications, each from its own Device",
		says: "Each Device has one observer, and all begin a check by themselves at once, by a condition. Its CPU has all of it: the state " +
			"machine, the question to the trusted source, the notification. \"sendmmsg alone\" sends as many datagrams of the same size, each from an address of its own.",
		units: []unit{
			{name: "told/s", head: "notifications/s"},
			{name: "cpu-ns/told", head: "CPU µs a notification", shown: "µs", per: 1000},
			{name: "percore/s", head: "notifications a second of CPU"},
		},
		ratios: []ratio{{"CPU beside sendmmsg", "cpu-ns/told", ofSend, true}},
		goals: []goal{
			{what: "notifications a second of CPU", subject: ofProduct, unit: "percore/s", least: 300_000},
			{what: "or notifications, CPU beside sendmmsg alone", subject: ofProduct, unit: "CPU beside sendmmsg", least: 0.5},
		},
		run: (*bench).measureNotify,
	}
}

func (b *bench) measureNotify(r *results) error {
	size := 0
	for round := range b.rounds {
		w, err := b.wave(b.observers)
		if err != nil {
			return err
		}
		size = w.size
		w.keep(r, ofProduct, round, b.observers)
		if w, err = b.blast(b.observers, size); err != nil {
			return err
		}
		w.keep(r, ofSend, round, b.observers)
	}
	r.note(fmt.Sprintf("A notification has %d bytes.", size))
	return nil
}

// wave is what became of many notifications at once.
type wave struct {
	told     int           // observers that were
	last     time.Duration // from what caused them to the last one
	cpu      time.Duration // of the server meanwhile
	size     int           // bytes of one
	observer float64       // bytes of memory that each observation takes
	asked    float64       // bytes of memory that it takes with what is remembered of the request for it
}

// keep adds a wave to the results.
func (w *wave) keep(r *results, subject string, round, wanted int) {
	if w.told < wanted {
		r.distrust(subject, fmt.Sprintf("only %d of %d observers were told", w.told, wanted))
	}
	if w.told == 0 {
		return
	}
	r.add(subject, round, w.told, map[string]float64{
		"told/s":      float64(w.told) / w.last.Seconds(),
		"cpu-ns/told": float64(w.cpu.Nanoseconds()) / float64(w.told),
		"percore/s":   float64(w.told) / w.cpu.Seconds(),
	})
}

// hears has a generator note each observer that is told, once.
func (w *wave) hears(g *generator, count int) {
	seen := make([]bool, count)
	g.told = func(token uint32) {
		if int(token) < count && !seen[token] {
			seen[token] = true
			w.told++
		}
	}
}

// wave has each of many Devices tell its one observer, all at once.
func (b *bench) wave(count int) (wave, error) {
	var w wave
	s, err := b.fleet(b.serverCPUs, count, append(slowly, "--control", "127.0.0.1:0")...)
	if err != nil {
		return w, err
	}
	defer s.stop()
	g, err := newGenerator(clientCount)
	if err != nil {
		return w, err
	}
	defer func() { _ = g.wire.close() }()
	if w.size, _, err = sizeOfGet(s); err != nil {
		return w, err
	}
	w.size += 3 // the option Observe
	if _, err = w.register(s, g, count, s.at); err != nil {
		return w, err
	}
	w.hears(g, count)
	failed := make(chan error, 1)
	began, before := time.Now(), s.cpu()
	go func() { failed <- s.condition("autonomous-validation") }()
	w.last, err = g.listen(began, func() bool { return w.told == count })
	w.cpu = s.cpu() - before
	return w, errors.Join(err, <-failed)
}

// register registers the observers, and says how many were granted. What their requests
// take, as long as they are remembered, is what as many GETs by the same Clients take.
func (w *wave) register(s *server, g *generator, count int, at func(k int) endpoint) (granted int, err error) {
	var taken [3]float64
	for i := range 2 {
		if err := g.warm(count, at); err != nil {
			return 0, err
		}
		taken[i] = s.memory()
	}
	if granted, err = g.register(count, at); granted > 0 {
		taken[2] = s.memory()
		w.asked = (taken[2] - taken[1]) / float64(granted)
		w.observer = w.asked - (taken[1]-taken[0])/float64(count)
	}
	return granted, err
}

// blast has as many datagrams sent as there would be notifications.
func (b *bench) blast(count, size int) (wave, error) {
	var w wave
	s, err := b.other(ofSend, size, 0)
	if err != nil {
		return w, err
	}
	defer s.stop()
	g, err := newGenerator(clientCount)
	if err != nil {
		return w, err
	}
	defer func() { _ = g.wire.close() }()
	w.hears(g, count)
	began, before := time.Now(), s.cpu()
	g.wire.out.add(firstClient.addr, s.first, binary.BigEndian.AppendUint32(nil, uint32(count)))
	if err := g.wire.flush(); err != nil {
		return w, err
	}
	w.last, err = g.listen(began, func() bool { return w.told == count })
	w.cpu, w.size = s.cpu()-before, size
	return w, err
}

const ofEach, ofOne = "one observer of each of many Devices", "many observers of one Device"

// rowObservers measures how soon many observers are told.
func rowObservers() row {
	return row{
		name: "observers", title: "Many observers",
		says: "The first has as many Devices as observers, and all Devices begin a check by themselves at once, by a condition; the second has one POST to one " +
			"Device, whose observers have an address each. The time is that from the cause to the last notification. The memory is what the process takes more after the registrations, with what it remembers of the requests for them, " +
			"and without that: less what it took more after as many GETs by the same Clients, just before.",
		units: []unit{
			{name: "observers", head: "observers"},
			{name: "ns-told", head: "ms until all are told", shown: "ms", per: 1e6},
			{name: "B/observer", head: "bytes an observer", shown: "bytes"},
			{name: "B/asked", head: "with its request", shown: "bytes"},
		},
		goals: []goal{
			{what: "one observer of each of 100,000 Devices told", subject: ofEach, unit: "ns-told", most: 1e9},
			{what: "memory an observer, one each", subject: ofEach, unit: "B/observer", most: 200},
			{what: "observers of one Device", subject: ofOne, unit: "observers", least: 100_000},
			{what: "100,000 observers of one Device told", subject: ofOne, unit: "ns-told", most: 1e9},
			{what: "memory an observer of one Device", subject: ofOne, unit: "B/observer", most: 200},
		},
		run: (*bench).measureObservers,
	}
}

func (b *bench) measureObservers(r *results) error {
	for round := range b.rounds {
		for _, subject := range []string{ofEach, ofOne} {
			measure := b.wave
			if subject == ofOne {
				measure = b.audience
			}
			w, err := measure(b.observers)
			if err != nil {
				return err
			}
			values := map[string]float64{"observers": float64(w.told)}
			if w.told == b.observers {
				values["ns-told"], values["B/observer"], values["B/asked"] = float64(w.last.Nanoseconds()), w.observer, w.asked
			} else { // what few take says nothing about many
				r.note(fmt.Sprintf("%s: %s of %s observers were told; the others were not accepted, or what they were told was lost.",
					subject, number(float64(w.told)), number(float64(b.observers))))
			}
			r.add(subject, round, max(w.told, 1), values)
		}
	}
	return nil
}

// audience has one Device tell many observers, each at an address of its own.
func (b *bench) audience(count int) (wave, error) {
	var w wave
	s, err := b.fleet(b.serverCPUs, 32, slowly...) // so many that they share a socket
	if err != nil {
		return w, err
	}
	defer s.stop()
	g, err := newGenerator((count + window - 1) / window * window)
	if err != nil {
		return w, err
	}
	defer func() { _ = g.wire.close() }()
	toFirst := func(int) endpoint { return s.first }
	granted, err := w.register(s, g, count, toFirst)
	if err != nil || granted == 0 {
		return w, err
	}
	w.hears(g, count)
	began := time.Now()
	g.wire.out.add([4]byte{127, 223, 0, 1}, s.first, datagram(nil, conHead, post, 1, 1, setTM(validate)))
	if err := g.wire.flush(); err != nil {
		return w, err
	}
	w.last, err = g.listen(began, func() bool { return w.told == granted })
	return w, err
}
