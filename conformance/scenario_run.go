package conformance

import (
	"time"
)

// ScenarioRun is one scenario that was run, or was to be.
type ScenarioRun struct {
	ID, Name, Feature string
	Tags              []string
	Requirements      []string // the ids among Tags
	Timeline          Timeline
	File              string // of Timeline, relative to results.json
	Err               string // why it is an error: the harness or its surroundings failed
	Skipped           string // why it is not applicable
	NotTestable       string // why it is inconclusive: a condition that can't be had
	Duration          time.Duration
}
