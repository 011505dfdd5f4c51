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
	Spent    Cost // of the target's scenarios that have ended
	All      Cost // of all its scenarios; zero where nobody knows, and then each is taken to last as long
}

// ProgressStyle says how progress is shown. Live rewrites a few lines, one for each target
// that is being tested, on a terminal. Without it there is a line a minute. A scenario that
// did not pass has a line of its own either way.
type ProgressStyle struct {
	Live    bool
	Color   bool
	Width   int // columns of the terminal, 0: 80
	Targets int // how many there will be, 0: those that have begun
}

const (
	// mostLive limits how many lines are rewritten.
	mostLive = 16
	// drawEvery is the least time between two times that they are.
	drawEvery = 150 * time.Millisecond
	// tellEvery is the time between two lines where there is no terminal.
	tellEvery = time.Minute
)

// Progress shows how a run is going. It is safe for concurrent use. After an error
// of its writer it writes nothing more.
type Progress struct {
	mu      sync.Mutex
	w       io.Writer
	style   ProgressStyle
	began   time.Time
	targets []string // that are being tested, in the order in which they began
	begun   int
	lines   map[string]string
	counts  map[string]int // scenarios that have ended, by target
	of      int            // scenarios of a target
	left    estimate
	went    map[conformance.Verdict]int
	open    map[string]conformance.Verdict // by target and scenario: how it went, where that was no pass
	above   strings.Builder                // finished lines that were not written yet
	drawn   int                            // lines on the terminal that are to be rewritten
	latest  time.Time                      // when they were
	next    *time.Timer                    // draws what has changed since, or tells how far the run is
	err     error
}

// NewProgress returns a Progress that writes to w. Close ends it.
func NewProgress(w io.Writer, style ProgressStyle) *Progress {
	if style.Width == 0 {
		style.Width = 80
	}
	p := &Progress{w: w, style: style, began: time.Now(), lines: map[string]string{}, counts: map[string]int{}, went: map[conformance.Verdict]int{}, open: map[string]conformance.Verdict{}, left: newEstimate()}
	if !style.Live {
		p.next = time.AfterFunc(tellEvery, p.tell)
	}
	return p
}

// Show shows e. It blocks on nothing but the writer.
func (p *Progress) Show(e ProgressEvent) {
	p.mu.Lock()
	defer p.mu.Unlock()
	before := p.count(e)
	if e.Ended && max(severity(e.Verdict), severity(before)) > severity(conformance.Pass) {
		p.above.WriteString(p.finished(e) + "\n")
	}
	switch {
	case !p.style.Live:
		p.write(p.above.String())
		p.above.Reset()
	case time.Since(p.latest) >= drawEvery:
		p.draw()
	case p.next == nil:
		p.next = time.AfterFunc(drawEvery-time.Since(p.latest), func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			if p.next != nil {
				p.draw()
			}
		})
	}
}

// count takes e into the lines and the sums. It returns how the scenario went before, if it
// has ended again and was no pass: of several attempts at a scenario the latest is counted,
// whose verdict is that of all of them.
func (p *Progress) count(e ProgressEvent) (before conformance.Verdict) {
	if _, known := p.counts[e.Target]; !known {
		p.begun++
	}
	p.counts[e.Target], p.of = max(p.counts[e.Target], e.Done), e.Total
	p.left.count(e)
	if !slices.Contains(p.targets, e.Target) {
		p.targets = append(p.targets, e.Target)
	}
	p.lines[e.Target] = p.running(e)
	if e.Ended {
		name := e.Target + "\x00" + e.Scenario
		before = p.open[name]
		if before != conformance.None {
			p.went[before]--
		}
		p.went[e.Verdict]++
		if delete(p.open, name); severity(e.Verdict) > severity(conformance.Pass) {
			p.open[name] = e.Verdict
		}
	}
	if e.Ended && e.Done == e.Total {
		p.targets = slices.DeleteFunc(p.targets, func(name string) bool { return name == e.Target })
		delete(p.lines, e.Target)
	}
	return before
}

// Close erases the rewritten lines, so that the summary follows the lines that stay.
// It returns the first error of the writer.
func (p *Progress) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.next != nil {
		p.next.Stop()
		p.next = nil
	}
	p.write(p.erase() + p.above.String())
	p.above.Reset()
	return p.err
}

// tell says how far the run is, where there is no terminal.
func (p *Progress) tell() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.next == nil {
		return
	}
	p.write(p.sum() + "\n")
	p.next.Reset(tellEvery)
}

// sum says how far the run is as a whole: how many scenarios have ended, what they came
// to, and how long the rest will take.
func (p *Progress) sum() string {
	done := 0
	for _, n := range p.counts {
		done += n
	}
	total := max(p.begun, p.style.Targets) * p.of
	passed := time.Since(p.began)
	line := fmt.Sprintf("%d/%d scenarios in %v", done, total, passed.Round(time.Second))
	for _, v := range []conformance.Verdict{conformance.Error, conformance.Fail, conformance.Inconclusive, conformance.Warn, conformance.Waived} {
		if n := p.went[v]; n > 0 {
			line += fmt.Sprintf(", %d %s", n, v)
		}
	}
	if left := total - done; done*20 >= total && left > 0 {
		line += fmt.Sprintf(", about %v to go", max(p.left.lasts(max(p.begun, p.style.Targets)).Round(time.Second), time.Second))
	}
	return line
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

// draw writes the finished lines where the rewritten ones were, and draws those again
// below.
func (p *Progress) draw() {
	var b strings.Builder
	b.WriteString(p.erase())
	b.WriteString(p.above.String())
	p.above.Reset()
	b.WriteString(clip(p.sum(), p.style.Width-1) + "\n")
	p.drawn = 1
	for i, name := range p.targets {
		if i == mostLive {
			fmt.Fprintf(&b, "and %d more targets\n", len(p.targets)-i)
			p.drawn++
			break
		}
		b.WriteString(p.lines[name] + "\n")
		p.drawn++
	}
	p.write(b.String())
	if p.next != nil {
		p.next.Stop()
	}
	p.latest, p.next = time.Now(), nil
}

// erase takes the rewritten lines off the terminal.
func (p *Progress) erase() string {
	if p.drawn == 0 {
		return ""
	}
	up := fmt.Sprintf("\x1b[%dA\r\x1b[J", p.drawn)
	p.drawn = 0
	return up
}

// write writes all of s, or remembers the error.
func (p *Progress) write(s string) {
	if p.err != nil || s == "" {
		return
	}
	if _, err := io.WriteString(p.w, s); err != nil {
		p.err = fmt.Errorf("write progress: %w", err)
	}
}
