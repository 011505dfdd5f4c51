package conformance

// Form is one of the four ways to assert a path of pstat.
type Form string

// The assertion forms.
const (
	Exactly     Form = "exactly"      // this path and nothing else
	InOrder     Form = "in order"     // these states in this order, others between them
	EndsWith    Form = "ends with"    // the last states
	NeverDuring Form = "never during" // no sample matches while the process runs
)

// Row is a pattern of one state. A cell is "*" (any), "-" (neither V nor U) or
// bits joined by "+"; "?" after a bit means it may be either: "U+V?".
type Row struct {
	TM  string `json:"tm"`
	CM  string `json:"cm"`
	DOS string `json:"dos"`
}

// Expectation is a Then of a scenario, recorded for judging afterwards: the
// samples in Observations[From:Upto] seen by Client are compared with Rows.
type Expectation struct {
	Text   string `json:"text"`
	Form   Form   `json:"form"`
	Client string `json:"client"`
	From   int    `json:"from"`
	Upto   int    `json:"upto"`
	Rows   []Row  `json:"rows"`
}
