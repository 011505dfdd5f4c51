package explore

import (
	"slices"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/ocf"
)

// The sentences about what only a later edition has.
const (
	availability = "a privileged Client requests a software availability check"
	found        = "an availability check has been made"
	cancels      = "a privileged Client cancels what is scheduled"
	comes        = "the scheduled time comes"
	readsPlan    = "the software update resource is read"
	observesPlan = "a privileged Client observes the software update resource"
)

// stimuli are all the things that a walk can do to a Device of the edition of the walks.
func (g *generator) stimuli() []stimulus {
	if !hasAvailability(g.edition) {
		return stimuli()
	}
	return append(stimuli(), laterStimuli()...)
}

// histories are the Givens that may follow the first, in the edition of the walks.
func (g *generator) histories() []stimulus {
	all := histories()
	if hasAvailability(g.edition) {
		all = append(all, stimulus{text: found, lacks: unchecked})
	}
	return all
}

func hasAvailability(e *edition.Edition) bool { return e != nil && e.Processes().Has(ocf.NSA) }

// laterStimuli are the availability check, what is scheduled, and the reads of resources
// and interfaces that a later edition speaks of.
func laterStimuli() []stimulus {
	kinds := []string{"(anonymous)", "(without ACE)", "(read-only)", "(wildcard)", "(auth-crypt)"}
	return []stimulus{
		{about: asking, text: availability, weights: [phases]int{30, 8, 40, 12, 20}, leads: asks, lacks: unavailable},
		{about: running, text: availability, then: []string{rests}, weights: [phases]int{60, 0, 0, 0, 0}, lacks: unavailable},
		{about: holding, text: holds, then: []string{availability, whenHeld}, weights: [phases]int{80, 0, 0, 0, 0}, leads: shows, conditions: gate, lacks: unavailable},
		{about: clearing, text: holds, then: []string{availability, whenHeld, zero, whenHeld}, weights: [phases]int{30, 0, 0, 0, 0}, leads: shows, conditions: gate, lacks: unavailable},
		{about: offering, text: "the trusted source has no update any more", then: []string{availability, rests}, weights: [phases]int{12, 0, 0, 0, 0}, conditions: []string{conformance.NoUpdate}, lacks: unavailable},
		{about: masking, text: masks, values: []string{"N", "N+V", "N+U", "V+U+N", "N+0x4000"}, weights: [phases]int{20, 4, 6, 12, 40}, leads: asks},
		{about: moving, text: availability, then: []string{rests, "a privileged Client writes dos as RFPRO", "pstat is read"}, weights: [phases]int{20, 0, 0, 0, 0}, lacks: unavailable},
		{about: trespassing, text: "an unprivileged Client % writes tm as N", values: kinds, weights: [phases]int{40, 3, 6, 3, 10}, lacks: unsecured},
		{about: trespassing, text: "an unprivileged Client (anonymous) reads %", values: []string{ocf.PathPstat, ocf.PathCred, ocf.PathACL}, weights: [phases]int{20, 2, 2, 2, 2}, lacks: unsecured},
		{about: forming, text: "a privileged Client reads %", values: []string{ocf.PathSP, ocf.PathSDI}, weights: [phases]int{10, 1, 1, 1, 1}, lacks: unsecured},
		{about: forming, text: "a privileged Client reads the resource of type %", values: []string{ocf.RTAEL, ocf.RTIntrospection}, weights: [phases]int{10, 1, 1, 1, 1}},

		{about: running, text: "a privileged Client schedules % for 10 s later", values: []string{ocf.ActionCheck, ocf.ActionVerify, ocf.ActionUpgrade}, then: []string{comes}, weights: [phases]int{40, 0, 0, 0, 0}, lacks: unscheduled},
		{about: running, text: "a privileged Client schedules % for 10 s later", values: []string{ocf.ActionCheck, ocf.ActionVerify}, then: []string{cancels, comes}, weights: [phases]int{20, 0, 0, 0, 0}, lacks: unscheduled},
		{about: writing, text: "a privileged Client schedules isac without %", values: []string{"purl", "swupdateaction", "updatetime"}, weights: [phases]int{30, 0, 0, 0, 0}, lacks: unscheduled},
		{about: writing, text: "a privileged Client schedules % for an hour ago", values: []string{ocf.ActionCheck, ocf.ActionVerify, ocf.ActionUpgrade}, weights: [phases]int{30, 0, 0, 0, 0}, lacks: unscheduled},
		{about: writing, text: "a privileged Client writes swupdatestate along with an action for an hour later", weights: [phases]int{30, 0, 0, 0, 0}, lacks: unscheduled},
		{about: running | holding, text: readsPlan, weights: [phases]int{10, 4, 0, 10, 10}, lacks: unscheduled},
		{about: running, text: observesPlan, then: []string{update, rests, readsPlan}, weights: [phases]int{20, 0, 0, 0, 0}, lacks: func(p conformance.Profile) bool { return unscheduled(p) || notUpdated(p) }},
		{about: running, text: update, then: []string{rests, readsPlan}, weights: [phases]int{20, 0, 0, 0, 0}, lacks: func(p conformance.Profile) bool { return unscheduled(p) || notUpdated(p) }},
	}
}

// unavailable reports whether the target claims no availability checks.
func unavailable(p conformance.Profile) bool {
	return unchecked(p) || p.Supports.Availability != nil && !*p.Supports.Availability
}

func unscheduled(p conformance.Profile) bool { return !p.Supports.SoftwareUpdate }

// everyStimulus are the stimuli of all editions.
func everyStimulus() []stimulus { return slices.Concat(stimuli(), laterStimuli()) }
