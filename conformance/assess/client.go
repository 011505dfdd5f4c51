package assess

import (
	"slices"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/client"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

// ClientRun is what one Client did with virtual Devices: a conversation is its dealings
// with one of them, in the place of a scenario.
type ClientRun struct {
	Tool          Tool
	Edition       string
	Client        conformance.Profile
	Conversations []conformance.ScenarioRun
}

// SilentClient is the reason why a rule is not applicable to a Client.
const SilentClient = "the Client did nothing that this speaks of"

// Assess judges r by every rule. A rule's verdict is the worst that was found in any
// conversation. What a Client had no reason to do is not applicable, and a Client of which
// nothing could be judged is inconclusive.
func (r ClientRun) Assess() Report {
	report := Run{Tool: r.Tool, Edition: r.Edition, Target: r.Client, Scenarios: r.Conversations}.head()
	report.Declared = nil
	judged := make([]map[string]conformance.Finding, len(r.Conversations))
	for i, c := range r.Conversations {
		judged[i] = client.All(c.Timeline)
	}
	rows := make([]ScenarioResult, len(r.Conversations))
	for i, c := range r.Conversations {
		rows[i] = ScenarioResult{
			ID: c.ID, Name: c.Name, Feature: c.Feature, Tags: nonNil(c.Tags), Requirements: []string{},
			DurationS: c.Duration.Seconds(), Timeline: c.File,
		}
	}
	for _, rule := range client.Rules() {
		row := RequirementResult{ID: rule.ID, Level: rule.Level, Findings: []conformance.Finding{}, Source: sources()[rule.ID]}
		if row.Source == nil {
			row.Source = &Source{Section: rule.Source}
		}
		for i := range r.Conversations {
			f := judged[i][rule.ID]
			if f.Verdict == conformance.None {
				continue
			}
			f.Scenario = r.Conversations[i].ID
			row.Findings = append(row.Findings, f)
			row.Verdict = conformance.Worst(row.Verdict, f.Verdict)
			rows[i].heed(rule.ID, f)
		}
		switch row.Verdict {
		case conformance.None:
			row.Verdict, row.Reason = conformance.NotApplicable, SilentClient
			if rule.Silent != "" {
				row.Reason = rule.Silent
			}
		case conformance.Inconclusive:
			row.Reason = reasonOf(row.Findings, row.Verdict)
		}
		report.Requirements = append(report.Requirements, row)
		report.Counts[row.Verdict]++
		report.Verdict = conformance.Worst(report.Verdict, row.Verdict)
	}
	for i := range rows {
		if rows[i].Verdict == conformance.None {
			rows[i].Verdict, rows[i].Reason = conformance.Inconclusive, "nothing in it could be judged"
		}
	}
	report.Scenarios = rows
	report.conclude()
	return report
}

// heed counts what a rule found in the conversation. A finding without a breach adds
// nothing but its verdict.
func (s *ScenarioResult) heed(id string, f conformance.Finding) {
	s.Requirements = append(s.Requirements, id)
	if worse := conformance.Worst(s.Verdict, f.Verdict); worse != s.Verdict {
		s.Verdict, s.Reason = worse, ""
		if f.Reason != "" {
			s.Reason = id + ": " + f.Reason
		}
	}
}

// Conversation is what tl records, as one of a ClientRun. file is where it is, relative
// to results.json.
func Conversation(tl conformance.Timeline, file string) conformance.ScenarioRun {
	c := conformance.ScenarioRun{ID: tl.Header.Scenario, Name: tl.Header.Name, Feature: tl.Header.Feature, Tags: tl.Header.Tags, Timeline: tl, File: file}
	if n := len(tl.Observations); n > 0 {
		c.Duration = tl.Observations[n-1].At.Round(time.Millisecond)
	}
	return c
}

// OnClient reports whether r is on a Client: it has a rule that no Device is judged by.
func (r Report) OnClient() bool {
	only := ofClients()
	return slices.ContainsFunc(r.Requirements, func(row RequirementResult) bool {
		return slices.ContainsFunc(only, func(s Sentence) bool { return s.ID == row.ID })
	})
}

// ofClients are the sentences of the rules that only Clients are judged by.
func ofClients() []Sentence {
	var all []Sentence
	for _, r := range client.Rules() {
		if sources()[r.ID] == nil {
			all = append(all, Sentence{ID: r.ID, Clause: r.Clause, Place: r.Source, Actor: judge.Client, Level: r.Level, Says: r.Says, PassIf: r.Pass, FailIf: r.Fail})
		}
	}
	return all
}

// SentencesOf are the Sentences, and those of the rules that only Clients are judged by
// where one of reports is on a Client. The slice is the caller's.
func SentencesOf(reports ...Report) []Sentence {
	if slices.ContainsFunc(reports, Report.OnClient) {
		return append(Sentences(), ofClients()...)
	}
	return Sentences()
}
