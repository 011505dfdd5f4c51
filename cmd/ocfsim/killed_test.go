//go:build unix && !race

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// killsVariable says how many kills TestKilledAtAnyMoment tries for each kind of target.
const killsVariable = "OCFSIM_KILLS"

// TestKilledAtAnyMoment ends runs at random moments, each by one of five ways, at a
// Device that the run owns by Just Works, at one by PIN, and at one that it comes to
// with the owner's credential. No hand touches the Device, and the next run passes.
// After the last one nothing of the harness is in the Device.
func TestKilledAtAnyMoment(t *testing.T) {
	kills := 4
	if n, err := strconv.Atoi(os.Getenv(killsVariable)); err == nil {
		kills = n
	}
	for i, test := range []struct {
		name     string
		run      []string
		security string
	}{
		{"justworks", []string{"--unowned"}, "{own: justworks}"},
		{"pin", []string{"--unowned", "--pin", "12345678"}, "{own: pin, pin: \"12345678\"}"},
		{"psk", []string{"--credentials", "o.yaml"}, "{psk: {file: o.yaml}}"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, fmt.Sprintf("127.77.%d.1", i+1), test.run, test.security)
			before := b.inside()
			random := rand.New(rand.NewPCG(uint64(i), uint64(kills)))
			for n := range kills {
				way := []syscall.Signal{syscall.SIGKILL, syscall.SIGHUP, syscall.SIGPIPE, syscall.SIGQUIT, syscall.SIGINT}[n%5]
				after := time.Duration(random.Int64N(int64(600 * time.Millisecond)))
				b.kill(way, after)
				if out, err := b.test().CombinedOutput(); err != nil {
					t.Fatalf("after %v at %v the next run ends with %v:\n%s", way, after, err, out)
				}
			}
			if after := b.inside(); after != before {
				t.Errorf("in the Device before:\n%s\nafter:\n%s", before, after)
			}
			if out, err := b.command("recover").CombinedOutput(); err != nil || !strings.Contains(string(out), "Nothing is left to undo") {
				t.Errorf("recover: %v: %s", err, out)
			}
		})
	}
}

// TestEveryEndingGivesTheDeviceBack ends a run while it has the Device, by each signal
// that a program can still answer. The Device is given back before the program ends,
// which the exit code tells, and nothing is owed.
func TestEveryEndingGivesTheDeviceBack(t *testing.T) {
	b := newBench(t, "127.77.4.1", []string{"--unowned"}, "{own: justworks}")
	b.args = append(b.args[:len(b.args)-2], "--format", "ndjson") // the whole suite, which isn't over before it is ended
	before := b.inside()
	for _, test := range []struct {
		way  syscall.Signal
		code int
	}{{syscall.SIGHUP, 130}, {syscall.SIGINT, 130}, {syscall.SIGTERM, 130}, {syscall.SIGPIPE, 4}} {
		cmd := b.test()
		reader, writer, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		cmd.Stdout, cmd.Stderr = writer, writer
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		_ = writer.Close()
		told := bufio.NewReader(reader)
		line := ""
		for err == nil && !strings.Contains(line, `"event":"scenario-ends"`) {
			line, err = told.ReadString('\n')
		}
		if err != nil || b.inside() == before {
			t.Fatalf("the run does not have the Device: %q, %v", line, err)
		}
		if test.way == syscall.SIGPIPE {
			_ = reader.Close()
		} else if err := cmd.Process.Signal(test.way); err != nil {
			t.Fatal(err)
		}
		if test.way != syscall.SIGPIPE {
			go func() { _, _ = io.Copy(io.Discard, told) }() // until the program has ended
		}
		_ = cmd.Wait() // the exit code says how
		if code := cmd.ProcessState.ExitCode(); code != test.code {
			t.Errorf("%v: exit code %d, want %d", test.way, code, test.code)
		}
		if after := b.inside(); after != before {
			t.Errorf("%v leaves the Device %s", test.way, after)
		}
		_ = reader.Close()
		if out, err := b.command("recover", "--list").CombinedOutput(); err != nil || !strings.Contains(string(out), "Nothing is left") {
			t.Errorf("%v: recover --list: %v: %s", test.way, err, out)
		}
	}
}

// bench is a virtual Device in a process of its own, and a target file for it.
type bench struct {
	t    *testing.T
	dir  string
	args []string // of test
	told ready

	process *os.Process // of the Device
	running *exec.Cmd   // the same
}

func newBench(t *testing.T, host string, run []string, security string) *bench {
	t.Helper()
	b := &bench{t: t, dir: t.TempDir()}
	b.told = b.device(append([]string{"--listen", host + ":0", "--control", "127.0.0.1:0", "--speed", "50"}, run...))
	text := fmt.Sprintf(`name: lamp
endpoint: %s
security: %s
supports: {validation: true, update: true, autonomous: false}
timing: {validation: 2s, update: 3s, settle: 100ms, reboot: 3s}
update: {dos: unchanged, reboots: false, version: /oic/d#sv}
conditions: {http: "%s"}
`, b.told.First, security, b.told.Control)
	if err := os.WriteFile(filepath.Join(b.dir, "lamp.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	b.args = []string{"test", "--target", "lamp.yaml", "--out", "out", "--scenario", "validation.a-check-that-finds-an-update-says-so-and-ends"}
	return b
}

func (b *bench) command(args ...string) *exec.Cmd {
	cmd := exec.CommandContext(b.t.Context(), "ocfsim", args...)
	cmd.Dir = b.dir
	cmd.Env = append(os.Environ(), "OCFSIM_STATE="+filepath.Join(b.dir, "state"))
	return cmd
}

func (b *bench) test() *exec.Cmd { return b.command(b.args...) }

// device runs virtual Devices until the test ends.
func (b *bench) device(args []string) (told ready) {
	b.t.Helper()
	cmd := b.command(append([]string{"run", "--json"}, args...)...)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		b.t.Fatal(err)
	}
	b.process, b.running = cmd.Process, cmd
	b.t.Cleanup(func() { _ = cmd.Process.Signal(os.Interrupt); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil || json.Unmarshal(line, &told) != nil {
		b.t.Fatalf("%s: %v", line, err)
	}
	return told
}

// kill starts a run and ends it after some time. SIGPIPE stands for a reader of the
// output who goes away.
func (b *bench) kill(way syscall.Signal, after time.Duration) {
	b.t.Helper()
	cmd := b.test()
	reader, writer, err := os.Pipe()
	if err != nil {
		b.t.Fatal(err)
	}
	cmd.Stdout = writer
	if way == syscall.SIGPIPE {
		cmd.Stderr = writer
	}
	if err := cmd.Start(); err != nil {
		b.t.Fatal(err)
	}
	_ = writer.Close()
	time.Sleep(after) // the moment is what is tried
	_ = reader.Close()
	if way != syscall.SIGPIPE {
		_ = cmd.Process.Signal(way) // it may have ended
	}
	_ = cmd.Wait() // however it ended
}

// inside is what the Device shows of its owner, its credentials and its ACEs.
func (b *bench) inside() string {
	b.t.Helper()
	if b.told.Unowned {
		out, err := b.command("get", b.told.First+"/oic/sec/doxm").CombinedOutput()
		if err != nil { // a Device with an owner hides it
			return string(out)
		}
		owned, _, _ := strings.Cut(string(out)[max(strings.Index(string(out), `"owned"`), 0):], "\n")
		return owned
	}
	var all []string
	for _, path := range []string{"/oic/sec/cred", "/oic/sec/acl2"} {
		out, err := b.command("get", b.told.Secure+path, "--credential", "o.yaml").CombinedOutput()
		if err != nil {
			b.t.Fatalf("%v: %s", err, out)
		}
		all = append(all, string(out))
	}
	return strings.Join(all, "\n")
}

// runningLamp is the URI of an unsecured virtual Device that runs until the test ends.
func runningLamp(t *testing.T) string {
	t.Helper()
	b := &bench{t: t, dir: t.TempDir()}
	return b.device([]string{"--listen", "127.77.5.1:0", "--unsecured", "--speed", "50"}).First
}

// post sends JSON to a control address and returns the answer.
func post(url string, body []byte) ([]byte, error) {
	res, err := http.Post(url, "application/json", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	return io.ReadAll(res.Body)
}
