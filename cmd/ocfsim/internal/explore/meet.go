package explore

import (
	"slices"

	"github.com/ocfsim/ocfsim/conformance"
)

// meetings are what Clients write while a process is pending that another Client, or the
// Device itself, has begun.
func meetings() []stimulus {
	all := []stimulus{
		{about: crossing, text: secondCheck, weights: [phases]int{4, 2, 8, 8, 20}, leads: asks, lacks: unchecked},
		{about: crossing, text: secondLoad, weights: [phases]int{4, 2, 8, 8, 20}, leads: asks, lacks: notUpdated},
		{about: crossing, text: secondZero, weights: [phases]int{4, 2, 2, 8, 20}},
	}
	add := func(about subject, begun, meets string, lacks func(conformance.Profile) bool, conditions ...string) {
		all = append(all, stimulus{
			about: about, text: holds, then: []string{begun, whenHeld, meets, whenHeld},
			weights: [phases]int{10, 0, 0, 0, 0}, leads: shows, conditions: slices.Concat(gate, conditions), lacks: lacks,
		})
	}
	for _, meets := range []string{secondCheck, secondLoad, secondZero} {
		add(crossing, check, meets, unable)
		add(crossing, update, meets, unable)
	}
	for _, meets := range []string{check, update, both, zero, masks, payload, secondCheck, secondLoad, secondZero} {
		add(joining, ownCheck, meets, attended, conformance.AutonomousValidation)
		add(joining, ownUpdate, meets, attended, conformance.AutonomousUpdate)
	}
	return all
}
