//go:build linux

package main

import (
	"fmt"
	"time"
)

// slowly keeps processes from ending while something else is measured: it makes each take
// a hundred times as long as its behaviour says.
var slowly = []string{"--speed", "0.01"}

// validate is the bit of tm that asks for a check of the software, update the one that
// asks for an update.
const (
	validate = 64
	update   = 128
)

const ofGet, ofPost = "GET", "POST and notification"

// rowPost measures writes of tm.
func rowPost() row {
	return row{
		name: "post", title: "POST of tm with a notification",
		says: "Each Device has one observer. Each request starts a check at a Device that has none, asks the trusted source, is answered, and " +
			"is told to the observer. The GETs go to the same Devices before. 64 in flight from 256 addresses.",
		units:  append(perRequest[:len(perRequest):len(perRequest)], unit{name: "told/op", head: "notifications"}),
		ratios: []ratio{{"CPU beside GET", "cpu-ns/req", ofGet, true}, {"rate beside GET", "req/s", ofGet, false}},
		goals:  []goal{{what: "POST with its notification, CPU beside GET", subject: ofPost, unit: "CPU beside GET", least: 0.6}},
		run:    (*bench).measurePost,
	}
}

func (b *bench) measurePost(r *results) error {
	for round := range b.rounds {
		if err := b.postRound(r, round); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) postRound(r *results, round int) error {
	s, err := b.fleet(b.serverCPUs, b.devices, slowly...)
	if err != nil {
		return err
	}
	defer s.stop()
	g, err := newGenerator(clientCount)
	if err != nil {
		return err
	}
	defer func() { _ = g.wire.close() }()
	granted, err := g.register(b.devices, s.at)
	if err != nil {
		return err
	}
	if granted != b.devices {
		r.note(fmt.Sprintf("Only %d of %d observations were granted.", granted, b.devices))
	}
	told := make([]bool, b.devices)
	count := 0
	g.told = func(token uint32) {
		if int(token) < len(told) && !told[token] {
			told[token] = true
			count++
		}
	}
	all := func(k int) bool { return k < b.devices }
	l := &load{g: g, s: s}
	values, err := l.measure(all, func(k int) request { return request{to: s.at(k), code: get, rest: pstatPath} })
	if err != nil {
		return err
	}
	r.add(ofGet, round, l.done, values)
	l.asked = 0
	write := setTM(validate)
	values, err = l.measure(all, func(k int) request { return request{to: s.at(k), code: post, rest: write} })
	if err != nil {
		return err
	}
	if _, err := g.listen(time.Now(), func() bool { return count == granted }); err != nil {
		return err
	}
	values["told/op"] = float64(count)
	if count < granted {
		r.distrust(ofPost, fmt.Sprintf("only %d of %d observers were told", count, granted))
	}
	r.add(ofPost, round, l.done, values)
	return nil
}
