package assess

import (
	"sync"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

// Identity names what is under test in words; each may be empty.
type Identity struct {
	Vendor, Product, Version, Contact string
}

// Bench is what the run was made with, besides this program.
type Bench struct {
	Hook *Hook `json:"hook,omitempty"` // nil where the target has no conditions
	Host Host  `json:"host"`
}

// Hook is how the Device is brought into a condition.
type Hook struct {
	Kind  string     `json:"kind"`            // exec, http, prompt, or embedded for a virtual Device of this process
	Name  string     `json:"name,omitempty"`  // of the program without its folder, or the address
	Files []HookFile `json:"files,omitempty"` // of exec: the program, and each of its arguments that is a file
}

// HookFile is a file that a hook consists of, as it was when the run began.
type HookFile struct {
	Name   string `json:"name"` // without its folder
	SHA256 string `json:"sha256"`
}

// Host is the machine that the harness ran on. Its name is nobody's business.
type Host struct {
	OS   string `json:"os"`
	Arch string `json:"arch"`
}

// Declared is what the target declares, and what it is judged by: the PICS and the IXIT.
type Declared struct {
	Supports conformance.Supports `json:"supports"`
	Timing   DeclaredTiming       `json:"timing"`
	Update   DeclaredUpdate       `json:"update"`
	Policy   conformance.Policy   `json:"policy"`
	Always   []string             `json:"always,omitempty"` // conditions that hold at all times
}

// DeclaredTiming are the upper bounds of the IXIT, in seconds.
type DeclaredTiming struct {
	Validation float64 `json:"validation_s"`
	Update     float64 `json:"update_s"`
	Settle     float64 `json:"settle_s"`
	Reboot     float64 `json:"reboot_s"`
}

// DeclaredUpdate is what an update does besides cm and tm.
type DeclaredUpdate struct {
	DOS     []string `json:"dos,omitempty"` // the declared excursion, or "any"; empty: unchanged
	Reboots bool     `json:"reboots"`
	Version string   `json:"version,omitempty"` // where the software version is read
}

// declared is what p declares.
func declared(p conformance.Profile) *Declared {
	d := &Declared{
		Supports: p.Supports, Policy: p.Policy, Always: p.Always,
		Timing: DeclaredTiming{
			Validation: p.Timing.Validation.Seconds(), Update: p.Timing.Update.Seconds(),
			Settle: p.Timing.Settle.Seconds(), Reboot: p.Timing.Reboot.Seconds(),
		},
		Update: DeclaredUpdate{Reboots: p.Update.Reboots, Version: p.Update.Version},
	}
	if p.Update.AnyDOS {
		d.Update.DOS = []string{"any"}
	}
	for _, s := range p.Update.DOS {
		d.Update.DOS = append(d.Update.DOS, s.String())
	}
	return d
}

// Source is where a requirement's sentence stands.
type Source struct {
	Lines   string `json:"lines"` // of seed.txt: "33-34 69-71"
	Section string `json:"section"`
	Table   string `json:"table,omitempty"`
}

// place is s in one line.
func (s *Source) place() string { return judge.Place{Section: s.Section, Table: s.Table}.String() }

// sources are the places of all requirements, by id. They are worked out once: a run is
// assessed again after each scenario. What is in them is not to be changed.
var sources = sync.OnceValue(func() map[string]*Source {
	all := map[string]*Source{}
	for _, q := range judge.Every() {
		place := q.Place()
		all[q.ID] = &Source{Lines: q.Lines, Section: place.Section, Table: place.Table}
	}
	return all
})
