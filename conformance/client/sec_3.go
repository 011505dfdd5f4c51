package client

import (
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

// guesses is how many handshakes in a row may fail before that is trying out keys.
const guesses = 5

func sec3() Rule {
	return Rule{
		ID: "SEC-3", Says: "a Client that is refused a session does not keep trying",
		Clause: "A handshake that failed for want of the right key or PIN fails again with the same one; to try others is an attack.",
		Source: "RFC 7252 section 11.1", Level: judge.Derived, Severity: conformance.Warn,
		Pass:   "a session was opened, and no more than four handshakes in a row had failed",
		Fail:   "five handshakes in a row failed, each within a minute of the one before",
		Silent: "the Client tried to open no session", judge: triesKeys,
	}
}

func triesKeys(s *story) []conformance.Finding {
	var all []conformance.Finding
	var row int
	var last time.Duration // when the one before was refused
	for n := range s.all {
		o := &s.all[n]
		switch {
		case o.Outcome == conformance.Opened:
			row = 0
			all = append(all, kept(n))
		case o.Outcome == conformance.Refused:
			if o.At-last > time.Minute {
				row = 0
			}
			last = o.At
			if row++; row == guesses {
				all = append(all, broken(n, "a pause, or another credential", "%d handshakes failed in a row, the last one: %s", row, o.Text))
			}
		}
	}
	return all
}
