package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"slices"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
)

func devices(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: devices NAME ARG...")
	}
	runDevices(ts, args[0], append([]string{"--unsecured"}, args[1:]...))
}

func securedDevices(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: secured NAME ARG...")
	}
	more := []string{"--trust", ts.MkAbs(args[0] + ".pem")}
	if !slices.Contains(args, "--unowned") && !slices.Contains(args, "--credentials") {
		more = append(more, "--credentials", ts.MkAbs(args[0]+".yaml"))
	}
	runDevices(ts, args[0], append(more, args[1:]...))
}

// runDevices starts `ocfsim run` beside the script.
func runDevices(ts *testscript.TestScript, name string, args []string) {
	ctx, stop := context.WithCancel(context.Background())
	out, in := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, append([]string{"run", "--json", "--listen", "127.0.0.1:0"}, args...), nil, in, in)
		_ = in.Close()
	}()
	lines := bufio.NewReader(out)
	line, err := lines.ReadBytes('\n')
	told := make(chan struct{})
	pins := make(chan string, 8)
	ts.Value(pinKey{}).(map[string]chan string)[name] = pins
	go func() { // read all that is shown later, or run would block
		defer close(told)
		for {
			line, err := lines.ReadBytes('\n')
			var pin shown
			if json.Unmarshal(line, &pin) == nil && pin.Event == "pin" {
				select {
				case pins <- pin.PIN:
				default: // the script asks for no PIN
				}
			}
			if err != nil {
				return
			}
		}
	}()
	end := sync.OnceFunc(func() {
		stop()
		<-told
		if code := <-ended; code != 0 {
			ts.Logf("devices %s: exit code %d", name, code)
		}
	})
	ts.Defer(end)
	ts.Value(haltKey{}).(map[string]func())[name] = end
	var r ready
	if err != nil || json.Unmarshal(line, &r) != nil {
		ts.Fatalf("devices %s: %s%v", name, line, err)
	}
	for suffix, value := range map[string]string{
		"": r.First, "_LAST": r.Last, "_DI": r.DI, "_CONTROL": r.Control, "_SOURCE": r.Source,
		"_SECURE": r.Secure, "_CREDENTIALS": r.Credentials, "_TRUST": r.Trust,
	} {
		ts.Setenv(name+suffix, value)
	}
}

// haltKey is the key, among a script's values, of what ends Devices, by their names.
type haltKey struct{}

// halt ends Devices before the script does.
func halt(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: halt NAME")
	}
	ts.Value(haltKey{}).(map[string]func())[args[0]]()
}

// pinKey is the key, among a script's values, of the PINs that Devices have shown,
// by the Devices' names.
type pinKey struct{}

// pinned runs `ocfsim own` as someone would who sees the Device and its PIN.
func pinned(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: pinned NAME ARG...")
	}
	eyes := &reading{pins: ts.Value(pinKey{}).(map[string]chan string)[args[0]]}
	var stdout, stderr bytes.Buffer
	for i, a := range args {
		if i > 0 && args[i-1] == "--out" {
			args[i] = ts.MkAbs(a)
		}
	}
	code := run(context.Background(), append([]string{"own"}, args[1:]...), eyes, &stdout, &stderr)
	_, _ = ts.Stdout().Write(stdout.Bytes())
	_, _ = ts.Stderr().Write(stderr.Bytes())
	if code != 0 {
		ts.Fatalf("exit code %d: %s", code, &stderr)
	}
}

// reading types the next PIN that is shown each time it is read.
type reading struct {
	pins chan string
	left []byte
}

func (r *reading) Read(p []byte) (int, error) {
	if len(r.left) == 0 {
		r.left = []byte(<-r.pins + "\n")
	}
	n := copy(p, r.left)
	r.left = r.left[n:]
	return n, nil
}
