package lab

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
)

// Loopback is the address of embedded Devices. It is not one of those that `ocfsim
// run` uses, and the system chooses the ports.
var Loopback = netip.MustParseAddrPort("127.2.0.1:0")

// speed makes a check of the embedded Devices take about 20 ms.
const speed = 100

// wholeLook is how many bytes of pstat a Device has to send at a time for a Client to see
// it in two or three exchanges. With fewer a look takes many, each of which a busy machine
// delays, so such a Device takes four times as long for everything.
const wholeLook = 64

// Patience is the least time for which an embedded Device waits for its trusted
// source. On a busy machine a scenario that holds the gate takes longer than on an idle
// one, and so does a handshake with a wrong key.
const Patience = 2 * time.Second

// Specimens are the compliant Devices that are embedded: the reference with each
// behaviour, and each variant with the behaviour success. The harness owns them by
// each method in turn. If names are given, only those are returned.
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
	Own(all)
	if len(names) == 0 {
		return all, nil
	}
	var picked []Specimen
	for _, name := range names {
		i := slices.IndexFunc(all, func(s Specimen) bool { return s.Name == name })
		if i < 0 {
			var known []string
			for _, s := range all {
				known = append(known, s.Name)
			}
			return nil, fmt.Errorf("unknown behaviour or variant %q; `ocfsim list behaviours` and `list variants` name them%s", name, ocf.Near(name, known))
		}
		picked = append(picked, all[i])
	}
	return picked, nil
}

// ByEdition are the Devices of list as ones of an edition, without those that are of
// another one by what they are. Those of the first edition stay as they are: some of them
// have the access rules of a later one, and only what shows in a later one alone is left out.
func ByEdition(list []Specimen, id string) []Specimen {
	if id == "" || id == edition.OCF10 {
		return slices.DeleteFunc(list, func(s Specimen) bool { return s.Variant.Edition != "" && !s.Variant.Secured })
	}
	var all []Specimen
	for _, s := range list {
		if of := s.Variant.Edition; of == "" || of == id {
			s.Edition = id
			all = append(all, s)
		}
	}
	return all
}

// Own has the harness become the owner of the Devices in list by each method in turn.
func Own(list []Specimen) {
	methods := []target.Method{target.JustWorks, target.RandomPIN, target.ManufacturerCertificate}
	for i := range list {
		list[i].Own = methods[i%len(methods)]
	}
}

// Few are the Devices with the four behaviours that most is told by, each owned by
// another method than the one before.
func Few() ([]Specimen, error) {
	list, err := Specimens([]string{"success", "no-update", "failure", "autonomous"})
	Own(list)
	return list, err
}

// Secured reports whether s works only with security.
func (s Specimen) Secured() bool { return s.Variant.Secured }

// Scheduled reports whether s has oic.r.softwareupdate.
func (s Specimen) Scheduled() bool {
	return s.Edition == edition.OCF22 && slices.Contains(s.Variant.Quirks, "has-softwareupdate")
}

// Unsecured are those of list that work without security.
func Unsecured(list []Specimen) []Specimen {
	return slices.DeleteFunc(list, Specimen.Secured)
}

// Deviant is a Device with the deviation.
func Deviant(d sim.Deviation) (Specimen, error) {
	s, err := specimen(d.Name, d.Behaviour)
	s.Deviations = []sim.Deviation{d}
	return s, err
}

// specimen is a Device with the named behaviour, or with success if none is named.
func specimen(name, behaviour string) (Specimen, error) {
	if behaviour == "" {
		behaviour = "success"
	}
	s := Specimen{Name: name}
	s.Behaviour.Name = behaviour
	s, err := s.At(speed, Patience)
	if block := s.Behaviour.Messages.Block; err == nil && block > 0 && block < wholeLook {
		return s.At(speed/4, Patience)
	}
	return s, err
}

// At is s with every duration of its behaviour divided by speed. It waits for its
// trusted source for at least patience all the same; a tenth of that is enough for a
// Device that is there to show how one gives up.
func (s Specimen) At(speed float64, patience time.Duration) (Specimen, error) {
	b, err := fixtures.Behaviour(s.Behaviour.Name)
	if b.Fault == "stalled" {
		patience /= 10
	}
	b.Source.Timeout = max(b.Source.Timeout, time.Duration(speed*float64(patience)))
	s.Behaviour, s.Speed = b, speed
	return s, err
}
