package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"
)

// beside is an ocfsim that runs beside a test.
type beside struct {
	stop context.CancelFunc
	code chan int    // its exit code
	rest chan []byte // what it wrote behind its first line
}

// begin runs ocfsim and reads into ready the first line that it writes: what it says with
// --json when it is ready. Somebody has to end it.
func begin(t testing.TB, ready any, args ...string) *beside {
	t.Helper()
	return beginTo(t, io.Discard, ready, args...)
}

// beginTo is begin, and what it writes behind its first line goes to log as well, as it is
// written.
func beginTo(t testing.TB, log io.Writer, ready any, args ...string) *beside {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	out, in := io.Pipe()
	b := &beside{stop: stop, code: make(chan int, 1), rest: make(chan []byte, 1)}
	go func() {
		b.code <- run(ctx, args, nil, in, in)
		_ = in.Close()
	}()
	lines := bufio.NewReader(out)
	line, err := lines.ReadBytes('\n')
	go func() {
		rest, _ := io.ReadAll(io.TeeReader(lines, log))
		b.rest <- rest
	}()
	if err != nil || json.Unmarshal(line, ready) != nil {
		rest, _ := b.end()
		t.Fatalf("ocfsim %s: %s%s%v", strings.Join(args, " "), line, rest, err)
	}
	return b
}

// end interrupts it. It returns what it wrote behind its first line, and its exit code.
func (b *beside) end() (rest []byte, code int) {
	b.stop()
	return <-b.rest, <-b.code
}

// endsWell ends it with the test, and fails the test if its exit code is not 0.
func (b *beside) endsWell(t testing.TB) {
	t.Cleanup(func() {
		if rest, code := b.end(); code != 0 {
			t.Errorf("exit code %d\n%s", code, rest)
		}
	})
}
