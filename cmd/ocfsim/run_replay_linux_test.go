package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/conformance/suite"
)

// worst has every kind of fault, clocks that drift, Devices with sessions and Devices that start
// processes by themselves, within three seconds.
const worst = `
name: The worst
seed: %d
port: %d
profiles:
  radio: {loss: 8, duplicate: 5, reorder: 5, corrupt: 2, delay: 3ms, jitter: 30ms}
  cuts: {partition: {every: 700ms, for: 200ms, share: 50}, source-outage: {every: 700ms, for: 200ms}}
  grid:
    power-loss: {at: [1s], every: 4s, off: 300ms, stages: {installing: 20, announcing: 10}}
    crash: {every: 3s, share: 70, stages: {checking: 10, fetching: 10, validating: 10, retrying: 10}}
  odd: {slow: {share: 30, factor: 3}, clock: {share: 40, skew: -1h, drift: {from: -90000, to: 60000}}}
groups:
  - name: lamps
    count: 300
    addresses: 127.89.%d.1
    secured: 0
    behaviours: {success: 5, no-update: 2, failure: 1, reboot-success: 2}
    ramp-up: {over: 500ms}
    waves: [{at: 300ms, share: 30}, {at: 1s, spread: 1s}]
    faults: [radio, cuts, grid, odd]
  - name: locks
    count: 60
    secured: 20
    autonomous: [{at: 500ms, spread: 2s, share: 50, starts: V+U}]
    faults: [radio, grid]
`

// again has a campaign update whatever can be updated.
const again = `
name: Again and again
do: update
limits: {at-once: 400, failures: 100%, tries: 2}
timing: {validation: 1s, update: 2s, answer: 1s}
watch: {by: observing, every: 500ms}
security: {credential: owner.yaml}
`

// TestARunReplaysExactly drives a fleet in which everything goes wrong by one campaign after
// another, on sockets and beside others who use the processors, and replays the record: each
// Device does the same and ends the same, without any Client. OCFSIM_REPLAYS is how many seeds
// are tried.
func TestARunReplaysExactly(t *testing.T) {
	seeds := 1
	if n, err := strconv.Atoi(os.Getenv("OCFSIM_REPLAYS")); err == nil {
		seeds = n
	}
	t.Chdir(t.TempDir())
	writeFile(t, "again.yaml", again)
	for seed := range seeds {
		file, record := fmt.Sprintf("worst-%d.yaml", seed), fmt.Sprintf("worst-%d.ndjson", seed)
		writeFile(t, file, fmt.Sprintf(worst, seed, freePorts(t), 16*(seed%16)))
		was := runWorst(t, file, record)
		if len(was.States.Devices) < 5 || was.Faults["crash"] == 0 || was.Faults["power-loss"] == 0 || was.Faults["loss"] == 0 {
			t.Errorf("seed %d: too little has happened: %v\n%v", seed, was.Faults, was.States)
		}
		var text bytes.Buffer
		code := run(t.Context(), []string{
			"run", "--fleet", file, "--credentials", "owner.yaml", "--replay", record, "--speed", "1000", "--record", "again.ndjson", "--json",
		}, strings.NewReader(""), &text, &text)
		is := lastEnded(t, text.String())
		if code != suite.ExitPass || is.AsRecorded == nil || !*is.AsRecorded || !is.States.Equal(was.States) || is.Replay.First != nil {
			t.Errorf("seed %d: exit code %d, first departure %+v\n%v", seed, code, is.Replay, is.States)
		}
		if a, b := deedsOf(t, record), deedsOf(t, "again.ndjson"); a != b || a < 1000 {
			t.Errorf("seed %d: %d deeds were recorded, and %d of the replay", seed, a, b)
		}
	}
}

// runWorst runs a fleet for two and a half seconds, with campaigns one after another and
// somebody else who uses a processor.
func runWorst(t *testing.T, file, record string) ended {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	var beside sync.WaitGroup
	beside.Go(func() {
		for n := 0; ctx.Err() == nil; n++ {
			var text bytes.Buffer
			_ = run(ctx, []string{
				"drive", file, "--campaign", "again.yaml", "--out", fmt.Sprintf("%s-%d", file, n), "--every", "1h",
			}, strings.NewReader(""), &text, &text) // Devices fail: how the campaign ends says nothing here
		}
	})
	beside.Go(func() {
		for ctx.Err() == nil {
			for began := time.Now(); time.Since(began) < 5*time.Millisecond; {
			}
			time.Sleep(5 * time.Millisecond)
		}
	})
	var text bytes.Buffer
	code := run(ctx, []string{
		"run", "--fleet", file, "--credentials", "owner.yaml", "--speed", "20", "--for", "2500ms", "--record", record, "--json",
	}, strings.NewReader(""), &text, &text)
	stop()
	beside.Wait()
	if code != suite.ExitPass {
		t.Fatalf("exit code %d\n%s", code, &text)
	}
	return lastEnded(t, text.String())
}

// lastEnded is what a run has said in the end.
func lastEnded(t *testing.T, text string) ended {
	t.Helper()
	var e ended
	for line := range strings.Lines(text) {
		if strings.Contains(line, `"event":"ended"`) {
			if err := json.Unmarshal([]byte(line), &e); err != nil {
				t.Fatal(err)
			}
		}
	}
	if e.Event == "" {
		t.Fatalf("the run did not say how it ended:\n%s", text)
	}
	return e
}

// deedsOf is how many deeds a record has.
func deedsOf(t *testing.T, record string) int {
	t.Helper()
	text, err := os.ReadFile(record)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Count(text, []byte(`{"event":"deed"`))
}

// freePorts is a port that nobody uses on loopback, and the next one is free too.
func freePorts(t *testing.T) int {
	t.Helper()
	for range 100 {
		a, err := net.ListenUDP("udp", &net.UDPAddr{})
		if err != nil {
			t.Fatal(err)
		}
		port := a.LocalAddr().(*net.UDPAddr).Port
		b, err := net.ListenUDP("udp", &net.UDPAddr{Port: port + 1})
		_ = a.Close()
		if err == nil {
			_ = b.Close()
			return port
		}
	}
	t.Fatal("no two ports one after the other are free")
	return 0
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Clean(name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
