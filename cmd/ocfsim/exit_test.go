package main

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"

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
