package ddi

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Execution is how far a Device says that it is with an action.
type Execution string

// The words for it.
const (
	Closed     Execution = "closed" // it has ended, and Result says how
	Proceeding Execution = "proceeding"
	Canceled   Execution = "canceled"
	Scheduled  Execution = "scheduled"
	Rejected   Execution = "rejected"
	Resumed    Execution = "resumed"
	Download   Execution = "download"   // it begins
	Downloaded Execution = "downloaded" // it has ended
)

// Finished is what a Device says that came of an action.
type Finished string

// The words for it.
const (
	Success Finished = "success"
	Failure Finished = "failure"
	None    Finished = "none" // so far, or nothing that it could tell
)

// Feedback is what a Device says of an action.
type Feedback struct {
	Status Status `json:"status"`
}

// Status is how it stands with the action.
type Status struct {
	Execution Execution `json:"execution"`
	Result    Result    `json:"result"`
	Details   []string  `json:"details,omitempty"`
}

// Result is what came of it, and how far it has come.
type Result struct {
	Finished Finished  `json:"finished"`
	Progress *Progress `json:"progress,omitempty"`
}

// Progress is so many steps of so many.
type Progress struct {
	Count int `json:"cnt"`
	Of    int `json:"of"`
}

// NewFeedback is a Feedback of these words.
func NewFeedback(e Execution, f Finished, details ...string) Feedback {
	return Feedback{Status{Execution: e, Result: Result{Finished: f}, Details: details}}
}

// ParseFeedback reads a Feedback. What else a Device says beside it, such as the number of
// the action and the time, is passed over, as hawkBit does.
func ParseFeedback(data []byte) (f Feedback, err error) {
	if err := json.Unmarshal(data, &f); err != nil {
		return f, err
	}
	executions := []Execution{Closed, Proceeding, Canceled, Scheduled, Rejected, Resumed, Download, Downloaded}
	if !slices.Contains(executions, f.Status.Execution) {
		return f, fmt.Errorf("status.execution: expected one of %q, not %q", executions, f.Status.Execution)
	}
	results := []Finished{Success, Failure, None}
	if !slices.Contains(results, f.Status.Result.Finished) {
		return f, fmt.Errorf("status.result.finished: expected one of %q, not %q", results, f.Status.Result.Finished)
	}
	return f, nil
}

// String is the feedback in words: "closed success: rebooted; runs 1.0.1".
func (f Feedback) String() string {
	text := string(f.Status.Execution) + " " + string(f.Status.Result.Finished)
	if p := f.Status.Result.Progress; p != nil {
		text += fmt.Sprintf(" %d/%d", p.Count, p.Of)
	}
	if len(f.Status.Details) > 0 {
		text += ": " + strings.Join(f.Status.Details, "; ")
	}
	return text
}

// ParseIdentity reads an Identity.
func ParseIdentity(data []byte) (i Identity, err error) {
	if err := json.Unmarshal(data, &i); err != nil {
		return i, err
	}
	if i.Data == nil {
		return i, errors.New("data: missing")
	}
	if !slices.Contains([]string{"", Merge, Replace, Remove}, i.Mode) {
		return i, fmt.Errorf("mode: expected merge, replace or remove, not %q", i.Mode)
	}
	return i, nil
}
