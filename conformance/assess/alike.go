package assess

import (
	"encoding/json"
	"fmt"
)

// Alike is a finding that passed and says the same as another one of its requirement. In
// results.json it is a row of numbers: [position, finding, scenario, at_s, witness], and
// request after that where it has one.
type Alike struct {
	Position int     // among all findings of the requirement
	Finding  int     // the one that says the same, among those that stand in full
	Scenario int     // in which it was found, among the scenarios of the report
	AtS      float64 // as in Finding
	Witness  int     // as in Finding
	Request  int     // as in Finding
}

// MarshalJSON writes a as a row.
func (a Alike) MarshalJSON() ([]byte, error) {
	row := []any{a.Position, a.Finding, a.Scenario, a.AtS, a.Witness}
	if a.Request != 0 {
		row = append(row, a.Request)
	}
	return json.Marshal(row)
}

// UnmarshalJSON reads a row.
func (a *Alike) UnmarshalJSON(data []byte) error {
	var row []json.RawMessage
	if err := json.Unmarshal(data, &row); err != nil {
		return err
	}
	if len(row) != 5 && len(row) != 6 {
		return fmt.Errorf("alike: a row of %d numbers, expected 5 or 6", len(row))
	}
	*a = Alike{}
	for i, to := range []any{&a.Position, &a.Finding, &a.Scenario, &a.AtS, &a.Witness, &a.Request}[:len(row)] {
		if err := json.Unmarshal(row[i], to); err != nil {
			return fmt.Errorf("alike: %w", err)
		}
	}
	return nil
}
