package main

import (
	"bytes"
	"context"
	"errors"
	"net"
	"testing"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/suite"
)

// An interrupt while a Device is waited for is exit code 130.
func TestInterrupted(t *testing.T) {
	for _, command := range []string{"get", "post", "observe"} {
		t.Run(command, func(t *testing.T) {
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
			code := run(ctx, []string{command, "coap://" + conn.LocalAddr().String()}, nil, &stdout, &stderr)
			if code != suite.ExitInterrupted || stderr.String() != "ocfsim: interrupted\n" || stdout.Len() > 0 {
				t.Errorf("exit code %d, stdout %q, stderr %q", code, &stdout, &stderr)
			}
		})
	}
}

// guard takes what a command did not classify for a failure of the harness.
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
		t.Error("0 is no error")
	}
}
