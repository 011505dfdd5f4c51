package client

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

func write1() Rule {
	return Rule{
		ID: "WRITE-1", Says: "a Client does not write tm to end what is pending",
		Clause: "A Client that sets V to 0 in tm has no effect on the check, and one that sets U to 0 has none on the update.",
		Source: "seed.txt 40-42 54-55", Level: judge.Derived, Severity: conformance.Warn,
		Pass:   "while a check or an update was pending, no write set all of tm to 0",
		Fail:   "tm=0 was written while a process was pending: it can't end it",
		Silent: "nothing was pending that the Client could have wanted to end", judge: endsNothing,
	}
}

func endsNothing(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, p := range s.requested() {
		all = append(all, kept(p.from))
	}
	for _, r := range s.requests {
		pstat, _ := s.before(r.n)
		if pending := pstat.TM & processes; r.writesTM() && pending != 0 && r.write.TM == 0 {
			all = append(all, broken(r.n, "tm left alone until the process ends", "tm=0 was written while %v was pending, which ends nothing", pending))
		}
	}
	return all
}
