package main

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/ocf"
)

// TestInterrupted interrupts commands that wait for a Device: the exit code is 130.
func TestInterrupted(t *testing.T) {
	t.Chdir(t.TempDir())
	owner := target.Credential{ID: ocf.UUID{1}, Key: make([]byte, 16)}
	if err := owner.Save("owner.yaml"); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"get"}, {"post"}, {"observe"}, {"update"}, {"own", "--out", "new.yaml"}, {"disown", "--credential", "owner.yaml"},
	} {
		t.Run(args[0], func(t *testing.T) {
			conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			ctx, interrupt := context.WithCancel(t.Context())
			go func() {
				_, _, _ = conn.ReadFrom(make([]byte, 1500)) // the request has left
				interrupt()
			}()
			var stdout, stderr bytes.Buffer
			code := run(ctx, append(args, "coap://"+conn.LocalAddr().String()), nil, &stdout, &stderr)
			if code != suite.ExitInterrupted || !strings.HasPrefix(stderr.String(), "ocfsim: interrupted") || stdout.Len() > 0 {
				t.Errorf("exit code %d, stdout %q, stderr %q", code, &stdout, &stderr)
			}
			if _, err := os.Stat("new.yaml"); err == nil {
				t.Error("a credential was written")
			}
		})
	}
}

// full takes a few bytes and then no more.
type full struct{ left int }

// Write fails once there is no room.
func (f *full) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, syscall.ENOSPC
	}
	return len(p), nil
}

// TestWordsThatAreLost runs commands whose output is lost, at once or later: all end with
// 4 and say why, but for wrong usage, which is told on stderr.
func TestWordsThatAreLost(t *testing.T) {
	t.Chdir(t.TempDir())
	one := "--scenario=validation.a-check-leaves-the-device-in-rfnop-all-the-time"
	commands := []struct {
		args []string
		want int
	}{
		{[]string{"--help"}, suite.ExitError},
		{[]string{"--version"}, suite.ExitError},
		{[]string{"test", "--help"}, suite.ExitError},
		{[]string{"list", "scenarios"}, suite.ExitError},
		{[]string{"list", "requirements"}, suite.ExitError},
		{[]string{"test", "--embed", "success", "--unsecured", one, "--out", "run"}, suite.ExitError},
		{[]string{"test", "--deviation", "tm-v-never-cleared", "--unsecured", one, "--out", "red"}, suite.ExitError},
		{[]string{"judge", "run"}, suite.ExitError},
		{[]string{"diff", "run", "run"}, suite.ExitError},
		{[]string{"deviants", "--tags", "@SVV-6", "tm-v-never-cleared"}, suite.ExitError},
		{[]string{"explore", "--walks", "1", "--out", "walks"}, suite.ExitError},
		{[]string{"run", "--unsecured", "--listen", "127.77.8.1:0"}, suite.ExitError},
		{[]string{"list", "--no-such-flag"}, suite.ExitUsage},
	}
	for i, c := range commands {
		room := i % 3 * 2 // bytes
		var said bytes.Buffer
		code := run(t.Context(), c.args, nil, &full{room}, &said)
		if code != c.want || c.want == suite.ExitError && strings.Count(said.String(), syscall.ENOSPC.Error()) != 1 {
			t.Errorf("%q with room for %d bytes: exit code %d, and it says %s", c.args, room, code, &said)
		}
	}
	for _, c := range commands {
		var out bytes.Buffer
		if code := run(t.Context(), append(c.args, "--no-such-flag"), nil, &out, &full{}); code != suite.ExitUsage {
			t.Errorf("%q used wrongly, with nowhere to say so: exit code %d", c.args, code)
		}
	}
	for dir, want := range map[string]conformance.Verdict{"run": conformance.Pass, "red": conformance.Fail} {
		got, err := suite.Read(dir + "/results.json.old") // wrong usage has renamed it
		if err != nil || got[0].Verdict != want {
			t.Errorf("the results in the folder %s: %v, %v", dir, got, err)
		}
	}
}

// TestGuard checks that an error which a command did not classify counts as a
// failure of the harness.
func TestGuard(t *testing.T) {
	boom := errors.New("boom")
	for _, c := range []struct {
		name string
		err  error
		want int
	}{
		{"usage", usage(boom), suite.ExitUsage},
		{"harness", harness(boom), suite.ExitError},
		{"unclassified", boom, suite.ExitError},
		{"code alone", exitWith(suite.ExitInconclusive), suite.ExitInconclusive},
	} {
		t.Run(c.name, func(t *testing.T) {
			cmd := &cobra.Command{RunE: func(*cobra.Command, []string) error { return c.err }}
			cmd.SetContext(t.Context())
			guard(cmd)
			var exit *exitError
			if err := cmd.RunE(cmd, nil); !errors.As(err, &exit) || exit.code != c.want {
				t.Errorf("%v, want exit code %d", err, c.want)
			}
		})
	}
	if exitWith(suite.ExitPass) != nil {
		t.Error("exitWith(0) is not nil")
	}
}
