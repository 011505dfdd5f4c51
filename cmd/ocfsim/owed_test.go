//go:build unix && !race

package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/conformance/target"
)

// TestAHeldSourceIsReleased kills a run while the trusted source withholds its answer.
// The next run releases it, and says so.
func TestAHeldSourceIsReleased(t *testing.T) {
	t.Parallel()
	b := newBench(t, "127.77.11.1", []string{"--unsecured"}, "{unsecured: true}")
	b.killAt(func() bool { return strings.Contains(b.report(), `"holding":1`) }, "--tags", "@SVV-10")
	if !strings.Contains(b.report(), `"holding":1`) {
		t.Fatal("the source is not held after the run was killed: nothing is tried")
	}
	b.wantNext("its trusted source withholds its answers. This is undone now.")
	if got := b.report(); !strings.Contains(got, `"holding":0`) {
		t.Errorf("after the next run the source says %s", got)
	}
}

// TestStraysAreSwept kills a run that came as the owner, and loses what it had kept.
// The next run finds its test Clients in the Device and takes them out.
func TestStraysAreSwept(t *testing.T) {
	t.Parallel()
	b := newBench(t, "127.77.12.1", []string{"--credentials", "o.yaml"}, "{psk: {file: o.yaml}}")
	before := b.inside()
	b.killAt(func() bool { return b.inside() != before }, "--tags", "@SVV-6 or @SSU-6")
	if err := os.RemoveAll(filepath.Join(b.dir, "state")); err != nil {
		t.Fatal(err)
	}
	if b.inside() == before {
		t.Fatal("nothing of the killed run is in the Device: nothing is tried")
	}
	b.wantNext("a run that is on no record left test Clients in the Device")
	if after := b.inside(); after != before {
		t.Errorf("in the Device before:\n%s\nafter:\n%s", before, after)
	}
}

// TestASilentEnd interrupts a run whose Device falls silent, while it becomes the owner and
// in a scenario. The run can't give the Device back and says so; once the Device answers,
// the next run does.
func TestASilentEnd(t *testing.T) {
	t.Parallel() // it mostly waits
	for at, moment := range map[string]func(*bench) bool{"127.77.13.1": (*bench).recorded, "127.77.23.1": (*bench).owned} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			endsSilently(t, at, moment)
		})
	}
}

func endsSilently(t *testing.T, at string, moment func(*bench) bool) {
	t.Helper()
	b := newBench(t, at, []string{"--unowned"}, "{own: justworks}")
	before := b.inside()
	cmd := b.start("--tags", "@SVV-6 or @SSU-6")
	b.until(func() bool { return moment(b) })
	if err := b.process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // the exit code says how
	if err := b.process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if code := cmd.ProcessState.ExitCode(); code != 4 {
		t.Errorf("exit code %d, want 4: the Device is not as it was", code)
	}
	if out, err := b.command("recover", "--list").CombinedOutput(); err != nil || !strings.Contains(string(out), "it is owned by ") {
		t.Errorf("recover --list: %v: %s", err, out)
	}
	b.wantNext("it is owned by ")
	if after := b.inside(); after != before {
		t.Errorf("the Device is left %s", after)
	}
}

// TestADamagedRecordOfAnotherDevice stops no run, and is told.
func TestADamagedRecordOfAnotherDevice(t *testing.T) {
	t.Parallel()
	b := newBench(t, "127.77.16.1", []string{"--unowned"}, "{own: justworks}")
	state := filepath.Join(b.dir, "state")
	damage := func(name string) string {
		name = filepath.Join(state, name+".owed.json")
		if err := errors.Join(os.MkdirAll(state, 0o700), os.WriteFile(name, []byte("{"), 0o600)); err != nil {
			t.Fatal(err)
		}
		return name
	}
	b.wantNext("") // it passes without any
	other := damage("127.0.0.9_1")
	b.wantNext(other + ":1:")
	own := damage(strings.ReplaceAll(strings.TrimPrefix(b.told.First, "coap://"), ":", "_"))
	if out, err := b.test().CombinedOutput(); err == nil || !strings.Contains(strings.Join(strings.Fields(string(out)), ""), own+":1:") {
		t.Errorf("with a damaged record of this Device the run ends with %v:\n%s", err, out)
	}
	if text, err := os.ReadFile(own); err != nil || string(text) != "{" {
		t.Errorf("the damaged record was written over: %q, %v", text, err)
	}
}

// TestRecover gives a Device back without another run.
func TestRecover(t *testing.T) {
	t.Parallel()
	b := newBench(t, "127.77.14.1", []string{"--unowned"}, "{own: justworks}")
	before := b.inside()
	b.killAt(b.recorded, "--tags", "@SVV-6 or @SSU-6")
	out, err := b.command("recover").CombinedOutput()
	if after := b.inside(); err != nil || !strings.Contains(string(out), "This is undone now.") || after != before {
		t.Errorf("recover: %v: %s\nthe Device is left %s", err, out, after)
	}
}

// TestOwnStoresFirst lets the owner's key fail to be stored. The Device has not been
// told of an owner, and has none.
func TestOwnStoresFirst(t *testing.T) {
	t.Parallel()
	b := newBench(t, "127.77.15.1", []string{"--unowned"}, "{own: justworks}")
	before := b.inside()
	cfg, err := target.Load(filepath.Join(b.dir, "lamp.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	full := errors.New("no space left on device")
	_, err = target.Own(t.Context(), cfg, func(target.Credential) error { return full })
	if !errors.Is(err, full) || errors.Is(err, target.ErrOwed) {
		t.Errorf("own: %v", err)
	}
	if after := b.inside(); after != before {
		t.Errorf("the Device is left %s", after)
	}
	if out, err := b.command("own", b.told.First, "--out", "o.yaml").CombinedOutput(); err != nil {
		t.Errorf("after that it can't be owned: %v: %s", err, out)
	}
}

// start begins a run of the scenarios that args select.
func (b *bench) start(args ...string) *exec.Cmd {
	b.t.Helper()
	cmd := b.command(append(append([]string{}, b.args[:len(b.args)-2]...), args...)...)
	if err := cmd.Start(); err != nil {
		b.t.Fatal(err)
	}
	return cmd
}

// killAt begins a run and kills it as soon as done holds.
func (b *bench) killAt(done func() bool, args ...string) {
	b.t.Helper()
	cmd := b.start(args...)
	b.until(done)
	if err := cmd.Process.Kill(); err != nil {
		b.t.Fatal(err)
	}
	_ = cmd.Wait() // killed
}

// until waits for done.
func (b *bench) until(done func() bool) {
	b.t.Helper()
	for end := time.Now().Add(30 * time.Second); !done(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			b.t.Fatal("it does not happen within 30 s")
		}
	}
}

// wantNext runs one scenario, which has to pass, and say that it undid something.
func (b *bench) wantNext(says string) {
	b.t.Helper()
	out, err := b.test().CombinedOutput()
	if err != nil || !strings.Contains(string(out), says) {
		b.t.Errorf("the next run: %v, and it does not say %q:\n%s", err, says, out)
	}
}

// recorded reports whether the first scenario is being recorded.
func (b *bench) recorded() bool {
	b.t.Helper()
	all, err := filepath.Glob(filepath.Join(b.dir, "out", "*", "timelines", "*"))
	return err == nil && len(all) > 0
}

// owned reports whether the Device tells everyone that it has an owner.
func (b *bench) owned() bool {
	b.t.Helper()
	out, err := b.command("discover", "--owned", "--address", strings.TrimPrefix(b.told.First, "coap://")).Output()
	return err == nil && bytes.Contains(out, []byte("true"))
}

// report is what the trusted source says of the Device.
func (b *bench) report() string {
	b.t.Helper()
	out, err := post(b.told.Control, []byte(`{"condition": "report"}`))
	if err != nil {
		b.t.Fatal(err)
	}
	return string(bytes.TrimSpace(out))
}
