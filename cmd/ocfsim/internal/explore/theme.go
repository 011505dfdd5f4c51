package explore

import (
	"math/rand/v2"

	"github.com/ocfsim/ocfsim/conformance"
)

// subject is what a stimulus is about. It is a set of bits: a stimulus may be about
// several things.
type subject int

const (
	running     subject = 1 << iota // processes that end before anything else happens
	repeating                       // many such processes in a row
	asking                          // requests while others are pending
	owning                          // processes that the Device begins by itself
	holding                         // a source that withholds its answers
	failing                         // a source that has nothing good, in time or at all
	offering                        // what the source offers
	clearing                        // tm=0
	masking                         // other values of tm
	writing                         // other payloads
	meddling                        // other payloads while a process is pending
	forming                         // forms of requests
	observing                       // which observers are notified
	moving                          // dos
	restarting                      // losing power
	trespassing                     // who may do what
	intruding                       // the same, while a process is pending
	listening                       // whether those who may not are told of processes that others began
)

// theme is what a walk is about. If all stimuli were drawn evenly, several of one sort
// would seldom come in one walk, and almost never one directly after the other. Most
// themes have short walks, since the longer a walk is, the less a judge can conclude
// from it.
type theme struct {
	about   subject
	share   int // how many walks have this theme, relative to the other themes
	longest int // draws at most, each of one stimulus and those that follow it; 0: as many as a walk may have
	lacks   func(conformance.Profile) bool
}

const anything = subject(-1)

// themes are all the themes that a walk can have.
func themes() []theme {
	return []theme{
		{about: anything, share: 7},
		{about: repeating, share: 2, longest: 1},
		{about: running, share: 2, longest: 6},
		{about: running | offering, share: 4, longest: 5},
		{about: restarting, share: 4, longest: 2},
		{about: running | holding | restarting, share: 1, longest: 5},
		{about: failing, share: 3, longest: 2},
		{about: failing | running, share: 2, longest: 4},
		{about: owning | offering, share: 2, longest: 2},
		{about: writing, share: 10, longest: 2},
		{about: writing | running, share: 3, longest: 3},
		{about: writing | holding, share: 4, longest: 3},
		{about: meddling, share: 5, longest: 1},
		{about: masking, share: 2, longest: 2},
		{about: masking | holding, share: 3, longest: 3},
		{about: forming, share: 4, longest: 2},
		{about: clearing | holding, share: 2, longest: 3},
		{about: clearing | masking | holding, share: 4, longest: 4},
		{about: clearing | writing | holding, share: 6, longest: 5},
		{about: asking | holding, share: 4, longest: 4},
		{about: asking | clearing | holding, share: 3, longest: 4},
		{about: asking | owning | holding, share: 3, longest: 3},
		{about: observing | holding | running, share: 2, longest: 6},
		{about: moving, share: 2, longest: 3},
		{about: moving | holding, share: 3, longest: 3},
		{about: trespassing, share: 6, longest: 2, lacks: unsecured},
		{about: intruding, share: 3, longest: 1, lacks: unsecured},
		{about: listening, share: 3, longest: 1, lacks: unsecured},
		{about: trespassing | holding, share: 4, longest: 4, lacks: unsecured},
	}
}

// length is how many draws a walk of theme t has, and how many stimuli it has at most.
// most is what any walk may have.
func (t theme) length(r *rand.Rand, most int) (draws, stimuli int) {
	if t.longest == 0 {
		return most, 1 + r.IntN(most)
	}
	return t.longest - r.IntN(1+t.longest/2), most
}

// drawTheme draws a theme that makes sense for the target.
func (g *generator) drawTheme(r *rand.Rand) theme {
	var some []theme
	sum := 0
	for _, t := range themes() {
		if t.lacks == nil || !t.lacks(g.profile) {
			some = append(some, t)
			sum += t.share
		}
	}
	left := r.IntN(sum)
	for _, t := range some {
		if left -= t.share; left < 0 {
			return t
		}
	}
	return some[0]
}

// histories are the Givens that may follow the first: what has happened before, and
// what is known.
func histories() []stimulus {
	return []stimulus{
		{text: made, lacks: unchecked},
		{text: made, lacks: unchecked}, // three times, since most stimuli need it
		{text: made, lacks: unchecked},
		{text: remember},
		{text: installed, lacks: notUpdated},
		{text: "the privileged Client does not observe"},
		{text: "a second privileged Client observes pstat"},
		{text: "the Device has been restarted", conditions: []string{conformance.Reboot}},
	}
}
