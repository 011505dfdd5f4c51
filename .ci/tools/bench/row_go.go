//go:build linux

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// Sessions and virtual time are measured by benchmarks of the packages.
const (
	sessionBenchmarks = "SessionMemory|Handshakes|SecureGet"
	checkBenchmark    = "Check"
	fleetBenchmark    = "Fleet"
	// checkEvents is how many Events the Device handles in one round of BenchmarkCheck.
	checkEvents = 4
)

// rowSessions measures DTLS sessions.
func rowSessions() row {
	return row{
		name: "sessions", title: "DTLS sessions",
		says: "The benchmarks of sim/fleet, which have the fleet and the DTLS library alone side by side in one process. An idle session's memory is heap and stacks.",
		units: []unit{
			{name: "B/session", head: "bytes a session", shown: "bytes"},
			{name: "B/pion-session", head: "of pion alone", shown: "bytes"},
			{name: "goroutines/session", head: "goroutines a session"},
			{name: "handshakes/s", head: "handshakes/s"},
			{name: "gets/s", head: "GETs/s"},
			{name: "of-pion", head: "rate beside pion alone"},
		},
		goals: []goal{
			{what: "a live DTLS session, memory", subject: "SessionMemory", unit: "B/session", most: 24 << 10},
			{what: "a live DTLS session, goroutines", subject: "SessionMemory", unit: "goroutines/session", most: 1},
			{what: "handshakes beside plain pion", subject: "Handshakes", unit: "of-pion", least: 0.9},
		},
		run: func(b *bench, r *results) error { return b.byGo(r, "./sim/fleet", sessionBenchmarks) },
	}
}

// rowVirtual measures the state machine without sockets and without waiting.
func rowVirtual() row {
	return row{
		name: "virtual", title: "Virtual time",
		says: "Check is BenchmarkCheck of sim: a Device handles the four Events of a check one after the other, and time is what the Events say. Fleet is BenchmarkFleet of " +
			"cmd/ocfsim/internal/bubble: 10,000 Devices check and update by themselves for ten minutes of virtual time, with timers and a trusted source. A round is a check of one " +
			"Device, or those ten minutes.",
		units: []unit{
			{name: "event/s", head: "Events/s"},
			{name: "ns/op", head: "ms a round", shown: "ms", per: 1e6},
			{name: "B/op", head: "bytes allocated a round", shown: "bytes"},
		},
		goals: []goal{
			{what: "virtual time, Events a second of the state machine", subject: checkBenchmark, unit: "event/s", least: 2e6},
			{what: "virtual time, Events a second of a fleet", subject: fleetBenchmark, unit: "event/s", least: 2e6},
		},
		run: func(b *bench, r *results) error {
			if err := b.byGo(r, "./sim", checkBenchmark); err != nil {
				return err
			}
			for _, s := range r.samples {
				s.values["event/s"] = checkEvents * 1e9 / s.values["ns/op"]
			}
			return b.byGo(r, "./cmd/ocfsim/internal/bubble", fleetBenchmark)
		},
	}
}

// byGo runs the benchmarks of a package.
func (b *bench) byGo(r *results, pkg, pattern string) error {
	text, err := b.goBench(b, pkg, pattern, b.rounds)
	if err != nil {
		return err
	}
	rounds := map[string]int{}
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		f := strings.Fields(lines.Text())
		if len(f) < 4 || !strings.HasPrefix(f[0], "Benchmark") {
			continue
		}
		name, _, _ := strings.Cut(strings.TrimPrefix(f[0], "Benchmark"), "-")
		n, err := strconv.Atoi(f[1])
		if err != nil {
			return fmt.Errorf("%s: %w", lines.Text(), err)
		}
		values := map[string]float64{}
		for i := 2; i+1 < len(f); i += 2 {
			if values[f[i+1]], err = strconv.ParseFloat(f[i], 64); err != nil {
				return fmt.Errorf("%s: %w", lines.Text(), err)
			}
		}
		r.add(name, rounds[name], n, values)
		rounds[name]++
	}
	if len(rounds) == 0 {
		return fmt.Errorf("%s has no benchmark %s:\n%s", pkg, pattern, text)
	}
	return nil
}

// goBench is `go test -bench` on all processors.
func goBench(b *bench, pkg, pattern string, count int) ([]byte, error) {
	cmd := exec.Command("go", "test", "-run", "^$", "-bench", "^Benchmark("+pattern+")$", "-benchmem", "-count", strconv.Itoa(count), "-benchtime", b.span.String(), pkg)
	cmd.Dir, cmd.Env = b.top, append(os.Environ(), "GOFLAGS=-vet=off")
	var text []byte
	err := b.on(b.allCPUs, func() (err error) {
		text, err = cmd.CombinedOutput()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", cmd, err, text)
	}
	return text, nil
}
