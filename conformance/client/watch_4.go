package client

import (
	"slices"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

func watch4() Rule {
	return Rule{
		ID: "WATCH-4", Says: "a Client observes pstat again after the Device has ended its observation",
		Clause: "A notification with an error code, such as 5.03, ends an observation, and so does a restart of the Device: no further notification comes until the Client registers again.",
		Source: "RFC 7641 sections 3.2 and 4.2", Level: judge.Should, Severity: conformance.Warn,
		Pass:   "after the Device had ended its observation the Client observed or read pstat again",
		Fail:   "it went on talking to the Device for more than a minute, and did neither",
		Silent: "the Device ended no observation, or ended it during an update of the Client's (DOS-2), or the Client was not heard of again", judge: returns,
	}
}

func returns(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, w := range s.watches {
		if !w.dropped || s.duringOwnUpdate(w.over) {
			continue
		}
		until := s.after(w.over, patience)
		switch {
		case s.lookedWithin(w.over, until):
			all = append(all, kept(w.over))
		case slices.ContainsFunc(s.requests, func(r *request) bool { return r.n >= until }):
			all = append(all, broken(w.over, "pstat observed again", "the Device ended the observation, and the Client, which went on asking for other things, did not look at pstat in the %v after that", patience))
		}
	}
	return all
}

// duringOwnUpdate reports whether the entry n lies in an update that the Client asked
// for, or shortly after its end.
func (s *story) duringOwnUpdate(n int) bool {
	return slices.ContainsFunc(s.updates, func(p process) bool {
		return p.asked != nil && n > p.from && s.all[n].At <= s.ended(p)+promptly
	})
}
