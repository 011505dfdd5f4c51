package exam

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
)

// Kind is what a Candidate is examined for.
type Kind string

// The kinds of candidates. A deviant has to be caught; the others are compliant and
// must turn nothing red.
const (
	Deviant   Kind = "deviant"
	Variant   Kind = "variant"
	Behaviour Kind = "behaviour"
)

// Candidate is a Device that the suite is tried with.
type Candidate struct {
	Kind     Kind
	Name     string
	Says     string   // what it does wrong, or, if it is compliant, differently
	Breaks   []string // the requirements that its bug is about; none for compliant Devices
	Also     []string // the requirements that turn red in consequence
	May      []string // the requirements that it may warn of, whatever it does
	Secured  bool     // it is tried with security, since it differs only there
	Specimen lab.Specimen
}

// Declared are the requirements that have to turn red. No other may.
func (c Candidate) Declared() []string { return append(slices.Clone(c.Breaks), c.Also...) }

// Candidates are the deviant Devices that the suite's scenarios have to catch, the
// compliant variants and the compliant behaviours, in this order. If names are
// given, only those are returned; a name that ends in .yaml is the file of a
// deviation.
func Candidates(names ...string) ([]Candidate, error) {
	return CandidatesOf(edition.OCF10, names...)
}

// CandidatesOf are the Candidates of an edition: deviants of its own, and compliant
// Devices that are of it.
func CandidatesOf(id string, names ...string) ([]Candidate, error) {
	var all []Candidate
	for _, d := range fixtures.DeviationsOf(id) {
		if d.Explored {
			continue
		}
		c, err := deviant(d, id)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	may := departures(id)
	compliant, err := lab.Specimens(nil)
	if err != nil {
		return nil, err
	}
	for _, s := range lab.ByEdition(compliant, id) {
		c := Candidate{Kind: Behaviour, Name: s.Name, Says: s.Behaviour.Says, Specimen: s}
		if s.Variant.Name != "" {
			c.Kind, c.Says, c.Secured = Variant, s.Variant.Says, s.Secured()
		}
		all = append(all, c)
	}
	for i := range all {
		all[i].May = may
	}
	if len(names) == 0 {
		return all, nil
	}
	var picked []Candidate
	for _, name := range names {
		c, err := pick(all, name, id)
		if err != nil {
			return nil, err
		}
		picked = append(picked, c)
	}
	return picked, nil
}

// departures are the requirements that a compliant Device of the edition may be warned of:
// DPM-1 where the schema of tm and cm has no room for a bit that the edition defines.
func departures(id string) []string {
	e := edition.Of(id)
	if int(e.Processes()) > e.DPMType.SchemaMax.Is {
		return []string{"DPM-1"}
	}
	return nil
}

func pick(all []Candidate, name, id string) (Candidate, error) {
	if strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml") {
		d, err := fixtures.Deviation(name)
		if err != nil {
			return Candidate{}, err
		}
		return deviant(d, id)
	}
	if i := slices.IndexFunc(all, func(c Candidate) bool { return c.Name == name }); i >= 0 {
		return all[i], nil
	}
	d, err := fixtures.Deviation(name) // by its number
	if err != nil {
		var known []string
		for _, c := range all {
			known = append(known, c.Name)
		}
		return Candidate{}, fmt.Errorf("unknown deviation, variant or behaviour %q; `ocfsim list` names them%s", name, ocf.Near(name, known))
	}
	if i := slices.IndexFunc(all, func(c Candidate) bool { return c.Name == d.Name }); i >= 0 {
		return all[i], nil
	}
	return Candidate{}, fmt.Errorf("deviation %s: no scenario is written for it, only walks find it (`ocfsim explore`)", d.Name)
}

func deviant(d sim.Deviation, id string) (Candidate, error) {
	s, err := lab.Deviant(d)
	if id != edition.OCF10 {
		s.Edition = id
	}
	return Candidate{
		Kind: Deviant, May: departures(id), Name: d.Name, Says: d.Says, Breaks: d.Breaks, Also: d.Also, Secured: d.Secured, Specimen: s,
	}, err
}
