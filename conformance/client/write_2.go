package client

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

func write2() Rule {
	return Rule{
		ID: "WRITE-2", Says: "a Client writes tm as a whole value and keeps the bits that it does not mean to change",
		Clause: "The device provisioning mode is one 16-bit mask: who writes tm to set one bit writes all others too.",
		Source: "seed.txt 75-81", Level: judge.Derived, Severity: conformance.Warn,
		Pass:   "a write of tm kept the other bits that tm had",
		Fail:   "a write of tm that asks for a process lost another bit that tm had",
		Silent: "tm had no other bit when the Client asked for a check or an update", judge: keepsOthers,
	}
}

// keepsOthers judges the writes that ask for a process. V and U are left out: what a 0
// in them says is WRITE-1's.
func keepsOthers(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, r := range s.requests {
		pstat, known := s.before(r.n)
		others := pstat.TM.Without(processes)
		if !known || r.asks() == 0 || others == 0 {
			continue
		}
		if lost := others.Without(r.write.TM); lost != 0 {
			all = append(all, broken(r.n, "tm written with the bits that it has", "tm=%v was written while tm had %v: %v is lost", r.write.TM, pstat.TM, lost))
			continue
		}
		all = append(all, kept(r.n))
	}
	return all
}
