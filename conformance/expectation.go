package conformance

import (
	"fmt"
)

// Form is one of the four ways to assert a path of pstat.
type Form string

// The assertion forms.
const (
	Exactly     Form = "exactly"      // this path and nothing else
	InOrder     Form = "in order"     // these states in this order, others between them
	EndsWith    Form = "ends with"    // the last states
	NeverDuring Form = "never during" // no sample matches while the process runs
)

// Expectation is a Then of a scenario, recorded for judging afterwards: the
// samples in Observations[From:Upto] seen by Client are compared with Rows. An
// empty Client means every Client; an Upto of 0 means to the end.
type Expectation struct {
	Text   string `json:"text"`
	Form   Form   `json:"form"`
	Client string `json:"client"`
	From   int    `json:"from"`
	Upto   int    `json:"upto"`
	Rows   []Row  `json:"rows"`
}

// Validate says what is wrong with e's form or rows.
func (e Expectation) Validate() error {
	switch e.Form {
	case Exactly, InOrder, EndsWith, NeverDuring:
	default:
		return fmt.Errorf("unknown form %q, expected %q, %q, %q or %q", e.Form, Exactly, InOrder, EndsWith, NeverDuring)
	}
	if len(e.Rows) == 0 {
		return fmt.Errorf("%s: no states given", e.Form)
	}
	for i, r := range e.Rows {
		if err := r.Validate(); err != nil {
			return fmt.Errorf("state %d: %w", i+1, err)
		}
	}
	return nil
}
