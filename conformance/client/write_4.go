package client

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

func write4() Rule {
	return Rule{
		ID: "WRITE-4", Says: "a Client learns how its check or its update ended",
		Clause: "The Device says in cm what the process came to, and by tm that it is complete: who asked for it has to look.",
		Source: "seed.txt 35-40 50-54 69-71", Level: judge.Derived, Severity: conformance.Warn,
		Pass:   "after the end of what the Client asked for it was shown pstat, by an answer or a notification",
		Fail:   "it asked for a check or an update, and did not look at pstat in the minute after its end",
		Open:   "the run ended before that minute was over, or before the process was",
		Silent: "the Client asked for nothing", judge: learns,
	}
}

func learns(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, p := range s.requested() {
		until := s.after(p.to, patience)
		switch look := s.lookAfter(p.to); {
		case p.to == never:
			all = append(all, open(p.from, "%v was still pending when the record ended", p.bit))
		case look != never:
			all = append(all, kept(look))
		case s.lookedWithin(p.to, until): // it asked, or observes, and was told nothing
		case until == never:
			all = append(all, open(p.to, "the record ends less than %v after the end of %v: the Client could still have looked", patience, p.bit))
		default:
			all = append(all, broken(p.to, "pstat looked at after the end of "+p.bit.String(), "the Client did not look at pstat in the %v after %v ended", patience, p.bit))
		}
	}
	return all
}

// lookAfter is the first entry after the entry n that shows the Client pstat, however late.
func (s *story) lookAfter(n int) int {
	for _, look := range s.looks {
		if look > n {
			return look
		}
	}
	return never
}
