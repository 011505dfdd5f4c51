package conformance

// Finding is what one Judge, or one expectation of a scenario, concludes.
type Finding struct {
	Scenario string  `json:"scenario"`
	Verdict  Verdict `json:"verdict"`
	Want     string  `json:"want"`
	Got      string  `json:"got"`
	Reason   string  `json:"reason"`
	AtS      float64 `json:"at_s"`              // of the deciding observation
	Witness  int     `json:"witness"`           // index of the deciding observation, -1 for none
	Attempt  int     `json:"attempt,omitempty"` // at the scenario, from 1; 0: its only run
	Waived   Verdict `json:"waived,omitempty"`  // what it was before it was waived
	Waiver   string  `json:"waiver,omitempty"`  // where that waiver is written
	Next     string  `json:"next,omitempty"`    // the later scenario that showed the breach, where it shows only there
	Silent   bool    `json:"silent,omitempty"`  // a breach that rests on what was not seen: one lost datagram would explain it
	Alone    bool    `json:"-"`                 // a breach, unless it is the work of a process that the Device began by itself just then
	Request  int     `json:"request,omitempty"` // index of the request that it is about; 0: the last write before the deciding observation
}

// About is f, said to be about the request at index n of the Timeline, or about the
// session that a Client was refused there.
func (f Finding) About(n int) Finding {
	f.Request = n
	return f
}

// Breach reports whether f says that something was broken, waived or not.
func (f Finding) Breach() bool {
	return f.Verdict == Fail || f.Verdict == Warn || f.Verdict == Waived || f.Silent
}
