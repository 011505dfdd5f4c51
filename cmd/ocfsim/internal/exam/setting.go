package exam

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

// Setting is what surrounds the candidates of an exam. In the usual one every deviant
// has to be caught by exactly what it declares. In any other one a deviant may escape, if
// the suite admits that it saw too little (docs/adr/0070).
type Setting struct {
	Name     string
	Speed    float64           // divides the durations of every Device; 0: as the Specimen says
	NoReport bool              // the trusted source does not say what it was asked
	NoGate   bool              // it can't withhold its answer either, and no Device waits longer than its behaviour says
	Secured  bool              // every Device is secured, not only those that differ with security
	Network  memnet.Impairment // zero: nothing is lost
	Seed     uint64            // of the accidents of Network
}

// Speeds of an exam. At leisure a check takes about 2 s; at once it is over before its
// request is answered. The usual speed is that of lab, between the two.
const (
	leisure = 1
	atOnce  = 1_000_000
)

// Settings are all settings, the usual one first. Devices "rash" are fast like those of
// `ocfsim run --speed 1000000`, whose patience with the trusted source is divided too: they
// give up before anyone sees that the answer is withheld.
func Settings() []Setting {
	lossy := memnet.Impairment{Loss: 0.05, Duplicate: 0.05, Reorder: 0.05, Delay: 5 * time.Millisecond, Jitter: 10 * time.Millisecond}
	return []Setting{
		{Name: "usual"},
		{Name: "slow", Speed: leisure},
		{Name: "fast", Speed: atOnce},
		{Name: "rash", Speed: atOnce, NoGate: true},
		{Name: "unreported", NoReport: true},
		{Name: "slow-unreported", Speed: leisure, NoReport: true},
		{Name: "fast-unreported", Speed: atOnce, NoReport: true},
		{Name: "rash-unreported", Speed: atOnce, NoReport: true, NoGate: true},
		{Name: "secured", Secured: true},
		{Name: "lossy", Speed: leisure, Network: lossy, Seed: 1},
	}
}

// SettingOf is the setting with this name.
func SettingOf(name string) (Setting, error) {
	all := Settings()
	if i := slices.IndexFunc(all, func(s Setting) bool { return s.Name == name }); i >= 0 {
		return all[i], nil
	}
	var names []string
	for _, s := range all {
		names = append(names, s.Name)
	}
	return Setting{}, fmt.Errorf("unknown setting %q; there are %s", name, strings.Join(names, ", "))
}

// specimen is the Device of c in the setting s.
func (s Setting) specimen(c Candidate) (lab.Specimen, error) {
	switch {
	case s.Speed == 0:
		return c.Specimen, nil
	case s.NoGate:
		return c.Specimen.At(s.Speed, 0)
	}
	return c.Specimen.At(s.Speed, lab.Patience)
}

// patience is how long the harness looks for a Device, over whatever network.
const patience = 5 * time.Minute

// describe is t as it is in the setting s.
func (s Setting) describe(t target.Config) target.Config {
	var lacks []string
	if s.NoReport {
		lacks = append(lacks, conformance.ReportSource)
	}
	if s.NoGate {
		lacks = append(lacks, conformance.Hold)
	}
	t.Conditions = lacking{t.Conditions, lacks}
	t.OpenTimeout = patience
	return t
}

// lacking are conditions without some of them.
type lacking struct {
	target.Conditions
	names []string
}

// Apply brings about every condition that is not lacking.
func (l lacking) Apply(ctx context.Context, name string) (*conformance.SourceReport, error) {
	if slices.Contains(l.names, name) {
		return nil, fmt.Errorf("%w: this setting does without", target.ErrUnsupported)
	}
	return l.Conditions.Apply(ctx, name)
}
