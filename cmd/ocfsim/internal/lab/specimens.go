package lab

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/sim"
)

// Loopback is where embedded Devices live: away from those of `ocfsim run`,
// at ports that the system chooses.
var Loopback = netip.MustParseAddrPort("127.2.0.1:0")

// speed makes a check of the embedded Devices take about 20 ms.
const speed = 100

// patience is for how long at least an embedded Device waits for its trusted
// source, before speed: on a busy machine a scenario that holds the gate takes
// longer than on the bench, and so does a handshake with a wrong key.
const patience = 200 * time.Second

// Specimens are the compliant Devices that are embedded: each behaviour as
// the reference, and each variant with the behaviour success. They are owned by
// every method in turn. Names, where any are given, pick from them.
func Specimens(names []string) ([]Specimen, error) {
	var all []Specimen
	for _, b := range fixtures.Behaviours() {
		if len(b.Breaks) == 0 {
			s, err := specimen(b.Name, b.Name)
			if err != nil {
				return nil, err
			}
			all = append(all, s)
		}
	}
	for _, v := range fixtures.Variants() {
		s, err := specimen(v.Name, v.Behaviour)
		if err != nil {
			return nil, err
		}
		s.Variant = v
		all = append(all, s)
	}
	methods := []target.Method{target.JustWorks, target.RandomPIN, target.ManufacturerCertificate}
	for i := range all {
		all[i].Own = methods[i%len(methods)]
	}
	if len(names) == 0 {
		return all, nil
	}
	var picked []Specimen
	for _, name := range names {
		i := slices.IndexFunc(all, func(s Specimen) bool { return s.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("unknown behaviour or variant %q; `ocfsim list behaviours` and `list variants` name them", name)
		}
		picked = append(picked, all[i])
	}
	return picked, nil
}

// Secured reports whether s is of secured Devices only.
func (s Specimen) Secured() bool { return s.Variant.Secured }

// Unsecured are those of list that can be had without security.
func Unsecured(list []Specimen) []Specimen {
	return slices.DeleteFunc(list, Specimen.Secured)
}

// Deviant is a Device that plays a deviation.
func Deviant(d sim.Deviation) (Specimen, error) {
	s, err := specimen(d.Name, d.Behaviour)
	s.Deviations = []sim.Deviation{d}
	return s, err
}

// specimen is a Device of the named behaviour, success where it has no name.
func specimen(name, behaviour string) (Specimen, error) {
	if behaviour == "" {
		behaviour = "success"
	}
	b, err := fixtures.Behaviour(behaviour)
	if b.Fault != "stalled" { // there the end of patience is the point
		b.Source.Timeout = max(b.Source.Timeout, patience)
	}
	return Specimen{Name: name, Config: sim.Config{Behaviour: b, Speed: speed}}, err
}
