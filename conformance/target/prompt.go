package target

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/ocfsim/ocfsim/conformance"
)

// Prompt asks a person to apply a condition. It may be used for one Device at
// a time and asks one question at a time.
type Prompt struct {
	In  io.Reader
	Out io.Writer

	mu      sync.Mutex
	lines   *bufio.Reader
	pending chan line // the read under way, which outlives a question that was given up
}

// line is one answer of the operator.
type line struct {
	text string
	err  error
}

// sentences says in words what each condition asks for.
func sentences(name string) string {
	switch name {
	case conformance.UpdateAvailable:
		return "Offer the Device newer software that installs."
	case conformance.NoUpdate:
		return "Offer the Device no software newer than what it has."
	case conformance.UpdateFails:
		return "Offer the Device newer software whose update fails."
	case conformance.Hold:
		return "Let the trusted source withhold its answers from now on."
	case conformance.Release:
		return "Let the trusted source give the answers that it withheld, and later ones at once."
	case conformance.AutonomousValidation:
		return "Let the Device start a software version check by itself, soon."
	case conformance.AutonomousUpdate:
		return "Let the Device start a software update by itself, soon."
	case conformance.Reboot:
		return "Restart the Device."
	case conformance.FactoryReset:
		return "Reset the Device to what it left the factory with."
	}
	return "Bring the Device into this state."
}

// Apply asks once, and again where the answer is not understood. A source
// report is more than a person can give.
func (p *Prompt) Apply(ctx context.Context, name string) (*conformance.SourceReport, error) {
	if name == conformance.ReportSource {
		return nil, fmt.Errorf("%w: the operator is not asked for a report", ErrUnsupported)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forgetTyped()
	for {
		if _, err := fmt.Fprintf(p.Out, "Condition %s: %s Done? [y]es, [n]o, [u]nsupported: ", name, sentences(name)); err != nil {
			return nil, fmt.Errorf("condition %s: ask the operator: %w", name, err)
		}
		answer, err := p.read(ctx)
		if err != nil {
			return nil, fmt.Errorf("condition %s: ask the operator: %w", name, err)
		}
		switch strings.ToLower(strings.TrimSpace(answer)) {
		case "y", "yes":
			return nil, nil
		case "n", "no":
			return nil, fmt.Errorf("condition %s: the operator says no", name)
		case "u", "unsupported":
			return nil, fmt.Errorf("%w: the operator says that %s can't be brought about", ErrUnsupported, name)
		}
	}
}

// forgetTyped drops an answer that came after its question was given up, and what was
// typed at a terminal before anything was asked: it answers nothing.
func (p *Prompt) forgetTyped() {
	select {
	case <-p.pending:
		p.pending = nil
	default:
	}
	f, ok := p.In.(*os.File)
	if !ok || !dropTyped(f) || p.pending != nil || p.lines == nil {
		return
	}
	_, _ = p.lines.Discard(p.lines.Buffered()) // no more than there is
}

// read waits for a line. If ctx ends first, the read goes on and serves the
// next question.
func (p *Prompt) read(ctx context.Context) (string, error) {
	if p.lines == nil {
		p.lines = bufio.NewReader(p.In)
	}
	if p.pending == nil {
		pending := make(chan line, 1)
		p.pending = pending
		go func() {
			text, err := p.lines.ReadString('\n')
			if text != "" {
				err = nil
			}
			pending <- line{text, err}
		}()
	}
	select {
	case l := <-p.pending:
		p.pending = nil
		return l.text, l.err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}
