package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

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

// whyTable is what does not apply to a target, requirements first. Nothing is
// sent to the target.
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
	for _, q := range conformance.Requirements() {
		if reason := inapplicable(q, cfg.Profile, catalogue.Scenarios); reason != "" {
			rows = append(rows, whyRow{"requirement", q.ID, reason})
		}
	}
	for _, s := range catalogue.Scenarios {
		if reason := steps.Applicable(s, cfg.Profile); reason != "" {
			rows = append(rows, whyRow{"scenario", s.ID, reason})
		}
	}
	return table{rows: rows, text: func(w io.Writer) error { return writeReasons(w, rows) }}, nil
}

// inapplicable says why a requirement does not apply to a target: it is
// excluded, or each scenario that speaks of it is.
func inapplicable(q conformance.Requirement, p conformance.Profile, scenarios []steps.Scenario) string {
	if reason := q.Excluded(p); reason != "" {
		return reason
	}
	reason := ""
	for _, s := range scenarios {
		if !slices.Contains(s.Requirements, q.ID) {
			continue
		}
		if reason = steps.Applicable(s, p); reason == "" {
			return ""
		}
	}
	return cmp.Or(q.Unexercised(p), reason)
}

// writeReasons shows each reason with what it keeps from being judged.
func writeReasons(w io.Writer, rows []whyRow) error {
	var reasons []string
	ids := map[string]map[string][]string{} // by reason and kind
	for _, r := range rows {
		if ids[r.Reason] == nil {
			reasons = append(reasons, r.Reason)
			ids[r.Reason] = map[string][]string{}
		}
		ids[r.Reason][r.Kind] = append(ids[r.Reason][r.Kind], r.ID)
	}
	var b strings.Builder
	for _, reason := range reasons {
		fmt.Fprintln(&b, reason)
		if list := ids[reason]["requirement"]; len(list) > 0 {
			fmt.Fprintf(&b, "  requirement  %s\n", strings.Join(list, " "))
		}
		for _, id := range ids[reason]["scenario"] {
			fmt.Fprintf(&b, "  scenario     %s\n", id)
		}
	}
	if len(rows) == 0 {
		b.WriteString("Everything applies.\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}
