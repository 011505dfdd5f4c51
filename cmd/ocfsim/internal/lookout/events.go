package lookout

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// EventsSchema is the schema of the lines that Events writes.
const EventsSchema = "ocfsim.fleet-events/1"

// EventsSchemaJSON is the JSON Schema (draft 2020-12) of each line.
//
//go:embed events.schema.json
var EventsSchemaJSON string

const (
	// queueLength is how many events may wait to be written.
	queueLength = 1 << 14
	// telling is how often it is told what was dropped and what was left out.
	telling = time.Second
	// patience is how long the end of a run waits for a reader that does not read.
	patience = 5 * time.Second
)

// Events writes what happens as lines of JSON (https://github.com/ndjson/ndjson-spec),
// as events.schema.json says. It never blocks the fleet: an event that finds the queue
// full, or is more than the rate of its kind allows, is left out and counted.
type Events struct {
	*sieve
	queue chan queued

	w     *bufio.Writer
	stop  chan struct{}
	done  chan struct{}
	begin sync.Once
	err   error // the first error of writing; valid once done is closed
}

// NewEvents makes what writes events of these kinds to w, at most rate a second of each
// kind; 0 is no limit. Nothing is written before Begin.
func NewEvents(w io.Writer, kinds KindSet, rate float64) *Events {
	return &Events{
		sieve: newSieve(kinds, rate), queue: make(chan queued, queueLength), w: bufio.NewWriterSize(w, 1<<16),
		stop: make(chan struct{}), done: make(chan struct{}),
	}
}

// Take puts an event into the queue, or leaves it out. It allocates nothing.
func (e *Events) Take(h *Happening) {
	if !e.admits(h) {
		return
	}
	select {
	case e.queue <- queuedOf(h):
	default:
		e.left[h.Kind].byQueue.Add(1)
	}
}

// Begin begins to write. The meter is asked for the drops, and for the summary at the end.
func (e *Events) Begin(r *Roster, m *Meter) {
	e.begin.Do(func() { go e.run(&scribe{roster: r, w: e.w}, m) })
}

// run writes until Close.
func (e *Events) run(s *scribe, m *Meter) {
	defer close(e.done)
	tick := time.NewTicker(telling)
	defer tick.Stop()
	for stopped := false; !stopped && s.err == nil; {
		select {
		case q := <-e.queue:
			s.happened(&q)
			if len(e.queue) == 0 {
				s.flush()
			}
		case <-tick.C:
			e.tellLosses(s, m)
		case <-e.stop:
			stopped = true
		}
	}
	for len(e.queue) > 0 && s.err == nil {
		q := <-e.queue
		s.happened(&q)
	}
	e.tellLosses(s, m)
	s.conclude(m)
	e.err = s.err
}

// tellLosses says what was dropped and what was left out since it was said last.
func (e *Events) tellLosses(s *scribe, m *Meter) {
	s.tellDrops(e.sieve, m)
	s.tellLeftOut(e.sieve, time.Now())
	s.flush()
}

// Close writes what is left to be written, and a summary. Its error is the first that
// writing had, or that nobody reads.
func (e *Events) Close() error {
	close(e.stop)
	select {
	case <-e.done:
		return e.err
	case <-time.After(patience):
		return errors.New("nobody reads the events: the last ones are lost")
	}
}

// scribe writes lines.
type scribe struct {
	roster *Roster
	w      *bufio.Writer
	drops  []Drop // as they were told last
	err    error
}

// happened writes the line of an event.
func (s *scribe) happened(q *queued) {
	l := q.line(s.roster)
	s.line(&l)
}

// tellDrops writes what was dropped since that was written last.
func (s *scribe) tellDrops(v *sieve, m *Meter) {
	if !v.kinds.Has(Dropped) {
		return
	}
	for _, d := range m.dropped(&s.drops) {
		s.line(&Line{Event: Dropped.String(), At: s.roster.now(), Reason: d.Reason, Count: d.Count})
	}
}

// tellLeftOut writes how many events were left out since that was written last, by kind.
func (s *scribe) tellLeftOut(v *sieve, at time.Time) {
	byRate, byQueue := v.takeLeft()
	for _, left := range []struct {
		reason string
		counts map[string]uint64
	}{{"rate", byRate}, {"queue", byQueue}} {
		if len(left.counts) > 0 {
			s.line(&Line{Event: LeftOut.String(), At: at.UTC(), Reason: left.reason, LeftOut: left.counts})
		}
	}
}

// conclude writes the summary, and all that is still to be written.
func (s *scribe) conclude(m *Meter) {
	summary := m.Sample()
	s.line(&Line{Event: Summed.String(), At: summary.At, Summary: &summary})
	s.flush()
}

// line writes a line, unless writing has failed before.
func (s *scribe) line(l *Line) {
	if s.err != nil {
		return
	}
	l.Schema = EventsSchema
	text, err := json.Marshal(l)
	if err == nil {
		_, err = s.w.Write(append(text, '\n'))
	}
	s.fail(err)
}

func (s *scribe) flush() {
	if s.err == nil {
		s.fail(s.w.Flush())
	}
}

func (s *scribe) fail(err error) {
	if err != nil {
		s.err = fmt.Errorf("write the events: %w", err)
	}
}
