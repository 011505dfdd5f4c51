package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestTheOperatorIsAsked runs a test whose conditions a person brings about, at a
// pseudo-terminal: what is typed decides.
func TestTheOperatorIsAsked(t *testing.T) {
	dir := t.TempDir()
	if err := os.Symlink(executable(t), filepath.Join(dir, "ocfsim")); err != nil {
		t.Fatal(err)
	}
	const file = "name: lamp\nendpoint: %s\nsecurity: {unsecured: true}\n" +
		"timing: {validation: 2s, update: 3s, settle: 100ms, reboot: 3s}\nconditions: {prompt: true}\n"
	if err := os.WriteFile(filepath.Join(dir, "lamp.yaml"), fmt.Appendf(nil, file, lone(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		typed string // in answer to update-available
		code  int
		says  string
	}{
		"done":           {"yes\n", 0, `PASS`},
		"misunderstood":  {"what?\nY\n", 0, `(?s)Done\?.*Done\?.*PASS`},
		"can't be had":   {"u\n", 3, `a hook that knows update-available`},
		"went wrong":     {"n\n", 4, `condition update-available: the operator says no`},
		"gone":           {"\x04", 4, `ask the operator: EOF|ask the operator`}, // Ctrl-D
		"lost patience":  {"\x03", 130, `INTERRUPTED|interrupted`},              // Ctrl-C
		"typed too soon": {"y\n", 0, `PASS`},
	} {
		t.Run(name, func(t *testing.T) {
			early := ""
			if name == "typed too soon" {
				early = "n\n" // before anything is asked; it is no answer
			}
			code, shown := atTerminal(t, dir, early, c.typed, "test", "--target", "lamp.yaml", "--out", name,
				"--scenario", "validation.a-check-that-finds-an-update-says-so-and-ends")
			if code != c.code || !regexp.MustCompile(c.says).MatchString(shown) {
				t.Errorf("exit code %d, expected %d and %q:\n%s", code, c.code, c.says, shown)
			}
		})
	}
}

func executable(t *testing.T) string {
	t.Helper()
	name, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// lone runs an unsecured virtual Device and returns its URI.
func lone(t *testing.T) string {
	t.Helper()
	var r ready
	begin(t, &r, "run", "--json", "--unsecured", "--listen", "127.7.0.1:0", "--speed", "100").endsWell(t)
	return r.First
}

// atTerminal runs ocfsim at a terminal of its own. It types early at once, and typed when
// the operator is asked for update-available; other conditions can't be had.
func atTerminal(t *testing.T, dir, early, typed string, args ...string) (code int, shown string) {
	t.Helper()
	master, slave := terminalPair(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(dir, "ocfsim"), args...)
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = dir, slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if _, err := master.WriteString(early); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = slave.Close()
	asked := regexp.MustCompile(`Condition ([a-z-]+):[^?]*Done\? [^:]*: $`)
	var all, since strings.Builder
	for buf := make([]byte, 4096); ; {
		n, err := master.Read(buf)
		if err != nil {
			break // EIO: the program has ended
		}
		all.Write(buf[:n])
		since.Write(buf[:n])
		m := asked.FindStringSubmatch(since.String())
		if m == nil {
			continue
		}
		since.Reset()
		answer := "u\n"
		if m[1] == "update-available" {
			answer, typed = next(typed)
		}
		if _, err := master.WriteString(answer); err != nil {
			t.Fatal(err)
		}
	}
	err := cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), all.String()
}

// next splits the first line off what is to be typed; the last one is typed again and again.
func next(typed string) (line, rest string) {
	if line, rest, more := strings.Cut(typed, "\n"); more && rest != "" {
		return line + "\n", rest
	}
	return typed, typed
}

// terminalPair makes a pseudo-terminal.
func terminalPair(t *testing.T) (master, slave *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = master.Close() })
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return master, slave
}
