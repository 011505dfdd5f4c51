package target

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"sync"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
)

// exitUnsupported is the exit code of a hook that does not know a condition.
const exitUnsupported = 3

// killGrace is how long to wait for the pipes of a killed hook.
const killGrace = 2 * time.Second

// Exec applies conditions by running a program with the condition as its last
// argument: exit 0 is done, 3 is not supported.
type Exec struct {
	Argv []string
	Dir  string // where it runs; empty for the harness's own

	mu   sync.Mutex
	said string
}

// Said is the end of what the hook said on stderr when it was run last, such as lines of
// the Device's serial log. It is evidence and decides nothing.
func (e *Exec) Said() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.said
}

func (e *Exec) says(text string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.said = text
}

// mostSaid is how much of what a hook said is kept, in bytes.
const mostSaid = 4000

// Apply runs the hook. When ctx ends, the hook is killed together with
// everything it started.
func (e *Exec) Apply(ctx context.Context, name string) (*conformance.SourceReport, error) {
	argv := append(append([]string(nil), e.Argv...), name)
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir = e.Dir
	cmd.WaitDelay = killGrace
	ownGroup(cmd)
	var stdout, stderr capped
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	e.says(tail(stderr.Bytes(), mostSaid))
	if errors.Is(err, exec.ErrWaitDelay) {
		err = nil // the hook is done; something that it left running holds its output open
	}
	var exit *exec.ExitError
	switch {
	case err == nil:
		report, err := readReport(name, stdout.Bytes())
		if err != nil {
			return nil, fmt.Errorf("condition %s: %s: %w", name, e.Argv[0], err)
		}
		return report, nil
	case ctx.Err() != nil:
		return nil, fmt.Errorf("condition %s: %s: %w", name, e.Argv[0], context.Cause(ctx))
	case errors.As(err, &exit) && exit.ExitCode() == exitUnsupported:
		return nil, fmt.Errorf("%w: %s says that it can't bring about %s%s", ErrUnsupported, e.Argv[0], name, because(stderr.Bytes()))
	}
	return nil, fmt.Errorf("condition %s: %s: %w%s", name, e.Argv[0], err, because(stderr.Bytes()))
}

// because quotes the end of what a hook said on stderr.
func because(stderr []byte) string {
	if text := tail(stderr, 400); text != "" {
		return ": " + text
	}
	return ""
}

// capped keeps the last maxAnswer bytes written to it.
type capped struct{ buf bytes.Buffer }

func (c *capped) Write(p []byte) (int, error) {
	c.buf.Write(p)
	if extra := c.buf.Len() - maxAnswer; extra > 0 {
		c.buf.Next(extra)
	}
	return len(p), nil
}

// Bytes is what was kept.
func (c *capped) Bytes() []byte { return c.buf.Bytes() }
