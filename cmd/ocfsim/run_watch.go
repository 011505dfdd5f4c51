package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lookout"
	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/watch"
	"github.com/ocfsim/ocfsim/sim/fleet"
)

// watchEvery is how often --watch --json says what the Devices do.
const watchEvery = time.Second

// screen is where --watch shows what the Devices do.
type screen struct {
	in, out *os.File
	notes   *watch.Notes // what would otherwise be printed while the view is there
	stdout  io.Writer    // as it was before, and is again
}

// newScreen returns the terminal of stdin and stdout. It is an error if there is none.
func newScreen(stdin io.Reader, stdout io.Writer) (*screen, error) {
	in, _ := stdin.(*os.File)
	before := stdout
	if o, ok := stdout.(*output); ok {
		stdout = o.w
	}
	out, _ := stdout.(*os.File)
	if in == nil || out == nil || !isTerminal(in) || !terminal(out) {
		return nil, errors.New("--watch needs a terminal; --watch --json writes a summary each second instead")
	}
	return &screen{in: in, out: out, notes: &watch.Notes{}, stdout: before}, nil
}

// stage prepares where a run says what it has to say. With --watch the terminal belongs to
// the view, and what is written to stdout and stderr becomes its notes until it ends. It
// returns what stands for stderr.
func (s *seenFlags) stage(tell *teller, stdin io.Reader, stderr io.Writer) (io.Writer, error) {
	tell.stderr = stderr
	if !s.watch || tell.json {
		return stderr, nil
	}
	at, err := newScreen(stdin, tell.w)
	if err != nil {
		return nil, err
	}
	tell.screen, tell.w = at, at.notes
	return at.notes, nil
}

// serve serves f until ctx is done, and shows meanwhile what it does as the flags say. The
// view ends f when its user has seen enough.
func (l *lookouts) serve(ctx context.Context, f *fleet.Fleet, tell *teller) error {
	switch {
	case l.flags.watch && tell.json:
		return l.report(ctx, f, tell)
	case l.flags.watch:
		defer tell.leave()
		return l.view(ctx, f, tell.screen)
	}
	return f.Serve(ctx)
}

// summed is a line of --watch --json.
type summed struct {
	Event string `json:"event"` // "summary"
	lookout.Summary
}

// report writes a summary each second, and one in the end.
func (l *lookouts) report(ctx context.Context, f *fleet.Fleet, tell *teller) error {
	served := make(chan error, 1)
	go func() { served <- f.Serve(ctx) }()
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if err := tell.line(summed{"summary", l.meter.Sample()}); err != nil {
				return errors.Join(err, f.Close(), <-served)
			}
		case err := <-served:
			return errors.Join(err, tell.line(summed{"summary", l.meter.Sample()}))
		}
	}
}

// view shows what f does in the terminal, until its user or ctx ends it.
func (l *lookouts) view(ctx context.Context, f *fleet.Fleet, s *screen) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	model := watch.New("ocfsim", watch.Source{
		Sample: l.meter.Sample, Took: l.board.Took, Find: l.server.Show, Notes: s.notes,
	})
	program := tea.NewProgram(model, tea.WithContext(ctx), tea.WithInput(s.in), tea.WithOutput(s.out), tea.WithoutSignalHandler())
	served := make(chan error, 1)
	go func() {
		err := f.Serve(ctx)
		program.Quit()
		served <- err
	}()
	_, err := program.Run()
	if ctx.Err() != nil { // the program says so too
		err = nil
	}
	stop()
	return errors.Join(err, <-served)
}

// conclude says in the end what the Devices did, unless somebody is told anyway or nothing
// happened.
func (l *lookouts) conclude(tell *teller) {
	if tell.json {
		return
	}
	if s := l.meter.Sample(); s.Requests > 0 || len(s.Processes) > 0 {
		fmt.Fprint(tell.stderr, s.Text())
	}
}

// leave has the teller write to stdout again, after the view has ended.
func (t *teller) leave() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.w = t.screen.stdout
}

// line writes v as a line of JSON.
func (t *teller) line(v any) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return json.NewEncoder(t.w).Encode(v)
}
