//go:build linux

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// Sessions and virtual time are measured by benchmarks of the packages.
const (
	sessionBenchmarks = "SessionMemory|Handshakes|SecureGet"
	liveBenchmark     = "LiveSessions"
	checkBenchmark    = "Check"
	fleetBenchmark    = "Fleet"
	// checkEvents is how many Events the Device handles in one round of BenchmarkCheck.
	checkEvents = 4
)

// rowSessions measures DTLS sessions.
func rowSessions() row {
	return row{
		name: "sessions", title: "DTLS sessions",
		says: "The benchmarks of sim/fleet, which have the fleet and the DTLS library alone side by side in one process. An idle session's memory is heap and stacks. " +
			"LiveSessions has as many sessions at once as the first column says, each with a Device of its own; in the end the Devices answer.",
		units: []unit{
			{name: "sessions", head: "sessions at once"},
			{name: "B/session", head: "bytes a session", shown: "bytes"},
			{name: "B/pion-session", head: "of pion alone", shown: "bytes"},
			{name: "goroutines/session", head: "goroutines a session"},
			{name: "handshakes/s", head: "handshakes/s"},
			{name: "gets/s", head: "GETs/s"},
			{name: "of-pion", head: "rate beside pion alone"},
			{name: "cpu-of-pion", head: "CPU beside pion alone"},
		},
		goals: []goal{
			{what: "a live DTLS session, memory", subject: "SessionMemory", unit: "B/session", most: 24 << 10},
			{what: "a live DTLS session, goroutines", subject: "SessionMemory", unit: "goroutines/session", most: 1},
			{what: "live DTLS sessions at once", subject: liveBenchmark, unit: "sessions", least: 100_000},
			{what: "each of them, memory", subject: liveBenchmark, unit: "B/session", most: 24 << 10},
			{what: "handshakes by PSK, CPU beside plain pion", subject: "Handshakes/psk", unit: "cpu-of-pion", least: 0.9},
			{what: "handshakes by ECDSA, CPU beside plain pion", subject: "Handshakes/ecdsa", unit: "cpu-of-pion", least: 0.9},
		},
		run: (*bench).measureSessions,
	}
}

func (b *bench) measureSessions(r *results) error {
	if err := b.byGo(r, "./sim/fleet", sessionBenchmarks, b.span.String()); err != nil {
		return err
	}
	// The benchmark is told by the environment how many sessions there are to be, and fails
	// if there are not so many.
	if err := os.Setenv("OCFSIM_SESSIONS", strconv.Itoa(b.sessions)); err != nil {
		return err
	}
	if err := b.byGo(r, "./sim/fleet", liveBenchmark, "1x"); err != nil {
		return err
	}
	for _, s := range r.samples {
		if s.subject == liveBenchmark {
			s.values["sessions"] = float64(b.sessions)
		}
	}
	return nil
}

// rowVirtual measures the state machine without sockets and without waiting.
func rowVirtual() row {
	return row{
		name: "virtual", title: "Virtual time",
		says: "Check is BenchmarkCheck of sim: a Device handles the four Events of a check one after the other, and time is what the Events say. Fleet is BenchmarkFleet of " +
			"cmd/ocfsim/internal/bubble: 10,000 Devices check and update by themselves for ten minutes of virtual time, with timers and a trusted source. A round is a check of one " +
			"Device, or those ten minutes. \"ocfsim run --virtual\" has all processors: each Device of a fleet file starts a check and an update by itself within ten minutes, and does " +
			"as the behaviour autonomous says besides.",
		units: []unit{
			{name: "event/s", head: "Events/s"},
			{name: "event/cpu-s", head: "Events a second of CPU"},
			{name: "ns/op", head: "ms a round", shown: "ms", per: 1e6},
			{name: "B/op", head: "bytes allocated a round", shown: "bytes"},
		},
		goals: []goal{
			{what: "virtual time, Events a second of the state machine", subject: checkBenchmark, unit: "event/s", least: 2e6},
			{what: "virtual time, Events a second of a fleet file", subject: virtualRun, unit: "event/s", least: 2e6},
		},
		run: func(b *bench, r *results) error {
			if err := b.byGo(r, "./sim", checkBenchmark, b.span.String()); err != nil {
				return err
			}
			for _, s := range r.samples {
				s.values["event/s"] = checkEvents * 1e9 / s.values["ns/op"]
			}
			if err := b.byGo(r, "./cmd/ocfsim/internal/bubble", fleetBenchmark, b.span.String()); err != nil {
				return err
			}
			return b.measureVirtualRun(r)
		},
	}
}

// virtualRun is the name of a fleet file that is run in virtual time.
const virtualRun = "ocfsim run --virtual"

// measureVirtualRun has the product run a fleet file in virtual time.
func (b *bench) measureVirtualRun(r *results) error {
	file := filepath.Join(b.scratch, "virtual.yaml")
	text := fmt.Sprintf("groups: [{name: all, count: %d, secured: 0, behaviours: autonomous, autonomous: [{at: 0s, spread: 10m, starts: V+U}]}]\n", b.moving)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		return err
	}
	for round := range b.rounds {
		cmd := exec.Command(b.product, "run", "--fleet", file, "--virtual", "--for", "10m", "--json")
		cmd.Stderr = os.Stderr
		var out []byte
		err := b.on(b.allCPUs, func() (err error) {
			out, err = cmd.Output()
			return err
		})
		if err != nil {
			return fmt.Errorf("%s: %w", cmd, err)
		}
		var said struct {
			Virtual struct {
				Events float64 `json:"events"`
				Took   float64 `json:"took_s"`
			} `json:"virtual"`
		}
		if err := json.Unmarshal(out, &said); err != nil || said.Virtual.Events == 0 {
			return fmt.Errorf("%s: %w\n%s", cmd, errors.Join(err, errors.New("no events")), out)
		}
		cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
		r.add(virtualRun, round, 1, map[string]float64{
			"event/s": said.Virtual.Events / said.Virtual.Took, "event/cpu-s": said.Virtual.Events / cpu.Seconds(),
			"ns/op": said.Virtual.Took * 1e9,
		})
	}
	return nil
}

// byGo runs the benchmarks of a package, each for that long, or so often, as -benchtime
// has it.
func (b *bench) byGo(r *results, pkg, pattern, long string) error {
	text, err := b.goBench(b, pkg, pattern, long)
	if err != nil {
		return err
	}
	rounds := map[string]int{}
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		f := strings.Fields(lines.Text())
		if len(f) < 4 || !strings.HasPrefix(f[0], "Benchmark") {
			continue
		}
		name := processorsOf.ReplaceAllString(strings.TrimPrefix(f[0], "Benchmark"), "")
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

// processorsOf is the number of processors behind the name of a benchmark.
var processorsOf = regexp.MustCompile(`-[0-9]+$`)

// goBench is `go test -bench` on all processors.
func goBench(b *bench, pkg, pattern, long string) ([]byte, error) {
	cmd := exec.Command("go", "test", "-run", "^$", "-bench", "^Benchmark("+pattern+")$", "-benchmem", "-count", strconv.Itoa(b.rounds), "-benchtime", long, pkg)
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
