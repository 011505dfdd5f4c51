package client

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

// ofSeed is the rule for a sentence of the seed that speaks of Clients. Its words stand in
// package judge, with those of all other sentences.
func ofSeed(id string, rule func(*story) []conformance.Finding) Rule {
	for _, q := range judge.Requirements() {
		if q.ID == id {
			return Rule{
				ID: id, Says: q.Says, Clause: q.Clause, Source: "seed.txt " + q.Lines, Level: q.Level, Severity: q.Severity,
				Pass: q.Verdicts.Pass, Fail: q.Verdicts.Fail, Open: q.Verdicts.Open, Silent: q.Verdicts.NotApplicable, judge: rule,
			}
		}
	}
	panic("no requirement " + id)
}
