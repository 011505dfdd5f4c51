package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lookout"
)

// seenRun runs unsecured Devices and lets f read what they print, line by line. It returns
// what they write to stderr.
func seenRun(t *testing.T, args []string, f func(r ready, next func() string)) string {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	out, in := io.Pipe()
	var stderr bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, append([]string{"run", "--unsecured", "--listen", "127.0.0.1:0", "--speed", "100"}, args...), nil, in, &stderr)
		_ = in.Close()
	}()
	lines := bufio.NewReader(out)
	next := func() string {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Errorf("%v after %q", err, line)
		}
		return line
	}
	first := next()
	var r ready
	_ = json.Unmarshal([]byte(first), &r) // without --json it is text, from which f needs nothing
	f(r, next)
	stop()
	_, _ = io.Copy(io.Discard, lines)
	if code := <-ended; code != 0 {
		t.Errorf("exit code %d: %s", code, &stderr)
	}
	return stderr.String()
}

// TestListenHTTP: metrics, health and Devices are where the run says they are.
func TestListenHTTP(t *testing.T) {
	seenRun(t, []string{"--json", "--listen-http", "127.0.0.1:0", "--history", "5", "--pprof"}, func(r ready, _ func() string) {
		for path, want := range map[string]string{
			"/healthz":      `"status": "ok"`,
			"/metrics":      `ocfsim_devices{state="RFNOP"} 1`,
			"/summary":      `"schema": "ocfsim.fleet-summary/1"`,
			"/devices":      `"behaviour": "success"`,
			"/devices/0":    `"state": "RFNOP"`,
			"/debug/pprof/": "goroutine",
		} {
			response, err := http.Get(r.HTTP + path)
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(response.Body)
			_ = response.Body.Close()
			if err != nil || response.StatusCode != http.StatusOK || !strings.Contains(string(text), want) {
				t.Errorf("%s: %s, %v: %s", path, response.Status, err, text)
			}
		}
	})
}

// TestWatchForPrograms: with --json a summary comes each second, and one in the end.
func TestWatchForPrograms(t *testing.T) {
	seenRun(t, []string{"--json", "--watch"}, func(_ ready, next func() string) {
		var s summed
		if err := json.Unmarshal([]byte(next()), &s); err != nil || s.Event != "summary" || s.Devices != 1 || s.Schema != lookout.SummarySchema {
			t.Errorf("%+v, %v", s, err)
		}
	})
}

// TestEventsOnStdout: then stdout has nothing but lines of JSON.
func TestEventsOnStdout(t *testing.T) {
	stderr := seenRun(t, []string{"--events", "-", "--events-only", "write-accepted"}, func(r ready, next func() string) {
		var out bytes.Buffer
		if code := run(t.Context(), []string{"post", r.First, "-p", "tm=V"}, nil, &out, &out); code != 0 {
			t.Fatalf("%d: %s", code, &out)
		}
		var l lookout.Line
		if err := json.Unmarshal([]byte(next()), &l); err != nil || l.Event != "write-accepted" || l.Asks != "tm=V" {
			t.Errorf("%+v, %v", l, err)
		}
	})
	if stderr != "" {
		t.Errorf("stderr: %s", stderr)
	}
}

// TestSummaryInTheEnd: a run that was used says what became of it, and one that was not says
// nothing.
func TestSummaryInTheEnd(t *testing.T) {
	said := seenRun(t, nil, func(_ ready, next func() string) {
		at := strings.TrimSpace(next())
		var out bytes.Buffer
		if code := run(t.Context(), []string{"update", at}, nil, &out, &out); code != 0 {
			t.Fatalf("%d: %s", code, &out)
		}
		for next() != "Press Ctrl-C to end them.\n" {
			continue
		}
	})
	for _, want := range []string{"1 Device for ", "2 writes accepted and 0 refused", "update       1 began, 1 updated", "updates took  median ", "slowest       "} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q in %s", want, said)
		}
	}
	if said := seenRun(t, nil, func(ready, func() string) {}); said != "" {
		t.Errorf("nothing happened, and it says %s", said)
	}
}
