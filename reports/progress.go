package reports

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
)

// ProgressEvent is a moment of a run: a scenario has begun, is waiting for something, or has
// ended.
type ProgressEvent struct {
	Target   string
	Scenario string // id of the scenario
	Done     int    // scenarios of the target that have ended
	Total    int
	Waiting  string        // what the scenario is waiting for, empty for nothing
	Bound    time.Duration // the longest time it will wait, 0 if unknown
	Ended    bool          // the scenario has ended; Verdict, Reason and Took are its result
	Verdict  conformance.Verdict
	Reason   string
	Took     time.Duration
}

// ProgressStyle says how progress is shown. Live rewrites one line for each target,
// on a terminal; without it each finished scenario gets a line.
type ProgressStyle struct {
	Live  bool
	Color bool
	Width int // columns of the terminal, 0: 80
}

// mostLive limits how many lines are rewritten.
const mostLive = 16

// Progress shows how a run is going. It is safe for concurrent use. After an error
// of its writer it writes nothing more.
type Progress struct {
	mu      sync.Mutex
	w       io.Writer
	style   ProgressStyle
	targets []string
	lines   map[string]string
	drawn   int // lines on the terminal that are to be rewritten
	err     error
}

// NewProgress returns a Progress that writes to w.
func NewProgress(w io.Writer, style ProgressStyle) *Progress {
	if style.Width == 0 {
		style.Width = 80
	}
	return &Progress{w: w, style: style, lines: map[string]string{}}
}

// Show shows e. It blocks on nothing but the writer.
func (p *Progress) Show(e ProgressEvent) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.style.Live {
		if e.Ended {
			p.write(p.finished(e) + "\n")
		}
		return
	}
	if !slices.Contains(p.targets, e.Target) {
		p.targets = append(p.targets, e.Target)
	}
	p.lines[e.Target] = p.running(e)
	above := ""
	if e.Ended && severity(e.Verdict) > severity(conformance.Pass) {
		above = p.finished(e) + "\n"
	}
	p.write(p.redraw(above))
}

// Close erases the rewritten lines, so that the summary follows the lines that stay.
// It returns the first error of the writer.
func (p *Progress) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.drawn > 0 {
		p.write(fmt.Sprintf("\x1b[%dA\r\x1b[J", p.drawn))
		p.drawn = 0
	}
	return p.err
}

// finished formats the line of a scenario that has ended.
func (p *Progress) finished(e ProgressEvent) string {
	t := text{style: Style{Color: p.style.Color}}
	word := string(e.Verdict)
	if e.Verdict == conformance.None {
		word = "done"
	}
	word = t.paint(colour(e.Verdict), fmt.Sprintf("%-14s", word))
	line := fmt.Sprintf("%s [%d/%d] %s: %s (%s)", word, e.Done, e.Total, clean(e.Target), clean(e.Scenario), clock(e.Took))
	if e.Reason != "" && e.Verdict != conformance.Pass {
		line += ": " + clean(e.Reason)
	}
	return line
}

// running formats the line of a target, which takes at most one row of the terminal.
func (p *Progress) running(e ProgressEvent) string {
	line := fmt.Sprintf("%s  %d/%d  ", clip(clean(e.Target), 24), e.Done, e.Total)
	if e.Waiting == "" || e.Ended {
		return clip(line+clean(e.Scenario), p.style.Width-1)
	}
	line += clip(clean(e.Scenario), max(p.style.Width/4, 12))
	line += "  waiting for " + clean(e.Waiting)
	if e.Bound > 0 {
		line += ", at most " + clock(e.Bound)
	}
	return clip(line, p.style.Width-1)
}

// redraw writes above where the rewritten lines were, and draws those again below
// it.
func (p *Progress) redraw(above string) string {
	var b strings.Builder
	if p.drawn > 0 {
		fmt.Fprintf(&b, "\x1b[%dA", p.drawn)
	}
	b.WriteString("\r\x1b[J" + above)
	p.drawn = 0
	for i, name := range p.targets {
		if i == mostLive {
			fmt.Fprintf(&b, "and %d more targets\n", len(p.targets)-i)
			p.drawn++
			break
		}
		b.WriteString(p.lines[name] + "\n")
		p.drawn++
	}
	return b.String()
}

// write writes all of s, or remembers the error.
func (p *Progress) write(s string) {
	if p.err != nil {
		return
	}
	if _, err := io.WriteString(p.w, s); err != nil {
		p.err = fmt.Errorf("write progress: %w", err)
	}
}
