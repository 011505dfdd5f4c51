//go:build linux

package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// sized is the name of so many Devices, such as 10k.
func sized(n int) string {
	switch {
	case n >= 1_000_000 && n%1_000_000 == 0:
		return fmt.Sprintf("%dM", n/1_000_000)
	case n >= 1_000 && n%1_000 == 0:
		return fmt.Sprintf("%dk", n/1_000)
	}
	return fmt.Sprint(n)
}

// settled is how long a fleet that is ready is left alone before its memory is looked at.
const settled = 300 * time.Millisecond

// rowIdle measures fleets that nobody talks to.
func rowIdle() row {
	return row{
		name: "idle", title: "Idle Devices",
		says: "A fleet is started and left alone, on all processors. Ready is the time from the start of the program to the line that says so. The memory is what is resident " +
			"then; that of a Device is what comes on top of the smallest fleet.",
		units: []unit{
			{"ns-ready", "ms until ready", 1e6},
			{"B-resident", "MB", 1e6},
			{"B/device", "bytes a Device", 1},
		},
		goals: []goal{
			{what: "1,000,000 idle Devices, bytes", subject: "1M", unit: "B-resident", most: 128e6},
			{what: "1,000,000 idle Devices ready, ns", subject: "1M", unit: "ns-ready", most: 1e9},
			{what: "10,000,000 idle Devices, bytes", subject: "10M", unit: "B-resident", most: 700e6},
			{what: "10,000,000 idle Devices ready, ns", subject: "10M", unit: "ns-ready", most: 4e9},
		},
		run: (*bench).measureIdle,
	}
}

func (b *bench) measureIdle(r *results) error {
	for round := range b.rounds {
		var first float64
		for i, size := range b.sizes {
			s, err := b.fleet(b.allCPUs, size)
			if err != nil {
				return err
			}
			time.Sleep(settled)
			memory := s.memory()
			s.stop()
			values := map[string]float64{"ns-ready": float64(s.ready.Nanoseconds()), "B-resident": memory}
			if i == 0 {
				first = memory
			} else {
				values["B/device"] = (memory - first) / float64(size-b.sizes[0])
			}
			r.add(sized(size), round, 1, values)
		}
	}
	return nil
}

// mix is which Devices are put in motion, by weight.
const mix = "success=70,no-update=20,failure=10"

// rowMotion measures fleets after every Device was talked to.
func rowMotion() row {
	return row{
		name: "motion", title: "Devices after a check and an update",
		says: "A fleet of " + mix + " on all processors, with --speed 100. Every Device is written tm=64, and when all checks have ended tm=128. The memory is what is resident then; " +
			"that of a Device is what comes on top of the smallest fleet. In the end every Device is read: tm is 0, and its state is one in which a fleet of one of the three behaviours ends.",
		units: []unit{
			{"B-checked", "MB after a check", 1e6},
			{"B-updated", "MB after an update", 1e6},
			{"B/device", "bytes a Device after both", 1},
			{"check/s", "checks accepted a second", 1},
			{"update/s", "updates accepted a second", 1},
			{"verified", "end states verified", 1},
		},
		goals: []goal{{what: "1,000,000 Devices after a check and an update, bytes", subject: "1M", unit: "B-updated", most: 300e6}},
		run:   (*bench).measureMotion,
	}
}

func (b *bench) measureMotion(r *results) error {
	ends := map[string]bool{}
	for part := range strings.SplitSeq(mix, ",") {
		behaviour, _, _ := strings.Cut(part, "=")
		m, err := b.move(32, behaviour)
		if err != nil {
			return err
		}
		for end := range m.ends {
			ends[end] = true
		}
	}
	r.note("The end states of the three behaviours, each by itself: " + strings.Join(sorted(ends), "; ") + ".")
	for round := range b.rounds {
		var first float64
		for _, size := range b.sizes {
			if size > b.moving {
				continue
			}
			m, err := b.move(size, mix)
			if err != nil {
				return err
			}
			for end, n := range m.ends {
				if !ends[end] {
					return fmt.Errorf("%d of %d Devices ended with %s", n, size, end)
				}
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

// sorted are the keys of a set in their order.
func sorted(set map[string]bool) []string {
	var all []string
	for k := range set {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}

// motion is what became of a fleet that was put in motion.
type motion struct {
	checked, updated      float64 // bytes resident
	checkRate, updateRate float64 // writes accepted a second
	ends                  map[string]int
}

// move has every Device of a fleet check and then update.
func (b *bench) move(size int, behaviour string) (motion, error) {
	var m motion
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
	if m.checkRate, m.checked, _, err = s.motion(g, validate); err != nil {
		return m, fmt.Errorf("%d checks: %w", size, err)
	}
	if m.updateRate, m.updated, m.ends, err = s.motion(g, update); err != nil {
		return m, fmt.Errorf("%d updates: %w", size, err)
	}
	return m, nil
}

// motion writes tm to every Device and waits until all are at rest. It returns how many
// writes were accepted a second, the memory afterwards, and the end states.
func (s *server) motion(g *generator, tm byte) (rate, memory float64, ends map[string]int, err error) {
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
		return 0, 0, nil, err
	}
	time.Sleep(settled)
	memory = s.memory()
	for range 100 {
		var moving int
		if ends, moving, err = s.states(g); err != nil || moving == 0 {
			return float64(t.answers) / t.took.Seconds(), memory, ends, err
		}
		time.Sleep(settled)
		memory = s.memory()
	}
	return 0, 0, nil, errors.New("some Devices do not come to rest")
}

// states reads pstat of every Device. It returns how many have which state, and how many
// have not come to rest.
func (s *server) states(g *generator) (ends map[string]int, moving int, err error) {
	ends = map[string]int{}
	var failed error
	g.answered = func(_ int, data []byte) {
		var p struct {
			TM  uint8 `cbor:"tm"`
			CM  uint8 `cbor:"cm"`
			DOS struct {
				S int `cbor:"s"`
			} `cbor:"dos"`
		}
		failed = errors.Join(failed, cbor.Unmarshal(payloadOf(data), &p))
		if p.TM != 0 {
			moving++
		}
		ends[fmt.Sprintf("tm=%d cm=%d dos=%d", p.TM, p.CM, p.DOS.S)]++
	}
	defer func() { g.answered = nil }()
	t, err := g.drive(0, func(k int) bool { return k < s.devices }, func(k int) request {
		return request{to: s.at(k), code: get, rest: pstatPath}
	})
	if err == nil && t.lost > 0 {
		err = fmt.Errorf("%d of %d Devices could not be read", t.lost, s.devices)
	}
	return ends, moving, errors.Join(err, failed)
}
