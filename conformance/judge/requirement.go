package judge

import (
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
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
type Judge func(conformance.Timeline) conformance.Finding

// Requirement is one testable sentence of the seed.
type Requirement struct {
	ID       string
	Lines    string // of seed.txt: "33-34 69-71"
	Clause   string // the sentence, quoted from the seed
	Actor    string // device or client
	Level    Level
	Severity conformance.Verdict // what a breach yields: Fail, or Warn
	Says     string
	Needs    string // "gate", "gate and cm.V=1 before", "declared reboot"; empty: nothing
	PassIf   string
	FailIf   string
	Judge    Judge

	rule rule // what Judge runs
}

// Requirements are the testable sentences of the seed, in their order. The slice is the caller's.
func Requirements() []Requirement {
	all := slices.Concat(checkRequirements(), updateRequirements(), usageRequirements(), tableRequirements())
	for i := range all {
		all[i].Judge = all[i].rule.judge
	}
	return all
}

// IDs are the ids of Requirements, in their order. The slice is the caller's.
func IDs() []string {
	var ids []string
	for _, r := range Requirements() {
		ids = append(ids, r.ID)
	}
	return ids
}

// All runs every requirement's Judge over tl; the key is the id.
func All(tl conformance.Timeline) map[string]conformance.Finding { return read(tl).judgeAll() }

// Scenario judges tl by every requirement, by id, and by each of its own
// expectations, in their order. lossy says that the network is known to lose
// datagrams, in this Timeline or in another one of the same run.
func Scenario(tl conformance.Timeline, lossy bool) (requirements map[string]conformance.Finding, expectations []conformance.Finding) {
	s := read(tl)
	s.loss = lossy
	for _, e := range tl.Expectations {
		expectations = append(expectations, s.expected(e))
	}
	return s.judgeAll(), expectations
}

// expected judges e, and leaves open what something else than a breach explains:
// a process that the Device began by itself, or a request that was refused.
func (s *story) expected(e conformance.Expectation) conformance.Finding {
	f := check(e, s)
	if f.Verdict == conformance.Fail && s.interrupted() {
		f.Verdict, f.Reason = conformance.Inconclusive, "the Device began a process by itself meanwhile: "+f.Reason
	}
	if f.Verdict == conformance.Fail && e.Form == conformance.EndsWith && s.turnedDown(e, f.Witness) {
		f.Verdict, f.Reason = conformance.Inconclusive, "the request was refused, so that nothing ended: "+f.Reason
	}
	if still(e) {
		f = s.unlessMissed(f)
	}
	return f
}

func (s *story) judgeAll() map[string]conformance.Finding {
	findings := map[string]conformance.Finding{}
	for _, r := range Requirements() {
		f := r.rule.conclude(s)
		f.Scenario = s.tl.Header.Scenario
		findings[r.ID] = f
	}
	return findings
}

// clientsOnly stands for the requirements that speak of Clients: a Device is
// never judged by them.
func clientsOnly(*story) []conformance.Finding { return nil }

// Excluded is the reason why r is not applicable to the target p, whatever is
// observed; "" where it is applicable.
func (r Requirement) Excluded(p conformance.Profile) string {
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
func (r Requirement) Unexercised(p conformance.Profile) string {
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
