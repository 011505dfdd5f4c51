package client

import (
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

// often is how many times in a row a Client may read pstat during one process, each within
// often-enough of the one before, before that is polling.
const (
	often     = 5
	soonAgain = 5 * time.Second
)

func watch3() Rule {
	return Rule{
		ID: "WATCH-3", Says: "a Client that waits for a process observes pstat and does not keep asking",
		Clause: "Clients can be notified that a check or an update is pending or complete by observing pstat.",
		Source: "seed.txt 69-71, RFC 7641 section 1", Level: judge.Should, Severity: conformance.Warn,
		Pass:   "during a process that it asked for the Client observed pstat, or read it now and then",
		Fail:   "during a process it read pstat more than five times, each within 5 s of the one before, and never tried to observe it",
		Silent: "the Client asked for nothing, or looked at nothing meanwhile", judge: observes,
	}
}

func observes(s *story) []conformance.Finding {
	for _, r := range s.requests {
		if r.registers() && r.reads() { // that the Device does not let it observe is not its fault
			return s.observed()
		}
	}
	var all []conformance.Finding
	for _, p := range s.requested() {
		var row int
		var last time.Duration // when it read pstat before
		for _, r := range s.requests {
			if !r.reads() || r.n < p.from || r.n > p.to {
				continue
			}
			if r.at-last > soonAgain {
				row = 0
			}
			row, last = row+1, r.at
			if row > often {
				all = append(all, broken(r.n, "pstat observed", "pstat was read %d times in a row during %v and never observed", row, p.bit))
			}
		}
		if row > 0 {
			all = append(all, kept(p.from))
		}
	}
	return all
}

// observed is kept where the Client asked for a process, and nothing otherwise.
func (s *story) observed() []conformance.Finding {
	var all []conformance.Finding
	for _, p := range s.requested() {
		all = append(all, kept(p.from))
	}
	return all
}
