package reports

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
)

// EventsSchema is the schema of the lines of --format ndjson.
const EventsSchema = "ocfsim.events/1"

// EventsSchemaJSON is the JSON Schema (draft 2020-12) of each line.
//
//go:embed events.schema.json
var EventsSchemaJSON string

// ndjsonFormat tells a program what happens while it happens: one JSON object a line
// (https://github.com/ndjson/ndjson-spec), as events.schema.json says. It leaves no file.
func ndjsonFormat() Format { return Format{Name: "ndjson", Show: endEvents, Follow: followEvents} }

// Event is one line of --format ndjson. Which fields it has follows from Event.
type Event struct {
	Schema    string                      `json:"schema"`
	Event     EventKind                   `json:"event"`
	At        time.Time                   `json:"at"`
	Target    string                      `json:"target,omitempty"`
	Scenario  string                      `json:"scenario,omitempty"`
	Done      int                         `json:"done,omitempty"`
	Total     int                         `json:"total,omitempty"`
	Waiting   string                      `json:"waiting,omitempty"`
	BoundS    float64                     `json:"bound_s,omitempty"`
	TookS     *float64                    `json:"took_s,omitempty"`
	Verdict   conformance.Verdict         `json:"verdict,omitempty"`
	Reason    string                      `json:"reason,omitempty"`
	Counts    map[conformance.Verdict]int `json:"counts,omitempty"`
	Folder    string                      `json:"folder,omitempty"`
	Selection string                      `json:"selection,omitempty"`
}

// EventKind says what an Event is about.
type EventKind string

// The kinds of Events.
const (
	ScenarioBegins EventKind = "scenario-begins" // Done and Total are of the target
	ScenarioWaits  EventKind = "scenario-waits"  // for Waiting, for at most BoundS; 0 for unknown
	ScenarioEnds   EventKind = "scenario-ends"   // with Verdict, for Reason, after TookS
	TargetEnds     EventKind = "target-ends"     // with Verdict and Counts of its requirements; its files are in Folder
	RunEnds        EventKind = "run-ends"        // with the worst Verdict of its targets; the last line
)

// followEvents returns what writes events to w as they happen. It is safe for
// concurrent use. What can't be written is told by the events at the end.
func followEvents(w io.Writer) func(ProgressEvent) {
	var mu sync.Mutex
	return func(p ProgressEvent) {
		e := Event{Event: ScenarioBegins, Target: p.Target, Scenario: p.Scenario, Done: p.Done, Total: p.Total}
		switch {
		case p.Ended:
			e.Event, e.Verdict, e.Reason, e.TookS = ScenarioEnds, p.Verdict, p.Reason, new(p.Took.Seconds())
		case p.Waiting != "":
			e.Event, e.Waiting, e.BoundS = ScenarioWaits, p.Waiting, p.Bound.Seconds()
		}
		mu.Lock()
		defer mu.Unlock()
		_ = writeEvent(w, e)
	}
}

// endEvents tells what the run came to.
func endEvents(w io.Writer, targets []Entry, _ Style) error {
	worst := conformance.None
	for _, t := range targets {
		r := t.Report
		worst = conformance.Worst(worst, r.Verdict)
		e := Event{
			Event: TargetEnds, Target: r.Target.Name, Verdict: r.Verdict, Reason: r.Reason, Counts: r.Counts, TookS: new(r.DurationS),
		}
		if t.Folder != "." {
			e.Folder = t.Folder
		}
		if r.Selection != nil {
			e.Selection = r.Selection.String()
		}
		if err := writeEvent(w, e); err != nil {
			return err
		}
	}
	return writeEvent(w, Event{Event: RunEnds, Verdict: worst})
}

func writeEvent(w io.Writer, e Event) error {
	e.Schema, e.At = EventsSchema, time.Now().UTC()
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("event: %w", err)
	}
	_, err = w.Write(append(line, '\n'))
	return err
}
