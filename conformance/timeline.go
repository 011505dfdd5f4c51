package conformance

import (
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// Profile is what the target declares of itself: its PICS and IXIT. Judges
// read bounds and policies from here and from nowhere else.
type Profile struct {
	Name     string   `json:"name"`
	Endpoint string   `json:"endpoint"`
	DI       string   `json:"di,omitempty"`
	Secured  bool     `json:"secured"`
	Owning   string   `json:"owning,omitempty"`  // how the harness became the owner: "justworks", "pin", "certificate", "credential"
	Expired  string   `json:"expired,omitempty"` // the day on which the Device's certificate expired, where the target file has it accepted
	ICV      string   `json:"icv,omitempty"`     // what /oic/d says of the edition: "ocf.1.0.0"
	Edition  string   `json:"edition,omitempty"` // the one that the target file says; "" where it says none
	Supports Supports `json:"supports"`
	Timing   Timing   `json:"timing"`
	Sleep    Sleep    `json:"sleep,omitzero"` // when the Device hears nothing
	Update   Update   `json:"update"`
	Policy   Policy   `json:"policy"`
	Always   []string `json:"always,omitempty"` // conditions that hold at all times, as the target declares
	Client   bool     `json:"client,omitempty"` // it is a Client, which a virtual Device has recorded; since revision 2
}

// Supports is the PICS: what the Device claims to implement.
type Supports struct {
	Validation     bool `json:"validation"`
	Update         bool `json:"update"`
	Autonomous     bool `json:"autonomous"`
	SoftwareUpdate bool `json:"softwareupdate-resource"`
	// Availability is whether it has availability checks, in an edition that has them; nil
	// is true.
	Availability *bool `json:"availability,omitempty"`
}

// Timing is the IXIT: upper bounds, all positive.
type Timing struct {
	Validation time.Duration `json:"validation_ns"` // answer delivered to tm.V=0
	Update     time.Duration `json:"update_ns"`     // answer delivered to tm.U=0
	Settle     time.Duration `json:"settle_ns"`     // state change to notification sent
	Reboot     time.Duration `json:"reboot_ns"`     // unreachable for at most this long
	// Scenario is how long all waits of one scenario may take together; 0 leaves it to what
	// the scenario asks for.
	Scenario time.Duration `json:"scenario_ns,omitempty"`
}

// Patience is for how long a withheld answer proves that a Device is pending: a quarter of the
// declared time, counted from the request. The declared time includes that the Device gives up,
// perhaps after it has asked a second time, and some reserve; where a validation downloads the
// package as well, it includes that for two questions.
func (t Timing) Patience(downloads bool) time.Duration {
	validation := t.Validation
	if downloads {
		validation /= 2
	}
	return min(validation, t.Update) / 4
}

// Sleep declares when a Device hears nothing, to save power. It is awake for the time
// Awake after it last sent something, and wakes by itself at least every Every, for as
// long. The zero value is a Device that never sleeps.
type Sleep struct {
	Every time.Duration `json:"every_ns"`
	Awake time.Duration `json:"awake_ns"`
}

// Update declares what an update does besides cm and tm.
type Update struct {
	DOS     []ocf.DOS `json:"dos,omitempty"`     // declared excursion; empty: unchanged
	AnyDOS  bool      `json:"any_dos,omitempty"` // dos: any
	Reboots bool      `json:"reboots"`
	Version string    `json:"version,omitempty"` // where the software version is read: "/oic/d#sv"
}

// Policy holds how ambiguous sentences are read (NOTES A1, A7).
type Policy struct {
	SSUStartClears string `json:"ssu_start_clears"` // either, literal, corrected, both
	Strict         bool   `json:"strict"`
}

// Header is the first line of a recorded Timeline.
type Header struct {
	Schema   string    `json:"schema"`             // "ocfsim.timeline/1"
	Revision int       `json:"revision,omitempty"` // of the schema: what was added to it since
	Tool     string    `json:"tool"`
	Edition  string    `json:"edition"`
	Scenario string    `json:"scenario"` // its id
	Name     string    `json:"name"`
	Feature  string    `json:"feature"`
	Tags     []string  `json:"tags"`
	Started  time.Time `json:"started"`
	Target   Profile   `json:"target"`
}

// Timeline is all that was sent and seen in one scenario, in order, with the
// declarations it is judged by. Its judges never see anything else.
type Timeline struct {
	Header       Header
	Observations []Observation
	Expectations []Expectation
}

// Unanswered reports whether Observation n says that a request went unanswered
// for good. A late answer may have crossed with the end of the wait for it.
func (tl Timeline) Unanswered(n int) bool {
	o := &tl.Observations[n]
	if o.Kind != Lost {
		return false
	}
	for i := range tl.Observations {
		a := &tl.Observations[i]
		if a.Kind == Response && a.For != nil && o.For != nil && *a.For == *o.For {
			return false
		}
	}
	return true
}

// Arranges reports whether Observation n is a condition that may have had an effect: done,
// failed, or asked for. One that can't be had has none, nor has its being asked for; and
// what was merely learned was arranged by nobody.
func (tl Timeline) Arranges(n int) bool {
	o := &tl.Observations[n]
	if o.Kind != Condition || o.Outcome != Asked {
		return o.Kind == Condition && o.Outcome != Unsupported && o.Outcome != Learned
	}
	for i := n + 1; i < len(tl.Observations); i++ {
		if a := &tl.Observations[i]; a.Kind == Condition && a.Name == o.Name {
			return a.Outcome != Unsupported
		}
	}
	return true
}
