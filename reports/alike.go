package reports

import (
	"fmt"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
)

// Of one target among many, results.json has the texts of what passed once: of findings
// of a requirement that passed and say the same, the first stands in full, and the others
// are rows of numbers in "alike".

// putTogether is rep with the findings that passed and say the same put together. It does
// not change rep.
func putTogether(rep assess.Report) assess.Report {
	rep = complete(rep)
	places := map[string]int{}
	for i, s := range rep.Scenarios {
		places[s.ID] = i
	}
	for i := range rep.Requirements {
		r := &rep.Requirements[i]
		var full []conformance.Finding
		first := map[conformance.Finding]int{} // by what they say
		for at, f := range r.Findings {
			place, known := places[f.Scenario]
			which, said := first[says(f)]
			if known && said && f.Verdict == conformance.Pass {
				r.Alike = append(r.Alike, assess.Alike{Position: at, Finding: which, Scenario: place, AtS: f.AtS, Witness: f.Witness, Request: f.Request})
				continue
			}
			if !said {
				first[says(f)] = len(full)
			}
			full = append(full, f)
		}
		r.Findings = append([]conformance.Finding{}, full...)
	}
	return rep
}

// says is f without where and when it was found.
func says(f conformance.Finding) conformance.Finding {
	f.Scenario, f.AtS, f.Witness, f.Request = "", 0, 0, 0
	return f
}

// apart is the opposite of putTogether. It changes rep.
func apart(rep *assess.Report) error {
	for i := range rep.Requirements {
		r := &rep.Requirements[i]
		if len(r.Alike) == 0 {
			continue
		}
		var all []conformance.Finding
		rest := r.Findings
		for k, a := range r.Alike {
			n := a.Position - len(all) // that stand in full before it
			if n < 0 || n > len(rest) || a.Finding < 0 || a.Finding >= len(r.Findings) || a.Scenario < 0 || a.Scenario >= len(rep.Scenarios) {
				return fmt.Errorf("requirements[%d].alike[%d]: out of range, or out of order", i, k)
			}
			f := r.Findings[a.Finding]
			if f.Verdict != conformance.Pass {
				return fmt.Errorf("requirements[%d].alike[%d]: like a finding that did not pass", i, k)
			}
			f.Scenario, f.AtS, f.Witness, f.Request = rep.Scenarios[a.Scenario].ID, a.AtS, a.Witness, a.Request
			all, rest = append(append(all, rest[:n]...), f), rest[n:]
		}
		r.Findings, r.Alike = append(all, rest...), nil
	}
	return nil
}
