package explore

import (
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
)

// phase is where a walk has got to, as far as its own sentences tell.
type phase int

const (
	idle    phase = iota // nothing was requested since the Device was at rest
	asked                // something was requested, and the source answers
	held                 // the source withholds its answers, and nothing was requested since
	pending              // the source withholds its answers, and something was requested since
	shown                // the same, and pstat was read since
	phases
)

// stimulus is a sentence of a walk, or several sentences that differ in one place.
type stimulus struct {
	about   subject     // the themes that it belongs to
	text    string      // "%" stands for one of values
	then    []string    // texts of the stimuli that always follow it
	values  []string    // what "%" may be, the plainest first; nil if text has no "%"
	weights [phases]int // how often it is taken in each phase, relative to the others
	// conditions are those that it asks for. If the target does not support one of
	// them, the stimulus is left out.
	conditions []string
	lacks      func(conformance.Profile) bool // true if it can do nothing to this target; nil: never
	last       bool                           // no stimulus can follow it
	leads      func(phase) phase              // from the phase before it to the phase after it; nil: no change
}

// The sentences that the code of this package names.
const (
	holds       = "the trusted source withholds its answers"
	answers     = "the trusted source answers"
	silence     = "the trusted source never answers"
	late        = "the trusted source answers late"
	whenHeld    = "pstat is read while the trusted source withholds its answer"
	rests       = "the Device has come to rest"
	check       = "a privileged Client requests software version validation"
	update      = "a privileged Client requests a secure software update"
	zero        = "a privileged Client clears every bit of tm"
	moves       = "a privileged Client writes dos as %"
	payload     = "a privileged Client writes % to pstat"
	outsider    = "an unprivileged Client % writes tm as V"
	outsideZero = "an unprivileged Client % writes tm as -"
	withoutTM   = `a privileged Client writes "om as client-directed" to pstat`
	secondCheck = "the second Client requests software version validation"
	secondLoad  = "the second Client requests a secure software update"
	secondZero  = "the second Client clears every bit of tm"
	masks       = "a privileged Client writes tm as %"
	both        = "a privileged Client requests validation and update in one write"
	ownCheck    = "the Device starts a check by itself"
	ownUpdate   = "the Device starts an update by itself"
	version     = "the software version is read"
	restart     = "the Device is restarted"
	made        = "a check has been made"
	installed   = "a check has been made and an update installed"
	remember    = "its owner and its identity are known"
)

// givens are the sentences that a walk can begin with, the plainest first.
func givens() []string {
	return []string{
		"a Device in RFNOP that has an update",
		"a Device in RFNOP that has no update",
		"a Device in RFNOP whose update fails",
	}
}

// conditionOf is the condition that one of givens asks for, or empty.
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
func unable(p conformance.Profile) bool     { return unchecked(p) || notUpdated(p) }
func attended(p conformance.Profile) bool   { return !p.Supports.Autonomous }

// asks is the phase after a request.
func asks(at phase) phase {
	return [phases]phase{idle: asked, asked: asked, held: pending, pending: pending, shown: pending}[at]
}

// settles is the phase after a wait for the Device to come to rest.
func settles(at phase) phase {
	return [phases]phase{idle: idle, asked: idle, held: held, pending: pending, shown: shown}[at]
}

// closes is the phase after the source was told to withhold its answers; opens is the
// phase after it was told to answer again.
func closes(at phase) phase {
	return [phases]phase{idle: held, asked: pending, held: held, pending: pending, shown: shown}[at]
}

func opens(at phase) phase {
	return [phases]phase{idle: idle, asked: asked, held: idle, pending: asked, shown: asked}[at]
}

// shows is the phase after a process was begun, held, and pstat was read.
func shows(phase) phase { return shown }

// looks is the phase after pstat was read.
func looks(at phase) phase {
	return [phases]phase{idle: idle, asked: asked, held: held, pending: shown, shown: shown}[at]
}
