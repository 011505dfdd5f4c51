//go:build linux

package main

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// mix is which Devices are put in motion, in percent.
var mix = []struct {
	behaviour string
	percent   int
}{{"success", 70}, {"no-update", 20}, {"failure", 10}}

// rowMotion measures fleets after every Device was talked to.
func rowMotion() row {
	return row{
		name: "motion", title: "Devices after a check and an update",
		says: "A fleet of " + mixed() + " on all processors, with --speed 100. Every Device is written tm=64, and when all checks have ended tm=128. The memory is what is resident then; " +
			"that of a Device is what comes on top of the smallest fleet. Every Device is read after the check and after the update: both states together have to be those in which a " +
			"fleet of one of the three behaviours ends, and each behaviour has to be there by its weight.",
		units: []unit{
			{name: "B-checked", head: "MB after a check", shown: "MB", per: 1e6},
			{name: "B-updated", head: "MB after an update", shown: "MB", per: 1e6},
			{name: "B/device", head: "bytes a Device after both", shown: "bytes"},
			{name: "check/s", head: "checks accepted a second"},
			{name: "update/s", head: "updates accepted a second"},
			{name: "verified", head: "courses verified"},
		},
		ratios: []ratio{{head: "bytes a Device beside 100k", unit: "B/device", base: "100k"}},
		goals: []goal{
			{what: "1,000,000 Devices after a check and an update", subject: "1M", unit: "B-updated", most: 300e6},
			{what: "growth of Devices in motion from 100k to 1M, memory a Device", subject: "1M", unit: "bytes a Device beside 100k", most: notSuperlinear},
		},
		run: (*bench).measureMotion,
	}
}

// mixed is the mix as --behaviour takes it.
func mixed() string {
	var parts []string
	for _, m := range mix {
		parts = append(parts, fmt.Sprintf("%s=%d", m.behaviour, m.percent))
	}
	return strings.Join(parts, ",")
}

func (b *bench) measureMotion(r *results) error {
	percent := map[course]int{}
	for _, m := range mix {
		alone, err := b.move(32, m.behaviour)
		if err != nil {
			return err
		}
		if len(alone.courses) != 1 {
			return fmt.Errorf("the Devices of %s differ: %v", m.behaviour, alone.courses)
		}
		for c := range alone.courses {
			percent[c] += m.percent
			r.note(fmt.Sprintf("%s: %v.", m.behaviour, c))
		}
	}
	for round := range b.rounds {
		var first float64
		for _, size := range b.sizes {
			if size > b.moving {
				continue
			}
			m, err := b.move(size, mixed())
			if err != nil {
				return err
			}
			if err := m.verify(size, percent); err != nil {
				return err
			}
			values := map[string]float64{
				"B-checked": m.checked, "B-updated": m.updated, "check/s": m.checkRate, "update/s": m.updateRate, "verified": float64(size),
			}
			if first == 0 {
				first = m.updated
			} else {
				values["B/device"] = (m.updated - first) / float64(size-b.sizes[0])
			}
			r.add(sized(size), round, size, values)
		}
	}
	return nil
}

// state is pstat of a Device: tm, cm and dos.
type state struct{ tm, cm, dos uint8 }

func (s state) String() string { return fmt.Sprintf("tm=%d cm=%d dos=%d", s.tm, s.cm, s.dos) }

// course is how a Device stood after its check and after its update.
type course struct{ checked, updated state }

func (c course) String() string {
	return fmt.Sprintf("%v after the check, %v after the update", c.checked, c.updated)
}

// motion is what became of a fleet that was put in motion.
type motion struct {
	checked, updated      float64 // bytes resident
	checkRate, updateRate float64 // writes accepted a second
	courses               map[course]int
}

// verify holds the courses of a fleet to those of its behaviours. The shares may differ from
// the weights by five standard deviations.
func (m *motion) verify(size int, percent map[course]int) error {
	for c, n := range m.courses {
		p := float64(percent[c]) / 100
		if p == 0 {
			return fmt.Errorf("%d of %d Devices have a course that no behaviour has: %v", n, size, c)
		}
		if off := math.Abs(float64(n) - p*float64(size)); off > 5*math.Sqrt(p*(1-p)*float64(size))+1 {
			return fmt.Errorf("%d of %d Devices have a course that %d %% should have: %v", n, size, percent[c], c)
		}
	}
	return nil
}

// move has every Device of a fleet check and then update.
func (b *bench) move(size int, behaviour string) (motion, error) {
	m := motion{courses: map[course]int{}}
	s, err := b.fleet(b.allCPUs, size, "--behaviour", behaviour, "--speed", "100")
	if err != nil {
		return m, err
	}
	defer s.stop()
	g, err := newGenerator(clientCount)
	if err != nil {
		return m, err
	}
	defer func() { _ = g.wire.close() }()
	checked, updated := make([]state, size), make([]state, size)
	if m.checkRate, m.checked, err = s.motion(g, validate, checked); err != nil {
		return m, fmt.Errorf("%d checks: %w", size, err)
	}
	if m.updateRate, m.updated, err = s.motion(g, update, updated); err != nil {
		return m, fmt.Errorf("%d updates: %w", size, err)
	}
	for i := range checked {
		m.courses[course{checked[i], updated[i]}]++
	}
	return m, nil
}

// motion writes tm to every Device and waits until all are at rest. It returns how many
// writes were accepted a second and the memory afterwards, and fills in the states.
func (s *server) motion(g *generator, tm byte, states []state) (rate, memory float64, err error) {
	refused := 0
	g.answered = func(_ int, data []byte) {
		if data[1] != 0x44 { // 2.04
			refused++
		}
	}
	write := setTM(tm)
	all := func(k int) bool { return k < s.devices }
	t, err := g.drive(0, all, func(k int) request { return request{to: s.at(k), code: post, rest: write} })
	if err == nil && t.lost+refused > 0 {
		err = fmt.Errorf("%d requests were lost and %d refused", t.lost, refused)
	}
	if err != nil {
		return 0, 0, err
	}
	rate = float64(t.answers) / t.took.Seconds()
	for range 100 {
		time.Sleep(settled)
		memory = s.memory() // before the Devices are read, which takes memory too
		moving, err := s.states(g, states)
		if err != nil || moving == 0 {
			return rate, memory, err
		}
	}
	return 0, 0, errors.New("some Devices do not come to rest")
}

// states reads pstat of every Device and returns how many have not come to rest.
func (s *server) states(g *generator, states []state) (moving int, err error) {
	var failed error
	g.answered = func(k int, data []byte) {
		var p struct {
			TM  uint8 `cbor:"tm"`
			CM  uint8 `cbor:"cm"`
			DOS struct {
				S uint8 `cbor:"s"`
			} `cbor:"dos"`
		}
		if err := cbor.Unmarshal(payloadOf(data), &p); err != nil && failed == nil {
			failed = err
		}
		states[k] = state{p.TM, p.CM, p.DOS.S}
		if p.TM != 0 {
			moving++
		}
	}
	defer func() { g.answered = nil }()
	t, err := g.drive(0, func(k int) bool { return k < s.devices }, func(k int) request {
		return request{to: s.at(k), code: get, rest: pstatPath}
	})
	if err == nil && t.lost > 0 {
		err = fmt.Errorf("%d of %d Devices could not be read", t.lost, s.devices)
	}
	return moving, errors.Join(err, failed)
}
