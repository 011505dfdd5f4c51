//go:generate go run ./internal/catalogue
//go:generate go test . -count=1 -run "TestScripts|TestRecordedTimelines|TestCorpus|TestPagesOfTheRequirements" -rewrite

package judge

import (
	"iter"
	"slices"
	"sync"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/ocf"
)

// Level is the duty a requirement's sentence carries. The seed has no "shall":
// an indicative sentence about the Device is treated as mandatory.
type Level string

// The levels.
const (
	Duty       Level = "duty"       // an indicative sentence about the Device
	Should     Level = "should"     // the seed's own word
	May        Level = "may"        // the seed's own word
	Derived    Level = "derived"    // follows from several sentences together
	Definition Level = "definition" // what a word or a value means
	Info       Level = "info"       // said, and asked of nobody
)

// Actor is who has to keep a requirement. One of Clients is judged where a Client
// is under test; no Device is judged by it.
type Actor string

// The actors.
const (
	Device Actor = "device"
	Client Actor = "client"
)

// The editions that requirements begin with.
const (
	OCF10 = edition.OCF10 // the one that the seed is an extract of
	OCF22 = edition.OCF22
)

// Requirement is one testable sentence of the seed. Each stands in a file that is
// named for its id (svv_04.go), with the rule that judges it and what this rule
// alone uses; its scripts are in testdata under the same name (svv_04.txt).
type Requirement struct {
	ID       string
	Lines    string              // of seed.txt: "33-34 69-71"
	Clause   string              // the sentence, quoted from the seed
	Says     string              // the same in short
	Level    Level               // what the sentence demands
	Severity conformance.Verdict // what a breach yields: Fail, or Warn
	Actor    Actor
	Edition  string // the first one that has the sentence
	Needs    Needs
	Verdicts Verdicts
	Course   Course
	// NotAlone is why no deviant breaks this requirement and no other; "" where
	// one does.
	NotAlone string

	rule rule
}

// Needs are what has to be there for a requirement to be judged.
type Needs struct {
	Bench  string // what a scenario has to arrange: "gate", "gate and cm.V=1 before"; "" for nothing
	Offer  bool   // the result that it judges follows from what the source offers, which has to be known
	Target Claims // what the target has to claim
}

// Claims are what a target can claim of itself.
type Claims uint8

// The claims. A target without Validation, Update, Identity, Availability or Schedules is not judged
// by a requirement that needs it; without one of the others it need not show what the
// requirement speaks of.
const (
	Validation   Claims = 1 << iota // software version validation
	Update                          // secure software update
	Identity                        // sessions, by which it can tell who a Client is
	Autonomous                      // processes that it begins by itself
	Reboots                         // an update restarts it
	Availability                    // availability checks, in an edition that has them
	Schedules                       // oic.r.softwareupdate, in an edition that has it
)

// Has reports whether all of others are among c.
func (c Claims) Has(others Claims) bool { return c&others == others }

// Verdicts say in words what has to be seen for each verdict. What was not seen,
// and could not be forced, is always inconclusive.
type Verdicts struct {
	Pass, Fail    string
	Open          string // what else is inconclusive
	NeverOpen     bool   // it is about what stands in a representation, which is right or wrong
	NotApplicable string // what else than a claim that the target does not make
	Note          string // what a reader has to know besides
}

// Course is what a requirement says of the course of a process: the steps that
// witness it where they are seen, and those that break it.
type Course struct {
	Of              ocf.DPM // V, U or both
	Witness, Breach []Step
}

// Step goes from one CourseState to another.
type Step struct {
	From string
	On   Trigger
	To   string
}

// Requirements are the testable sentences of the seed, in their order. The slice
// is the caller's.
func Requirements() []Requirement { return Of(edition.First()) }

// Of are the requirements of an edition, in their order: those that began with it or
// with an earlier one, each as strict as it has them. The slice is the caller's.
func Of(e *edition.Edition) []Requirement { return slices.Clone(of(e)) }

// In yields the requirements of an edition in their order, as Of has them, for those who only
// look at them.
func In(e *edition.Edition) iter.Seq[Requirement] { return slices.Values(of(e)) }

// of is Of, and nobody's to change.
func of(e *edition.Edition) []Requirement {
	if all, ok := inEditions()[e]; ok {
		return all
	}
	return choose(e)
}

// inEditions are the requirements of the editions that are built in. Every Timeline is
// judged by them.
var inEditions = sync.OnceValue(func() map[*edition.Edition][]Requirement {
	all := map[*edition.Edition][]Requirement{}
	for _, e := range edition.All() {
		all[e] = choose(e)
	}
	return all
})

func choose(e *edition.Edition) []Requirement {
	every := catalogue()
	all := make([]Requirement, 0, len(every))
	for _, r := range every {
		if !e.Has(r.Edition) {
			continue
		}
		if r.ID == ssu14.ID {
			r.Severity = conformance.Verdict(e.Update.Keeps.Is)
		}
		all = append(all, r)
	}
	return all
}

// Every are the requirements of all editions, in their order. The slice is the caller's.
func Every() []Requirement { return catalogue() }

// Each yields the requirements of all editions in their order, as Every has them, for those
// who only look at them.
func Each() iter.Seq[Requirement] { return slices.Values(every()) }

var every = sync.OnceValue(catalogue)

// Judge concludes from a Timeline. It is pure: same Timeline, same Finding. None
// says that the Timeline holds nothing that r speaks of.
func (r Requirement) Judge(tl conformance.Timeline) conformance.Finding {
	s := read(tl)
	return r.finding(s)
}

// finding is what r makes of a Timeline.
func (r Requirement) finding(s *story) conformance.Finding {
	f := s.untilFull(r.rule.conclude(s))
	if r.Needs.Target.Has(Update) {
		f = s.naming(f)
	}
	return s.lettered(f)
}

// lettered is f with a letter for each process that the edition has.
func (s *story) lettered(f conformance.Finding) conformance.Finding {
	f.Want, f.Got, f.Reason = s.edition.Letters(f.Want), s.edition.Letters(f.Got), s.edition.Letters(f.Reason)
	return f
}

// IDsOf are the ids of the requirements of e, in their order. The slice is the caller's.
func IDsOf(e *edition.Edition) []string {
	var ids []string
	for _, r := range Of(e) {
		ids = append(ids, r.ID)
	}
	return ids
}

// IDs are the ids of Requirements, in their order. The slice is the caller's.
func IDs() []string { return IDsOf(edition.First()) }

// All judges tl by every requirement of the edition that it names; the key is the id.
func All(tl conformance.Timeline) map[string]conformance.Finding { return read(tl).judgeAll() }

// Conclusion is what the judges make of the Timeline of one scenario.
type Conclusion struct {
	Requirements map[string]conformance.Finding // by id
	Expectations []conformance.Finding          // of the scenario's own, in their order
	Left         Left                           // what is wrong with pstat when the scenario ends
}

// Scenario judges tl by every requirement and by each of its own expectations.
func Scenario(tl conformance.Timeline, known Known) Conclusion {
	s := readKnowing(tl, known)
	c := Conclusion{Left: s.leaves()}
	full := tl.Full()
	for _, e := range tl.Expectations {
		if s.full && e.Upto > full {
			c.Expectations = append(c.Expectations, beyond(e))
			continue
		}
		c.Expectations = append(c.Expectations, s.lettered(shortened(s.untilFull(s.expected(e)))))
	}
	c.Requirements = s.judgeAll()
	return c
}

// expected judges e, and leaves open what something else than a breach explains:
// a process that the Device began by itself, or a request that was refused.
func (s *story) expected(e conformance.Expectation) conformance.Finding {
	f := s.whateverIsOffered(e, check(e, s))
	if f.Verdict == conformance.Fail && s.interrupted(e.From) {
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
	all := of(s.edition)
	findings := make(map[string]conformance.Finding, len(all))
	for _, r := range all {
		f := r.finding(s)
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
	switch need := r.Needs.Target; {
	case r.Actor == Client:
		return "judged where a Client is under test, not a Device"
	case need.Has(Identity) && !p.Secured:
		return unsecured
	case need.Has(Validation) && !p.Supports.Validation:
		return "the target does not claim software version validation (supports.validation)"
	case need.Has(Availability) && p.Supports.Availability != nil && !*p.Supports.Availability:
		return "the target does not claim availability checks (supports.availability)"
	case need.Has(Schedules) && !p.Supports.SoftwareUpdate:
		return "the target does not claim the resource oic.r.softwareupdate (supports.softwareupdate-resource)"
	case need.Has(Update) && !p.Supports.Update:
		return "the target does not claim software update (supports.update)"
	}
	return ""
}

// Unexercised is the reason why r need not be exercised on the target p: the
// Device does not declare what r speaks of. "" where it has to be.
func (r Requirement) Unexercised(p conformance.Profile) string {
	switch need := r.Needs.Target; {
	case need.Has(Autonomous) && !p.Supports.Autonomous:
		return "not shown: the target does not claim autonomous operation (supports.autonomous)"
	case need.Has(Reboots) && !p.Update.Reboots:
		return "the target does not declare that an update restarts it (update.reboots)"
	}
	return ""
}
