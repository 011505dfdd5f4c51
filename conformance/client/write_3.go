package client

import (
	"slices"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

func write3() Rule {
	return Rule{
		ID: "WRITE-3", Says: "a Client does not ask again for what is pending",
		Clause: "A bit of tm that is 1 says that its process is requested or pending (Table 40): to set it again asks for nothing.",
		Source: "seed.txt 101-106", Level: judge.Derived, Severity: conformance.Warn,
		Pass:   "no write set a bit that the Client knew to be pending",
		Fail:   "a write set a bit that was pending, and the Client had asked for it itself or had seen it",
		Silent: "the Client asked for nothing", judge: asksOnce,
	}
}

func asksOnce(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, p := range slices.Concat(s.checks, s.updates) {
		if p.asked != nil {
			all = append(all, kept(p.from))
		}
		for _, r := range s.requests {
			if r.n > p.to || !r.asks().Has(p.bit) {
				continue
			}
			if p.asked != nil && !p.asked.refused() && p.asked.answer < r.n || s.sawPending(p, r.n) {
				all = append(all, broken(r.n, "no further request while the first is pending", "%v was written again while it was pending", p.bit))
			}
		}
	}
	return all
}

// sawPending reports whether the Client was shown, before the entry n, that p was pending.
func (s *story) sawPending(p process, n int) bool {
	for _, look := range s.looks {
		pstat, _, _ := s.all[look].Pstat()
		if look > p.from && look < n && pstat.TM.Has(p.bit) {
			return true
		}
	}
	return false
}
