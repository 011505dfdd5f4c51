package explore

import (
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
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
	about   subject     // what themes it belongs to
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
	both        = "a privileged Client requests validation and update in one write"
	ownCheck    = "the Device starts a check by itself"
	ownUpdate   = "the Device starts an update by itself"
	version     = "the software version is read"
	restart     = "the Device is restarted"
	made        = "a check has been made"
	installed   = "a check has been made and an update installed"
	remember    = "its owner and its identity are known"
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
