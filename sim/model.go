package sim

import (
	"fmt"
	"math"
	"sync"

	"github.com/ocfsim/ocfsim/ocf"
)

// Variant is a compliant Device that reads an ambiguous sentence in another
// way than the reference. The zero value is the reference.
type Variant struct {
	Name   string   `json:"name" yaml:"name"`
	Says   string   `json:"says" yaml:"says"`
	Quirks []string `json:"quirks" yaml:"quirks"` // of LawfulQuirks
	// Behaviour is the one that the variant shows under; "" for success.
	Behaviour string `json:"behaviour,omitempty" yaml:"behaviour"`
	// Secured says that it shows on secured Devices only.
	Secured bool `json:"secured,omitempty" yaml:"secured"`
	// Edition is the one whose rules a secured Device follows; "" for whichever.
	Edition string `json:"edition,omitempty" yaml:"edition"`
}

// Deviation is a bug: what a deviant Device does wrong, and which requirements
// that breaks.
type Deviation struct {
	Name   string   `json:"name" yaml:"name"`
	Says   string   `json:"says" yaml:"says"`
	Breaks []string `json:"breaks" yaml:"breaks"` // ids of requirements
	// Also names the requirements that turn red in consequence. These and those
	// that it breaks are all that do, where the Device is secured only if it says so.
	Also   []string `json:"also,omitempty" yaml:"also"`
	Quirks []string `json:"quirks" yaml:"quirks"` // of DeviantQuirks
	// Behaviour is the one that the bug shows under; "" for success.
	Behaviour string `json:"behaviour,omitempty" yaml:"behaviour"`
	// Secured says that it shows on secured Devices only.
	Secured bool `json:"secured,omitempty" yaml:"secured"`
	// Edition is the one that the bug shows under, on a secured Device; "" for
	// each of them.
	Edition string `json:"edition,omitempty" yaml:"edition"`
	// Explored says that no directed scenario is written for it: a walk finds it.
	Explored bool `json:"explored,omitempty" yaml:"explored"`
}

// Config is what Devices of one Model have in common.
type Config struct {
	Behaviour  Behaviour
	Variant    Variant
	Deviations []Deviation
	Speed      float64   // divides every duration of Behaviour; 0 is 1
	Security   *Security // nil: Devices without security, which grant everything to everyone
}

// Model is what many Devices share. It does not change after NewModel.
type Model struct {
	config Config
	script script
	bent   *bends    // by the quirks of the variant and the deviations
	turns  sync.Pool // of *turn
	// What Devices list, and those that are secured and have no owner.
	links, unowned []ocf.Link

	security *Security // as Config has it, with its defaults
	later    bool      // the edition is ocf-2.2
	shipped  *trust    // of every Device that is new
	factory  *trust    // of a Device that nobody owns
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
	editions := []string{config.Variant.Edition}
	for i := range config.Deviations {
		editions = append(editions, config.Deviations[i].Edition)
	}
	err := m.secure(editions...)
	if err != nil {
		return nil, err
	}
	if m.script, err = config.Behaviour.compile(config.Speed); err != nil {
		return nil, fmt.Errorf("behaviour %s: %w", config.Behaviour.Name, err)
	}
	if m.bent, err = config.bends(); err != nil {
		return nil, err
	}
	m.links, m.unowned = m.list(true), m.list(false)
	return m, nil
}

// bends is what the quirks of the variant and the deviations bend.
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

// check refuses a variant with a quirk that breaks a requirement.
func (v *Variant) check() error {
	for _, name := range v.Quirks {
		if q, err := findQuirk(name); err == nil && !q.lawful {
			return fmt.Errorf("variant %s: quirk %q breaks a requirement", v.Name, name)
		}
	}
	return nil
}

// check refuses a deviation that would not deviate.
func (d *Deviation) check() error {
	for _, name := range d.Quirks {
		if q, err := findQuirk(name); err != nil || !q.lawful {
			return nil // an unknown name is for merge to report
		}
	}
	return fmt.Errorf("deviation %s: no quirk of it breaks a requirement", d.Name)
}

// Behaviour is the one the model was made with.
func (m *Model) Behaviour() Behaviour { return m.config.Behaviour }

// Outcome is what an update ends in where nobody arranged anything else.
func (m *Model) Outcome() Outcome { return m.script.ends }

// Fault is what the trusted source does when an update is to fail, in the
// source's words; "" where the Device itself makes it fail.
func (m *Model) Fault() string { return m.config.Behaviour.Fault }

// SourceFault is what goes wrong at the source when an update is to end in o;
// o is 0 as long as nobody arranged anything. That newer software appears
// late is a course of events, which ends as soon as someone arranges the source.
func (m *Model) SourceFault(o Outcome) string {
	steady := m.config.Behaviour.Source.Fault
	switch {
	case o == Fails, o == 0 && m.script.ends == Fails:
		return m.config.Behaviour.Fault
	case o == Succeeds && steady == "appears", o == FindsNone:
		return ""
	}
	return steady
}
