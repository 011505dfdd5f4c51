package conformance

import (
	"slices"
	"strings"
)

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

	rule rule // what Judge runs
}

// Requirements are the fifty testable sentences of the seed, in the order of
// requirements.yaml. The slice is the caller's.
func Requirements() []Requirement {
	all := slices.Concat(checkRequirements(), updateRequirements(), usageRequirements(), tableRequirements())
	for i := range all {
		all[i].Judge = all[i].rule.judge
	}
	return all
}

// JudgeAll runs every requirement's Judge over tl; the key is the id.
func JudgeAll(tl Timeline) map[string]Finding { return read(tl).judgeAll() }

func (s *story) judgeAll() map[string]Finding {
	findings := map[string]Finding{}
	for _, r := range Requirements() {
		f := r.rule.conclude(s)
		f.Scenario = s.tl.Header.Scenario
		findings[r.ID] = f
	}
	return findings
}

// clientsOnly stands for the requirements that speak of Clients: a Device is
// never judged by them.
func clientsOnly(*story) []Finding { return nil }

// Excluded is the reason why r is not applicable to the target p, whatever is
// observed; "" where it is applicable.
func (r Requirement) Excluded(p Profile) string {
	needs := needsOf(r.ID)
	switch {
	case r.Actor == "client":
		return "judged where a Client is under test, not a Device"
	case needs.identity && !p.Secured:
		return unsecured
	case needs.validation && !p.Supports.Validation:
		return "the target does not claim software version validation (supports.validation)"
	case needs.update && !p.Supports.Update:
		return "the target does not claim software update (supports.update)"
	}
	return ""
}

// Unexercised is the reason why r need not be exercised on the target p: the
// Device does not declare what r speaks of. "" where it has to be.
func (r Requirement) Unexercised(p Profile) string {
	switch {
	case strings.HasPrefix(r.ID, "AUT-") && !p.Supports.Autonomous:
		return "not shown: the target does not claim autonomous operation (supports.autonomous)"
	case r.ID == "SSU-13" && !p.Update.Reboots:
		return "the target does not declare that an update restarts it (update.reboots)"
	}
	return ""
}

// needs says what a requirement speaks of.
type needs struct{ validation, update, identity bool }

func needsOf(id string) needs {
	var n needs
	switch {
	case strings.HasPrefix(id, "SVV-"), id == "DPM-8":
		n.validation = true
	case strings.HasPrefix(id, "SSU-"), id == "DPM-9", id == "DOS-1", id == "DOS-3":
		n.update = true
	}
	switch id {
	case "SSU-12", "USE-2":
		n.validation, n.update = true, true
	case "SVV-3", "SSU-3", "OBS-5":
		n.identity = true
	}
	return n
}

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
	Silent   bool    `json:"silent,omitempty"`  // a breach that rests on what was not seen: one lost datagram would explain it
}
