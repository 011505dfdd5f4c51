package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/ocfsim/ocfsim/conformance/ledger"
)

func TestMain(m *testing.M) {
	programs := hooks()
	programs["ocfsim"] = main
	testscript.Main(withState{m}, programs)
}

// withState runs the tests with a folder of their own for what is owed to Devices.
type withState struct{ tests *testing.M }

// Run returns the exit code of the tests.
func (w withState) Run() int {
	dir, err := os.MkdirTemp("", "ocfsim-state")
	if err == nil {
		err = os.Setenv(ledger.Variable, dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	return w.tests.Run()
}

// TestScripts runs testdata/script: a script for each subcommand and each exit
// code. Besides testscript's own commands they can use
//
//	exits N ocfsim ARG...   runs it and fails unless this is the exit code
//	devices NAME ARG...     `ocfsim run --unsecured` until the script ends; sets $NAME
//	                        to the first one's URI, $NAME_LAST, $NAME_DI,
//	                        $NAME_CONTROL and $NAME_SOURCE
//	secured NAME ARG...     the same with security; also sets $NAME_SECURE,
//	                        $NAME_CREDENTIALS and $NAME_TRUST
//	pinned NAME ARG...      `ocfsim own ARG...`, given the PIN that NAME's Device shows
//	trusted NAME ARG...     `ocfsim source` until the script ends or halts it; sets $NAME_HTTPS,
//	                        $NAME_HTTP, $NAME_COAPS, $NAME_COAP, $NAME_CONTROL, $NAME_TRUST
//	                        and $NAME_PSK. NAME.log has what it told, once it is halted
//	odd NAME KIND           sets $NAME to the URI of a Device that is odd in one way
//	echo NAME               sets $NAME to the URI of a port that sends everything back
//	serves NAME DIR         serves a folder over HTTPS; sets $NAME to its URL and $NAME_CA to
//	                        the file of the authority
//	deaf NAME               sets $NAME to the URI of a port that never answers
//	watching ARG...         `ocfsim observe` beside the script, once it has its first line
//	watched                 waits for the observer's end; `stdout` matches what it wrote
//	bytes FILE HEX          writes a binary file
//	expand FROM TO          writes a file with its $VARIABLES replaced
//	verdicts FILE           writes each requirement's verdict to stdout
//	nokeys FILE DIR         fails if a file under DIR has the key of a credential
//	expendable NAME ARG...  like devices, as a process that may be killed; sets $NAME_PID.
//	                        With --unowned it is secured
func TestScripts(t *testing.T) {
	t.Parallel() // beside TestScriptsWithStrangers, one script of which takes longest
	testscript.Run(t, scripts("testdata/script"))
}

// scripts are the scripts of a folder, without those that are spared.
func scripts(dir string) testscript.Params {
	files, _ := filepath.Glob(filepath.Join(dir, "*.txtar")) // testscript itself fails if there are none
	files = slices.DeleteFunc(files, func(name string) bool { return slices.Contains(spared, filepath.Base(name)) })
	slices.Reverse(files) // start with the longest: their names are late in the alphabet
	return testscript.Params{
		Files: files,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":      exits,
			"devices":    devices,
			"secured":    securedDevices,
			"pinned":     pinned,
			"trusted":    trusted,
			"halt":       halt,
			"serves":     serves,
			"deaf":       deaf,
			"odd":        oddDevice,
			"echo":       echoing,
			"watching":   watching,
			"watched":    watched,
			"bytes":      writeBytes,
			"expand":     expand,
			"verdicts":   verdicts,
			"expendable": expendable,
			"nokeys":     noKeys,
		},
		Setup: func(env *testscript.Env) error {
			env.Setenv(ledger.Variable, filepath.Join(env.WorkDir, ".state"))
			env.Values[watchKey{}] = make(chan []byte, 1)
			env.Values[pinKey{}] = map[string]chan string{}
			env.Values[haltKey{}] = map[string]func(){}
			// A program built for the race detector sleeps for a second before it
			// exits, and hooks exit often. It has reported its races by then, so
			// let it not sleep.
			env.Setenv("GORACE", "atexit_sleep_ms=0")
			return nil
		},
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	}
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits N PROGRAM ARG...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

func deaf(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: deaf NAME")
	}
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { _ = conn.Close() })
	ts.Setenv(args[0], "coap://"+conn.LocalAddr().String())
}

// watchKey is the key, among a script's values, of the watching Client's output.
type watchKey struct{}

func watching(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("usage: watching ARG...")
	}
	ctx, stop := context.WithCancel(context.Background())
	out, in := io.Pipe()
	var stderr bytes.Buffer
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		run(ctx, append([]string{"observe"}, args...), nil, in, &stderr)
		_ = in.Close()
	}()
	ts.Defer(func() {
		stop()
		_ = out.Close()
		<-ended
	})
	lines := bufio.NewReader(out)
	first, err := lines.ReadBytes('\n')
	if err != nil {
		<-ended
		ts.Fatalf("watching %v: %v\n%s", args, err, &stderr)
	}
	result := ts.Value(watchKey{}).(chan []byte)
	go func() {
		rest, _ := io.ReadAll(lines)
		result <- append(first, rest...)
	}()
}

func watched(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: watched")
	}
	_, err := ts.Stdout().Write(<-ts.Value(watchKey{}).(chan []byte))
	ts.Check(err)
}

func writeBytes(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: bytes FILE HEX")
	}
	data, err := hex.DecodeString(args[1])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), data, 0o644))
}
