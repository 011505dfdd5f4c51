package main

import (
	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/suite"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/steps"
	"github.com/ocfsim/ocfsim/features"
)

// whyRow is a row of `list --why --json`.
type whyRow struct {
	Kind   string `json:"kind"` // requirement or scenario
	ID     string `json:"id"`
	Reason string `json:"reason"`
}

// whyTable is what does not apply to a target: first the requirements, as a
// report would say it, then the scenarios. Nothing is sent to the target.
func whyTable(name string) (table, error) {
	cfg, err := readTarget(name)
	if err != nil {
		return table{}, err
	}
	catalogue, err := steps.Load(features.FS)
	if err != nil {
		return table{}, harness(err)
	}
	rows := []whyRow{}
	var runs []conformance.ScenarioRun
	var scenarios []whyRow
	for _, s := range catalogue.Scenarios {
		reason := steps.Applicable(s, cfg.Profile)
		if reason != "" {
			scenarios = append(scenarios, whyRow{"scenario", s.ID, reason})
		}
		runs = append(runs, conformance.ScenarioRun{
			ID: s.ID, Name: s.Name, Feature: s.Feature, Tags: s.Tags, Requirements: s.Requirements, Skipped: reason,
			Timeline: conformance.Timeline{Header: conformance.Header{Target: cfg.Profile}},
		})
	}
	for _, r := range conformance.Assess(cfg.Profile, suite.Edition, runs).Requirements {
		if r.Verdict == conformance.NotApplicable {
			rows = append(rows, whyRow{"requirement", r.ID, reasonOf(r)})
		}
	}
	rows = append(rows, scenarios...)
	t := table{rows: rows, header: []string{"KIND", "ID", "NOT APPLICABLE BECAUSE"}}
	for _, r := range rows {
		t.cells = append(t.cells, []string{r.Kind, r.ID, r.Reason})
	}
	return t, nil
}

// reasonOf is the reason of a requirement, or of the first finding that has one.
func reasonOf(r conformance.RequirementResult) string {
	for _, f := range r.Findings {
		if r.Reason == "" {
			r.Reason = f.Reason
		}
	}
	return r.Reason
}
