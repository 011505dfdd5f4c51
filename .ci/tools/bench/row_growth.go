//go:build linux

package main

import (
	"fmt"
	"time"
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

// notSuperlinear is how much more memory a Device may take in a fleet that is ten times as
// large, or a hundred times. It has room for what two runs differ by.
const notSuperlinear = 1.1

// settled is how long a fleet that is ready is left alone before its memory is looked at.
const settled = 300 * time.Millisecond

// rowIdle measures fleets that nobody talks to.
func rowIdle() row {
	return row{
		name: "idle", title: "Idle Devices",
		says: "A fleet is started and left alone, on all processors. Ready is the time from the start of the program to the line that says so. The memory is what is resident " +
			"then; that of a Device is what comes on top of the smallest fleet.",
		units: []unit{
			{name: "ns-ready", head: "ms until ready", shown: "ms", per: 1e6},
			{name: "B-resident", head: "MB", shown: "MB", per: 1e6},
			{name: "B/device", head: "bytes a Device", shown: "bytes"},
		},
		ratios: []ratio{{head: "bytes a Device beside 100k", unit: "B/device", base: "100k"}},
		goals: []goal{
			{what: "1,000,000 idle Devices", subject: "1M", unit: "B-resident", most: 128e6},
			{what: "1,000,000 idle Devices ready", subject: "1M", unit: "ns-ready", most: 1e9},
			{what: "10,000,000 idle Devices", subject: "10M", unit: "B-resident", most: 700e6},
			{what: "10,000,000 idle Devices ready", subject: "10M", unit: "ns-ready", most: 4e9},
			{what: "growth of idle Devices from 100k to 10M, memory a Device", subject: "10M", unit: "bytes a Device beside 100k", most: notSuperlinear},
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
