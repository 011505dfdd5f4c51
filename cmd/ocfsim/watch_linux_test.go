package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestWatchAtATerminal looks at a run in a terminal, turns a page, and leaves.
func TestWatchAtATerminal(t *testing.T) {
	master, slave := terminalPair(t)
	if err := unix.IoctlSetWinsize(int(slave.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 80}); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "ocfsim")
	if err := os.Symlink(executable(t), program); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, "run", "--unsecured", "--listen", "127.0.0.1:0", "--watch")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.Env = append(cmd.Environ(), "TERM=xterm-256color")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = slave.Close()
	if err := master.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	until := func(want string) {
		for buf := make([]byte, 4096); !strings.Contains(all.String(), want); {
			n, err := master.Read(buf)
			if all.Write(buf[:n]); err != nil {
				t.Fatalf("%v before %q:\n%q", err, want, all.String())
			}
		}
		all.Reset()
	}
	for _, step := range []struct{ until, then string }{{"by state", "\t"}, {"[updates]", "p"}, {"PAUSED", "q"}} {
		until(step.until)
		if _, err := master.WriteString(step.then); err != nil {
			t.Fatal(err)
		}
	}
	go func() { // what it says in the end has to go somewhere
		for buf := make([]byte, 4096); ; {
			if _, err := master.Read(buf); err != nil {
				return
			}
		}
	}()
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}
