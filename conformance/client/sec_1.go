package client

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
	"github.com/ocfsim/ocfsim/ocf"
)

func sec1() Rule {
	return Rule{
		ID: "SEC-1", Says: "a Client writes to a secured Device within a session, not in the clear",
		Clause: "Requesting a check or an update takes a sufficiently privileged Client, and nobody is that without a session.",
		Source: "seed.txt 33-34", Level: judge.Derived, Severity: conformance.Warn,
		Pass:   "the Client wrote within a session",
		Fail:   "it wrote in the clear to a Device that has an owner",
		Silent: "the Client wrote nothing, or the Device is unsecured", judge: withinSessions,
	}
}

// withinSessions leaves out Devices that wait for an owner: an onboarding tool chooses the
// owner transfer method in the clear.
func withinSessions(s *story) []conformance.Finding {
	if !s.tl.Header.Target.Secured {
		return nil
	}
	var all []conformance.Finding
	for _, r := range s.requests {
		if r.frame.Code == conformance.MethodGET {
			continue
		}
		pstat, known := s.before(r.n)
		switch {
		case inSession(r.from):
			all = append(all, kept(r.n))
		case known && pstat.DOS != ocf.RFOTM && pstat.DOS != ocf.RESET:
			all = append(all, broken(r.n, "a session", "%s %s came in the clear", r.frame.Code, r.frame.Path))
		}
	}
	return all
}
