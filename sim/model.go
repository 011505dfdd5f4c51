package sim

import (
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// Variant is a compliant Device that reads an ambiguous sentence differently from
// the reference. The zero value is the reference.
type Variant struct {
	Name   string   `json:"name" yaml:"name"`
	Says   string   `json:"says" yaml:"says"`
	Quirks []string `json:"quirks" yaml:"quirks"` // from LawfulQuirks
	// Behaviour is the one under which the variant shows; "" for success.
	Behaviour string `json:"behaviour,omitempty" yaml:"behaviour"`
	// Secured says that the variant shows only on secured Devices.
	Secured bool `json:"secured,omitempty" yaml:"secured"`
	// Edition is the edition whose rules a secured Device follows; "" for any.
	Edition string `json:"edition,omitempty" yaml:"edition"`
}

// Deviation is a bug: what a deviant Device does wrong, and which requirements it
// breaks by that.
type Deviation struct {
	Name   string   `json:"name" yaml:"name"`
	Number string   `json:"number,omitempty" yaml:"number"` // its number in a list of known bugs, such as D07; "" for none
	Says   string   `json:"says" yaml:"says"`
	Breaks []string `json:"breaks" yaml:"breaks"` // ids of requirements
	// Also names the requirements that fail as a consequence. No requirement fails
	// besides these and those in Breaks; this holds for secured Devices only if the
	// Deviation says Secured.
	Also   []string `json:"also,omitempty" yaml:"also"`
	Quirks []string `json:"quirks,omitempty" yaml:"quirks"` // from DeviantQuirks
	// Skips are checks of packages that the Device leaves out, by their names in package
	// suit. They show where Devices fetch real packages. A Deviation has Quirks, Skips or
	// both.
	Skips []string `json:"skips,omitempty" yaml:"skips"`
	// Package is what is wrong with the package under which the bug shows, by the name of
	// a flaw in package suit; "" where the trusted source only plays its faults.
	Package string `json:"package,omitempty" yaml:"package"`
	// Behaviour is the one under which the bug shows; "" for success.
	Behaviour string `json:"behaviour,omitempty" yaml:"behaviour"`
	// Secured says that the bug shows only on secured Devices.
	Secured bool `json:"secured,omitempty" yaml:"secured"`
	// Edition is the edition under which the bug shows on a secured Device; "" for
	// every edition.
	Edition string `json:"edition,omitempty" yaml:"edition"`
	// Explored says that no directed scenario is written for the bug; a walk finds
	// it.
	Explored bool `json:"explored,omitempty" yaml:"explored"`
}

// Config is what Devices of one Model have in common.
type Config struct {
	Behaviour  Behaviour
	Variant    Variant
	Deviations []Deviation
	// Edition is the edition that the Devices are of: "ocf-1.0", which "" is too, or
	// "ocf-2.2", in which bit 256 of tm is an availability check and bit 64 downloads
	// the package. A Variant, a Deviation and Security can name an edition for access and
	// device states alone.
	Edition  string
	Speed    float64   // divides every duration of Behaviour; 0 is 1
	Security *Security // nil: Devices without security, which grant everything to everyone
	// Name is n of /oic/d, and Manufacturer is mnmn of /oic/p; "" for names that say that the
	// Devices are virtual.
	Name, Manufacturer string
	// Epoch is the time of day at Event.At 0, by which Devices read updatetime of
	// oic.r.softwareupdate. Zero is that of Security, or 2026-01-01T00:00:00Z.
	Epoch time.Time
}

// Model is what many Devices share. It does not change once NewModel has made it.
type Model struct {
	config Config
	script script
	bent   *bends    // as the quirks of the variant and the deviations bend it
	turns  sync.Pool // of *turn
	// What owned Devices list, and what secured Devices without an owner list.
	links, unowned []ocf.Link

	security *Security // Config.Security with its defaults filled in
	later    bool      // access and device states are those of ocf-2.2
	// availability says that the processes are those of ocf-2.2: N is one, and V downloads.
	availability bool
	// scheduled says that the Devices have oic.r.softwareupdate.
	scheduled bool
	epoch     time.Time // Config.Epoch with its default filled in
	unplanned *schedule // of every new Device that has oic.r.softwareupdate
	shipped   *trust    // the trust of every new Device
	factory   *trust    // the trust of a Device without an owner
}

// NewModel checks config. An error names the field that is wrong.
func NewModel(config Config) (*Model, error) {
	if config.Speed == 0 {
		config.Speed = 1
	}
	if !(config.Speed > 0) || math.IsInf(config.Speed, 0) {
		return nil, fmt.Errorf("speed: %v is not a number above 0", config.Speed)
	}
	m := &Model{config: config}
	editions := []string{config.Edition, config.Variant.Edition}
	for i := range config.Deviations {
		editions = append(editions, config.Deviations[i].Edition)
	}
	m.availability = config.Edition == laterEdition
	bent, err := config.bends()
	if err != nil {
		return nil, err
	}
	m.bent, m.scheduled = bent, m.availability && bent.scheduler
	if err = m.secure(editions...); err != nil {
		return nil, err
	}
	m.setClock()
	if m.script, err = config.Behaviour.compile(config.Speed); err != nil {
		return nil, fmt.Errorf("behaviour %s: %w", config.Behaviour.Name, err)
	}
	m.links, m.unowned = m.list(true), m.list(false)
	return m, nil
}

// setClock fills in the time of day at Event.At 0.
func (m *Model) setClock() {
	m.epoch = m.config.Epoch
	if m.epoch.IsZero() && m.security != nil {
		m.epoch = m.security.Epoch
	}
	if m.epoch.IsZero() {
		m.epoch = epoch
	}
	m.unplanned = m.unscheduled()
}

// bends builds the hooks from the quirks of the variant and the deviations.
func (c *Config) bends() (*bends, error) {
	if err := c.Variant.check(); err != nil {
		return nil, err
	}
	var chosen choice
	if err := chosen.merge(c.Variant.Quirks); err != nil {
		return nil, fmt.Errorf("variant %s: %w", c.Variant.Name, err)
	}
	for i := range c.Deviations {
		d := &c.Deviations[i]
		if err := d.check(); err != nil {
			return nil, err
		}
		if err := chosen.merge(d.Quirks); err != nil {
			return nil, fmt.Errorf("deviation %s: %w", d.Name, err)
		}
	}
	return chosen.bends(), nil
}

// check refuses a variant whose quirks break a requirement.
func (v *Variant) check() error {
	for _, name := range v.Quirks {
		if q, err := findQuirk(name); err == nil && !q.lawful {
			return fmt.Errorf("variant %s: quirk %q breaks a requirement", v.Name, name)
		}
	}
	return nil
}

// check refuses a deviation whose quirks are all lawful. To leave out a check of packages
// is never lawful.
func (d *Deviation) check() error {
	if len(d.Skips) > 0 {
		return nil
	}
	for _, name := range d.Quirks {
		if q, err := findQuirk(name); err != nil || !q.lawful {
			return nil // merge reports unknown names
		}
	}
	return fmt.Errorf("deviation %s: no quirk of it breaks a requirement", d.Name)
}

// Behaviour is the behaviour that the model was made with.
func (m *Model) Behaviour() Behaviour { return m.config.Behaviour }

// Availability reports whether the model is of an edition that has the availability check, the
// bit 256 of tm and cm.
func (m *Model) Availability() bool { return m.availability }

// Skips returns the checks of packages that the model's deviations leave out.
func (m *Model) Skips() []string {
	var skips []string
	for i := range m.config.Deviations {
		skips = append(skips, m.config.Deviations[i].Skips...)
	}
	return skips
}

// Package returns what is wrong with the package when an update is to fail, by the name of
// a flaw in package suit; "" where the source only plays its faults.
func (m *Model) Package() string {
	for i := range m.config.Deviations {
		if p := m.config.Deviations[i].Package; p != "" {
			return p
		}
	}
	return ""
}

// Outcome is how an update ends unless somebody arranges another outcome.
func (m *Model) Outcome() UpdateOutcome { return m.script.ends }

// Fault is what the trusted source does when an update is to fail, in the source's
// own words; "" if the Device itself makes the update fail.
func (m *Model) Fault() string { return m.config.Behaviour.Fault }

// SourceFault is what goes wrong at the source when an update is to end in o; o is 0
// until somebody arranges an outcome. That newer software appears only late is part
// of the unarranged course of events, and stops once somebody arranges the source.
func (m *Model) SourceFault(o UpdateOutcome) string {
	steady := m.config.Behaviour.Source.Fault
	switch {
	case o == Fails, o == 0 && m.script.ends == Fails:
		return m.config.Behaviour.Fault
	case o == Succeeds && steady == "appears", o == FindsNone:
		return ""
	}
	return steady
}
