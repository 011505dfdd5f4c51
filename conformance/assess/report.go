package assess

import (
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

// Report is the outcome of a run against one target: results.json.
type Report struct {
	Schema       string                      `json:"schema"`             // "ocfsim.results/1"
	Revision     int                         `json:"revision,omitempty"` // of the schema: what was added to it since
	Tool         Tool                        `json:"tool"`
	Edition      string                      `json:"edition"`
	Document     string                      `json:"document,omitempty"`      // the standard that the edition is of
	EditionNotes []string                    `json:"edition_notes,omitempty"` // what is to be known of the edition beside every verdict
	Target       TargetName                  `json:"target"`
	Declared     *Declared                   `json:"declared,omitempty"`
	Bench        *Bench                      `json:"bench,omitempty"`
	Started      time.Time                   `json:"started"`
	DurationS    float64                     `json:"duration_s"`
	Verdict      conformance.Verdict         `json:"verdict"`
	Reason       string                      `json:"reason,omitempty"`
	Counts       map[conformance.Verdict]int `json:"counts"` // of requirements; every verdict is a key
	Requirements []RequirementResult         `json:"requirements"`
	Scenarios    []ScenarioResult            `json:"scenarios"`
	Partial      bool                        `json:"partial,omitempty"`   // scenarios were selected
	Selection    *Selection                  `json:"selection,omitempty"` // how much of the suite was run; nil for all of it
	Causes       []Cause                     `json:"causes,omitempty"`    // why requirements did not pass, each cause once; set where the report is written
	Measured     *Measured                   `json:"measured,omitempty"`  // the longest times that were seen
	Remarks      []Remark                    `json:"remarks,omitempty"`   // warnings by which no requirement is judged
	Waivers      []WaiverResult              `json:"waivers,omitempty"`   // that name the target, or no target at all
}

// Tool names the program that judged.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	// Commit is the revision of the source; "-dirty" at its end says that the source was
	// changed since. "" where that is unknown.
	Commit string `json:"commit,omitempty"`
}

// TargetName says who was judged, and whether there was security: where there
// was none, nobody was without the privilege.
type TargetName struct {
	Name     string `json:"name"`
	Endpoint string `json:"endpoint"`
	DI       string `json:"di"`
	Secured  bool   `json:"secured"`
	Owning   string `json:"owning,omitempty"`  // as in Profile
	Expired  string `json:"expired,omitempty"` // as in Profile
	Devices  int    `json:"devices,omitempty"` // how many like Devices shared the scenarios; 0 for one
	// What the target file says of the product; each may be empty.
	Vendor  string `json:"vendor,omitempty"`
	Product string `json:"product,omitempty"`
	Version string `json:"version,omitempty"` // of its software
	Contact string `json:"contact,omitempty"`
}

// Identity is what the target file says of the product.
func (t TargetName) Identity() Identity {
	return Identity{Vendor: t.Vendor, Product: t.Product, Version: t.Version, Contact: t.Contact}
}

// nameOf is what a Report says of the target.
func nameOf(p conformance.Profile, i Identity) TargetName {
	return TargetName{
		Name: p.Name, Endpoint: p.Endpoint, DI: p.DI, Secured: p.Secured, Owning: p.Owning, Expired: p.Expired,
		Vendor: i.Vendor, Product: i.Product, Version: i.Version, Contact: i.Contact,
	}
}

// RequirementResult is one row of the traceability matrix.
type RequirementResult struct {
	ID       string                `json:"id"`
	Level    judge.Level           `json:"level"`
	Verdict  conformance.Verdict   `json:"verdict"`
	Reason   string                `json:"reason,omitempty"` // of inconclusive and not-applicable without a finding
	Findings []conformance.Finding `json:"findings"`
	Alike    []Alike               `json:"alike,omitempty"`  // in a file of one target among many; a Report that was read has them in Findings
	Source   *Source               `json:"source,omitempty"` // where its sentence stands
}

// ScenarioResult is one scenario against one target. Checks are the outcomes
// of its own expectations; a requirement's findings stand with the requirement.
// Of a scenario that was run several times the verdict, the reason, the
// timeline and the checks are those of the attempt that decided.
type ScenarioResult struct {
	ID           string                `json:"id"`
	Name         string                `json:"name"`
	Feature      string                `json:"feature"`
	Tags         []string              `json:"tags"`
	Verdict      conformance.Verdict   `json:"verdict"`
	Reason       string                `json:"reason"`
	Requirements []string              `json:"requirements"`
	DurationS    float64               `json:"duration_s"`
	Timeline     string                `json:"timeline"` // path relative to results.json
	Checks       []conformance.Finding `json:"checks,omitempty"`
	Attempt      int                   `json:"attempt,omitempty"`  // the one that decided, from 1
	Attempts     []Attempt             `json:"attempts,omitempty"` // where there were several
	Flaky        bool                  `json:"flaky,omitempty"`    // they do not agree
}
