package explore

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/steps"
)

// stimuli are all the things that a walk can do to a Device.
func stimuli() []stimulus {
	all := processes()
	all = append(all, sources()...)
	all = append(all, writes()...)
	all = append(all, observers()...)
	all = append(all, restarts()...)
	all = append(all, states()...)
	all = append(all, meetings()...)
	return append(all, strangers()...)
}

// gate are the conditions that are needed to withhold an answer and let it go.
var gate = []string{conformance.Hold, conformance.Release}

func quoted(names []string) []string {
	var out []string
	for _, n := range names {
		out = append(out, `"`+n+`"`)
	}
	return out
}

// counts are the numbers from the first to the second, as text.
func counts(from, to int) []string {
	var out []string
	for n := from; n <= to; n++ {
		out = append(out, strconv.Itoa(n))
	}
	return out
}

// processes are the requests of Clients that may make them, and the processes that
// the Device begins by itself.
func processes() []stimulus {
	offered := []string{conformance.UpdateAvailable}
	return []stimulus{
		{about: asking, text: check, weights: [phases]int{30, 8, 40, 12, 20}, leads: asks, lacks: unchecked},
		{about: asking, text: update, weights: [phases]int{25, 8, 30, 12, 20}, leads: asks, lacks: notUpdated},
		{about: asking | running, text: both, weights: [phases]int{5, 2, 4, 3, 6}, leads: asks},
		{about: anything, text: rests, weights: [phases]int{2, 40, 1, 1, 1}, leads: settles},
		{about: running | owning, text: version, weights: [phases]int{2, 2, 0, 0, 0}},
		{about: asking, text: "a moment goes by", weights: [phases]int{1, 4, 1, 3, 2}},

		{about: running, text: check, then: []string{rests}, weights: [phases]int{60, 0, 0, 0, 0}, lacks: unchecked},
		{about: running, text: update, then: []string{rests, version}, weights: [phases]int{40, 0, 0, 0, 0}, lacks: notUpdated},
		{about: running | repeating, text: "a privileged Client checks for updates % times, one after another", values: counts(2, 10), weights: [phases]int{12, 0, 0, 0, 0}, conditions: offered, lacks: unchecked},
		{about: running | repeating, text: "a privileged Client checks and updates % times, one after another", values: []string{"2", "3"}, weights: [phases]int{8, 0, 0, 0, 0}, conditions: offered, lacks: notUpdated},

		{about: owning, text: ownCheck, weights: [phases]int{6, 2, 4, 3, 10}, leads: asks, conditions: []string{conformance.AutonomousValidation}, lacks: attended},
		{about: owning, text: ownUpdate, weights: [phases]int{6, 2, 4, 3, 10}, leads: asks, conditions: []string{conformance.AutonomousUpdate}, lacks: attended},
		{about: owning | running, text: ownCheck, then: []string{rests}, weights: [phases]int{6, 0, 0, 0, 0}, conditions: []string{conformance.AutonomousValidation}, lacks: attended},
		{about: owning | running, text: ownUpdate, then: []string{rests, version}, weights: [phases]int{6, 0, 0, 0, 0}, conditions: []string{conformance.AutonomousUpdate}, lacks: attended},
	}
}

// sources are the things that the trusted source does.
func sources() []stimulus {
	var all []stimulus
	for _, p := range []struct {
		ask   string
		lacks func(conformance.Profile) bool
	}{{check, unchecked}, {update, notUpdated}} {
		all = append(
			all,
			stimulus{about: holding, text: holds, then: []string{p.ask, whenHeld}, weights: [phases]int{80, 0, 0, 0, 0}, leads: shows, conditions: gate, lacks: p.lacks},
			stimulus{about: meddling, text: holds, then: []string{p.ask, whenHeld, payload, whenHeld}, weights: [phases]int{20, 0, 0, 0, 0}, leads: shows, conditions: gate, lacks: p.lacks},
			stimulus{about: meddling, text: holds, then: []string{p.ask, whenHeld, withoutTM, whenHeld}, weights: [phases]int{4, 0, 0, 0, 0}, leads: shows, conditions: gate, lacks: p.lacks},
			stimulus{about: failing, text: holds, then: []string{p.ask, silence}, weights: [phases]int{10, 0, 0, 0, 0}, conditions: gate, lacks: p.lacks},
			stimulus{about: failing, text: holds, then: []string{p.ask, late}, weights: [phases]int{10, 0, 0, 0, 0}, conditions: gate, lacks: p.lacks},
		)
	}
	for _, offer := range []struct{ text, condition string }{
		{"the trusted source has an update again", conformance.UpdateAvailable},
		{"the trusted source has no update any more", conformance.NoUpdate},
		{"the update fails from now on", conformance.UpdateFails},
	} {
		all = append(
			all,
			stimulus{about: failing | offering, text: offer.text, weights: [phases]int{6, 3, 2, 2, 4}, conditions: []string{offer.condition}},
			stimulus{about: offering, text: offer.text, then: []string{check, rests}, weights: [phases]int{12, 0, 0, 0, 0}, conditions: []string{offer.condition}, lacks: unchecked},
			stimulus{about: offering, text: offer.text, then: []string{update, rests, version}, weights: [phases]int{8, 0, 0, 0, 0}, conditions: []string{offer.condition}, lacks: notUpdated},
		)
	}
	return append(all, []stimulus{
		{about: holding, text: answers, then: []string{rests}, weights: [phases]int{0, 0, 0, 20, 50}, leads: func(phase) phase { return idle }, conditions: []string{conformance.Release}},
		{about: holding, text: holds, weights: [phases]int{50, 6, 0, 0, 0}, leads: closes, conditions: gate},
		{about: holding, text: whenHeld, weights: [phases]int{0, 0, 2, 70, 2}, leads: looks, conditions: gate},
		{about: holding, text: answers, weights: [phases]int{1, 1, 4, 30, 30}, leads: opens, conditions: []string{conformance.Release}},
		{about: failing, text: late, weights: [phases]int{0, 0, 0, 3, 3}, leads: opens, conditions: gate},
		{about: failing, text: silence, weights: [phases]int{0, 0, 0, 8, 6}, leads: opens, conditions: gate},
	}...)
}

// writes are the writes of a Client that may write, and the forms that requests can
// have.
func writes() []stimulus {
	modes := []string{
		"V", "U", "V+U", "0x0001", "0x0020", "0x003c", "0x003f", "0x0041", "0x0060", "0x0081", "0x00a0", "0x00c1", "0x0100", "0x0140", "0x0180",
		"0x4000", "0x4040", "0x8000", "0x8080", "0xff00", "0xffff",
	}
	return []stimulus{
		{about: clearing, text: zero, weights: [phases]int{25, 8, 2, 14, 50}},
		{about: clearing, text: zero, then: []string{whenHeld}, weights: [phases]int{0, 0, 0, 10, 50}},
		{about: masking, text: masks, values: modes, weights: [phases]int{20, 4, 6, 12, 90}, leads: asks},
		{about: writing, text: payload, values: quoted(steps.Payloads()), weights: [phases]int{40, 4, 4, 6, 10}, leads: asks},
		{about: writing, text: check, then: []string{rests, payload}, weights: [phases]int{24, 0, 0, 0, 0}, leads: asks, lacks: unchecked},
		{about: writing, text: payload, values: quoted(steps.Payloads()), then: []string{whenHeld}, weights: [phases]int{0, 0, 0, 20, 80}, leads: asks},
		{about: forming, text: check + ", %", values: quoted(steps.Manners()), weights: [phases]int{30, 2, 4, 1, 2}, leads: asks, lacks: unchecked},
		{about: forming, text: "a privileged Client reads pstat, %", values: quoted(steps.Manners()), weights: [phases]int{40, 6, 4, 6, 6}},
		{about: forming | holding, text: "pstat is read", weights: [phases]int{3, 4, 1, 4, 3}},
	}
}

// observers are what observers do: they begin, stop, and lose their observations.
func observers() []stimulus {
	return []stimulus{
		{about: observing, text: "the second Client observes pstat", weights: [phases]int{8, 3, 3, 4, 8}},
		{about: observing, text: "the second Client observes pstat again", weights: [phases]int{1, 1, 1, 1, 2}},
		{about: observing, text: "the second Client loses its observation", weights: [phases]int{2, 2, 2, 2, 4}},
		{about: observing, text: "the second Client stops observing", weights: [phases]int{2, 2, 2, 2, 4}},
		{about: observing, text: "a privileged Client observes pstat again", weights: [phases]int{2, 2, 2, 2, 3}},
		{about: observing, text: "the privileged Client loses its observation", weights: [phases]int{1, 1, 1, 1, 2}},
		{about: observing, text: "the privileged Client stops observing", weights: [phases]int{1, 1, 1, 1, 2}},
	}
}

// restarts are what makes a Device lose its memory.
func restarts() []stimulus {
	power := []string{conformance.Reboot}
	hold := slices.Concat(gate, power)
	return []stimulus{
		{about: moving | restarting, text: restart, weights: [phases]int{10, 4, 1, 6, 12}, conditions: power},
		{about: restarting, text: restart, then: []string{whenHeld}, weights: [phases]int{0, 0, 0, 20, 60}, conditions: hold},
		{about: restarting, text: check, then: []string{rests, restart}, weights: [phases]int{10, 0, 0, 0, 0}, conditions: power, lacks: unchecked},
		{about: restarting, text: update, then: []string{rests, version, restart}, weights: [phases]int{10, 0, 0, 0, 0}, conditions: power, lacks: notUpdated},
		{about: restarting, text: holds, then: []string{check, whenHeld, restart, whenHeld}, weights: [phases]int{10, 0, 0, 0, 0}, leads: shows, conditions: hold, lacks: unchecked},
		{about: restarting, text: holds, then: []string{update, whenHeld, restart, whenHeld}, weights: [phases]int{10, 0, 0, 0, 0}, leads: shows, conditions: hold, lacks: notUpdated},
	}
}

// states are the moves of dos from one state to another.
func states() []stimulus {
	back := "a privileged Client writes dos as RFNOP"
	return []stimulus{
		{about: moving, text: moves, values: []string{"RFPRO", "SRESET"}, then: []string{payload}, weights: [phases]int{30, 0, 0, 0, 0}},
		{about: moving, text: moves, values: []string{"RFPRO", "SRESET"}, then: []string{outsider}, weights: [phases]int{30, 0, 0, 0, 0}, lacks: unsecured},
		{about: moving, text: moves, values: []string{"RFPRO"}, then: []string{back}, weights: [phases]int{4, 2, 1, 10, 40}},
		{about: moving, text: moves, values: []string{"RFPRO", "RFNOP", "SRESET", "RFOTM"}, weights: [phases]int{20, 3, 2, 3, 6}},
		{about: moving, text: "the Device is reset by its owner", weights: [phases]int{3, 1, 1, 1, 2}, lacks: unownable, last: true},
		{about: moving, text: "the Device is reset by its owner, who then writes tm as %", values: []string{"V", "U"}, weights: [phases]int{3, 1, 1, 1, 2}, lacks: unownable, last: true},
	}
}

// strangers are requests of other Clients than the owner. Most of them may not do
// what they ask for.
func strangers() []stimulus {
	var kinds []string
	for _, name := range conformance.UnprivilegedClients() {
		kinds = append(kinds, "("+strings.TrimPrefix(name, conformance.Unprivileged+" ")+")")
	}
	all := []stimulus{
		{text: "the % Client requests software version validation", values: []string{"second", "update-only"}, weights: [phases]int{16, 2, 4, 2, 6}, leads: asks},
		{text: "the % Client requests a secure software update", values: []string{"second", "update-only"}, weights: [phases]int{16, 2, 4, 2, 6}, leads: asks},
		{text: outsider, values: kinds, weights: [phases]int{40, 3, 6, 3, 10}},
		{text: "an unprivileged Client % writes tm as U", values: kinds, weights: [phases]int{40, 3, 6, 3, 10}},
		{text: outsideZero, values: kinds, weights: [phases]int{2, 2, 1, 8, 30}},
		{text: "an unprivileged Client % writes dos as RFPRO", values: kinds, weights: [phases]int{16, 1, 1, 1, 2}},
		{text: "an unprivileged Client % observes pstat", values: kinds, weights: [phases]int{16, 2, 4, 4, 6}},
	}
	for _, manner := range quoted(steps.Manners()) {
		all = append(all, stimulus{text: outsider + ", " + manner, values: kinds, weights: [phases]int{8, 1, 1, 1, 2}})
	}
	for _, s := range slices.Clone(all) {
		if s.leads == nil {
			s.then, s.weights = []string{whenHeld}, [phases]int{shown: s.weights[shown]}
			all = append(all, s)
		}
	}
	for i := range all {
		all[i].about, all[i].lacks = trespassing, unsecured
	}
	for _, ask := range []string{check, update} {
		all = append(all, stimulus{about: listening, text: "an unprivileged Client % observes pstat", values: kinds, then: []string{ask, rests}, weights: [phases]int{10, 0, 0, 0, 0}, lacks: unsecured})
		for _, text := range []string{outsider, outsideZero} {
			all = append(all, stimulus{
				about: intruding, text: holds, then: []string{ask, whenHeld, text, whenHeld},
				weights: [phases]int{10, 0, 0, 0, 0}, leads: shows, conditions: gate, lacks: unsecured,
			})
		}
	}
	return all
}
