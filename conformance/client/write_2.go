package client

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

func write2() Rule {
	return Rule{
		ID: "WRITE-2", Says: "a Client that asks for a check or an update asks for nothing else in the same write",
		Clause: "A write of tm is a set of requests: each bit that is 1 asks for its mode, and one that is 0 changes nothing (ADR 0015). Who reads tm, sets a bit and writes it back asks once more for all that it read.",
		Source: "seed.txt 75-106", Level: judge.Derived, Severity: conformance.Warn,
		Pass:   "a write that asked for a check or an update had no bit but V and U",
		Fail:   "it had another bit, which asks for a provisioning mode",
		Silent: "the Client asked for nothing", judge: asksAlone,
	}
}

func asksAlone(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, r := range s.requests {
		if r.asks() == 0 {
			continue
		}
		if more := r.write.TM.Without(processes); more != 0 {
			all = append(all, broken(r.n, "V or U alone", "tm=%v was written: %v asks for something else", r.write.TM, more))
		}
		all = append(all, kept(r.n))
	}
	return all
}
