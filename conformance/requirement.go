package conformance

// Level is the duty a requirement's sentence carries.
type Level string

// The levels of requirements.yaml.
const (
	Duty       Level = "duty"
	Should     Level = "should"
	May        Level = "may"
	Derived    Level = "derived"
	Definition Level = "definition"
	Info       Level = "info"
)

// Judge concludes from a Timeline. It is pure: same Timeline, same Finding.
// None says the Timeline holds nothing that this requirement speaks of.
type Judge func(Timeline) Finding

// Requirement is one testable sentence of the seed.
type Requirement struct {
	ID       string
	Lines    string // of seed.txt: "33-34 69-71"
	Clause   string // the sentence, quoted from the seed
	Actor    string // device or client
	Level    Level
	Severity Verdict // what a breach yields: Fail, or Warn
	Says     string
	Needs    string // "gate", "gate and cm.V=1 before", "declared reboot"; empty: nothing
	PassIf   string
	FailIf   string
	Judge    Judge
}

// Finding is what one Judge, or one expectation of a scenario, concludes.
type Finding struct {
	Scenario string  `json:"scenario"`
	Verdict  Verdict `json:"verdict"`
	Want     string  `json:"want"`
	Got      string  `json:"got"`
	Reason   string  `json:"reason"`
	AtS      float64 `json:"at_s"`    // of the deciding observation
	Witness  int     `json:"witness"` // index of the deciding observation, -1 for none
}
