package explore

import (
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/steps"
)

// phase is what a walk is at, as far as the walk itself says.
type phase int

const (
	idle    phase = iota // nothing was asked since the Device was at rest
	asked                // something was, and the source answers
	held                 // the source withholds its answers, and nothing was asked since
	pending              // something was
	shown                // and pstat was read since
	phases
)

// stimulus is a sentence of a walk, or several that differ in one place.
type stimulus struct {
	text    string      // with "%" in the place of values
	then    []string    // texts of what follows it, for it is the beginning of something
	values  []string    // the plainest first; nil: text has no "%"
	weights [phases]int // how often it is taken, beside the others
	// conditions are those that it asks for: where one can't be had, it is left out.
	conditions []string
	lacks      func(conformance.Profile) bool // true where the target has nothing that it could do
	last       bool                           // nothing can follow
	leads      func(phase) phase              // nil: the phase stays
}

// Sentences that the generator has to know of.
const (
	holds    = "the trusted source withholds its answers"
	answers  = "the trusted source answers"
	silence  = "the trusted source never answers"
	late     = "the trusted source answers late"
	whenHeld = "pstat is read while the trusted source withholds its answer"
	rests    = "the Device has come to rest"
	check    = "a privileged Client requests software version validation"
	update   = "a privileged Client requests a secure software update"
	zero     = "a privileged Client clears every bit of tm"
	moves    = "a privileged Client writes dos as %"
	payload  = "a privileged Client writes % to pstat"
	outsider = "an unprivileged Client % writes tm as V"
	remember = "its owner and its identity are known"
)

// givens are what a walk can begin with, the plainest first.
func givens() []string {
	return []string{
		"a Device in RFNOP that has an update",
		"a Device in RFNOP that has no update",
		"a Device in RFNOP whose update fails",
	}
}

// conditionOf is what each of givens asks for.
func conditionOf(given string) string {
	switch {
	case strings.HasSuffix(given, "that has an update"):
		return conformance.UpdateAvailable
	case strings.HasSuffix(given, "that has no update"):
		return conformance.NoUpdate
	case strings.HasSuffix(given, "whose update fails"):
		return conformance.UpdateFails
	}
	return ""
}

// plain is the Given of a target whose source can't be told what to offer.
const plain = "a Device in RFNOP"

func unsecured(p conformance.Profile) bool { return !p.Secured }

func unownable(p conformance.Profile) bool {
	return !p.Secured || !slices.Contains([]string{"justworks", "pin", "certificate"}, p.Owning)
}

func unchecked(p conformance.Profile) bool  { return !p.Supports.Validation }
func notUpdated(p conformance.Profile) bool { return !p.Supports.Update }
func attended(p conformance.Profile) bool   { return !p.Supports.Autonomous }

// stimuli is all that a walk can do to a Device.
func stimuli() []stimulus {
	quoted := func(names []string) []string {
		var out []string
		for _, n := range names {
			out = append(out, `"`+n+`"`)
		}
		return out
	}
	var kinds []string
	for _, name := range conformance.UnprivilegedClients() {
		kinds = append(kinds, "("+strings.TrimPrefix(name, conformance.Unprivileged+" ")+")")
	}
	modes := []string{
		"V", "U", "V+U", "0x0001", "0x0020", "0x003c", "0x003f", "0x0041", "0x0060", "0x0081", "0x00a0", "0x00c1", "0x0100", "0x0140", "0x0180",
		"0x4000", "0x4040", "0x8000", "0x8080", "0xff00", "0xffff",
	}
	gate := []string{conformance.Hold, conformance.Release}
	return []stimulus{
		{text: check, weights: [phases]int{30, 8, 40, 12, 20}, leads: asks, lacks: unchecked},
		{text: update, weights: [phases]int{25, 8, 30, 12, 20}, leads: asks, lacks: notUpdated},
		{text: "a privileged Client requests validation and update in one write", weights: [phases]int{5, 2, 4, 3, 6}, leads: asks},
		{text: zero, weights: [phases]int{25, 8, 2, 14, 70}},
		{text: "a privileged Client writes tm as %", values: modes, weights: [phases]int{20, 4, 6, 12, 90}, leads: asks},
		{text: payload, values: quoted(steps.Payloads()), weights: [phases]int{40, 4, 4, 6, 12}, leads: asks},
		{text: `a privileged Client requests software version validation, %`, values: quoted(steps.Manners()), weights: [phases]int{6, 2, 4, 1, 2}, leads: asks, lacks: unchecked},
		{text: `a privileged Client reads pstat, %`, values: quoted(steps.Manners()), weights: [phases]int{3, 3, 1, 3, 3}},
		{text: "pstat is read", weights: [phases]int{3, 4, 1, 4, 3}},
		{text: rests, weights: [phases]int{2, 40, 1, 1, 1}, leads: settles},
		{text: "a moment goes by", weights: [phases]int{1, 4, 1, 3, 2}},

		{text: holds, then: []string{check, whenHeld}, weights: [phases]int{80, 0, 0, 0, 0}, leads: shows, conditions: gate, lacks: unchecked},
		{text: holds, then: []string{update, whenHeld}, weights: [phases]int{80, 0, 0, 0, 0}, leads: shows, conditions: gate, lacks: notUpdated},
		{text: check, then: []string{rests}, weights: [phases]int{60, 0, 0, 0, 0}, lacks: unchecked},
		{text: update, then: []string{rests}, weights: [phases]int{30, 0, 0, 0, 0}, lacks: notUpdated},
		{text: answers, then: []string{rests}, weights: [phases]int{0, 0, 0, 20, 50}, leads: func(phase) phase { return idle }, conditions: []string{conformance.Release}},
		{text: holds, weights: [phases]int{50, 6, 0, 0, 0}, leads: closes, conditions: gate},
		{text: whenHeld, weights: [phases]int{0, 0, 2, 70, 2}, leads: looks, conditions: gate},
		{text: answers, weights: [phases]int{1, 1, 4, 30, 30}, leads: opens, conditions: []string{conformance.Release}},
		{text: late, weights: [phases]int{0, 0, 0, 3, 3}, leads: opens, conditions: gate},
		{text: silence, weights: [phases]int{0, 0, 0, 8, 6}, leads: opens, conditions: gate},
		{text: "the trusted source has an update again", weights: [phases]int{5, 3, 2, 2, 4}, conditions: []string{conformance.UpdateAvailable}},
		{text: "the trusted source has no update any more", weights: [phases]int{5, 3, 2, 2, 4}, conditions: []string{conformance.NoUpdate}},
		{text: "the update fails from now on", weights: [phases]int{5, 3, 2, 2, 4}, conditions: []string{conformance.UpdateFails}},
		{text: "the Device is restarted", weights: [phases]int{6, 4, 1, 6, 12}, conditions: []string{conformance.Reboot}},
		{text: "the Device starts a check by itself", weights: [phases]int{6, 2, 4, 3, 10}, leads: asks, conditions: []string{conformance.AutonomousValidation}, lacks: attended},
		{text: "the Device starts an update by itself", weights: [phases]int{6, 2, 4, 3, 10}, leads: asks, conditions: []string{conformance.AutonomousUpdate}, lacks: attended},

		{text: "the second Client observes pstat", weights: [phases]int{8, 3, 3, 4, 8}},
		{text: "the second Client observes pstat again", weights: [phases]int{1, 1, 1, 1, 2}},
		{text: "the second Client loses its observation", weights: [phases]int{2, 2, 2, 2, 4}},
		{text: "the second Client stops observing", weights: [phases]int{2, 2, 2, 2, 4}},
		{text: "a privileged Client observes pstat again", weights: [phases]int{2, 2, 2, 2, 3}},
		{text: "the privileged Client loses its observation", weights: [phases]int{1, 1, 1, 1, 2}},
		{text: "the privileged Client stops observing", weights: [phases]int{1, 1, 1, 1, 2}},

		{text: moves, values: []string{"RFPRO", "SRESET"}, then: []string{payload}, weights: [phases]int{30, 0, 0, 0, 0}},
		{text: moves, values: []string{"RFPRO", "SRESET"}, then: []string{outsider}, weights: [phases]int{30, 0, 0, 0, 0}, lacks: unsecured},
		{text: moves, values: []string{"RFPRO", "RFNOP", "SRESET", "RFOTM"}, weights: [phases]int{20, 3, 2, 3, 6}},
		{text: "the % Client requests software version validation", values: []string{"second", "update-only"}, weights: [phases]int{8, 2, 4, 2, 6}, leads: asks, lacks: unsecured},
		{text: "the % Client requests a secure software update", values: []string{"second", "update-only"}, weights: [phases]int{8, 2, 4, 2, 6}, leads: asks, lacks: unsecured},
		{text: outsider, values: kinds, weights: [phases]int{40, 3, 6, 3, 10}, lacks: unsecured},
		{text: "an unprivileged Client % writes tm as U", values: kinds, weights: [phases]int{40, 3, 6, 3, 10}, lacks: unsecured},
		{text: "an unprivileged Client % writes tm as -", values: kinds, weights: [phases]int{2, 2, 1, 3, 10}, lacks: unsecured},
		{text: "an unprivileged Client % writes dos as RFPRO", values: kinds, weights: [phases]int{4, 1, 1, 1, 2}, lacks: unsecured},
		{text: "an unprivileged Client % observes pstat", values: kinds, weights: [phases]int{12, 2, 4, 4, 6}, lacks: unsecured},
		{text: "the Device is reset by its owner", weights: [phases]int{3, 1, 1, 1, 2}, lacks: unownable, last: true},
		{text: "the Device is reset by its owner, who then writes tm as %", values: []string{"V", "U"}, weights: [phases]int{3, 1, 1, 1, 2}, lacks: unownable, last: true},
	}
}

// asks is the phase after a request.
func asks(at phase) phase {
	return [phases]phase{idle: asked, asked: asked, held: pending, pending: pending, shown: pending}[at]
}

// settles is the phase after the Device was waited for.
func settles(at phase) phase {
	return [phases]phase{idle: idle, asked: idle, held: held, pending: pending, shown: shown}[at]
}

// closes is the phase after the source was told to withhold its answers, opens
// that after it was let answer.
func closes(at phase) phase {
	return [phases]phase{idle: held, asked: pending, held: held, pending: pending, shown: shown}[at]
}

func opens(at phase) phase {
	return [phases]phase{idle: idle, asked: asked, held: idle, pending: asked, shown: asked}[at]
}

// shows is the phase after a process was begun, held and looked at.
func shows(phase) phase { return shown }

// looks is the phase after a pending Device was read.
func looks(at phase) phase {
	return [phases]phase{idle: idle, asked: asked, held: held, pending: shown, shown: shown}[at]
}
