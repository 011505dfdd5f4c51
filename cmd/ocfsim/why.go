package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/conformance/judge"
	"github.com/ocfsim/ocfsim/conformance/steps"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/features"
)

// whyRow is a row of `list --why --json`. Verdict is what a test would say:
// not-applicable, inconclusive if it can't be tested, or waived. It is fail for a
// waiver that somebody has to look into.
type whyRow struct {
	Kind    string              `json:"kind"` // requirement, scenario or waiver
	ID      string              `json:"id"`
	Verdict conformance.Verdict `json:"verdict"`
	Reason  string              `json:"reason"`
}

// whyTable is what does not apply to a target and what can't be tested on it,
// requirements first, and what the waivers of a file say of it. Nothing is sent
// to the target.
func whyTable(name, waivers string) (table, error) {
	cfg, err := readTarget(name)
	if err != nil {
		return table{}, err
	}
	by := edition.Of(cfg.Profile.Edition)
	catalogue, err := steps.LoadFor(by, features.FS, judge.IDsOf(by))
	if err != nil {
		return table{}, harness(err)
	}
	rows := []whyRow{}
	for _, q := range judge.Of(by) {
		if reason := inapplicable(q, cfg.Profile, catalogue.Scenarios); reason != "" {
			rows = append(rows, whyRow{"requirement", q.ID, conformance.NotApplicable, reason})
		} else if reason := untestable(q, cfg, catalogue.Scenarios); reason != "" {
			rows = append(rows, whyRow{"requirement", q.ID, conformance.Inconclusive, reason})
		}
	}
	for _, s := range catalogue.Scenarios {
		if reason := steps.Applicable(s, cfg.Profile); reason != "" {
			rows = append(rows, whyRow{"scenario", s.ID, conformance.NotApplicable, reason})
		} else if reason := wants(s, cfg); reason != "" {
			rows = append(rows, whyRow{"scenario", s.ID, conformance.Inconclusive, reason})
		}
	}
	if waivers != "" {
		more, err := waiverRows(waivers, cfg)
		if err != nil {
			return table{}, err
		}
		rows = append(rows, more...)
	}
	return table{rows: rows, text: func(w io.Writer) error { return writeReasons(w, rows) }}, nil
}

// wants says why s is not run on a target that declares no conditions. For a target
// that does, only its hooks know which conditions they support.
func wants(s steps.Scenario, cfg target.Config) string {
	needed := steps.Needed(s, cfg.Profile.Always)
	if cfg.Arranges() || len(needed) == 0 {
		return ""
	}
	return "not testable: the target declares no conditions; needed: " + strings.Join(needed, ", ")
}

// untestable says why no scenario that speaks of q can conclude it on the target.
func untestable(q judge.Requirement, cfg target.Config, scenarios []steps.Scenario) string {
	reason := ""
	for _, s := range scenarios {
		if !slices.Contains(s.Requirements, q.ID) || steps.Applicable(s, cfg.Profile) != "" {
			continue
		}
		if reason = cmp.Or(wants(s, cfg), unconcluded(q, s, cfg)); reason == "" {
			return ""
		}
	}
	return reason
}

// unconcluded says why s, which is run without conditions, concludes nothing of q.
func unconcluded(q judge.Requirement, s steps.Scenario, cfg target.Config) string {
	if cfg.Arranges() {
		return ""
	}
	asked := append(steps.Conditions(s), conformance.ReportSource)
	asked = slices.DeleteFunc(asked, func(c string) bool { return slices.Contains(cfg.Profile.Always, c) })
	if missing := assess.Wanting(q, asked); len(missing) > 0 {
		return "inconclusive: the target declares no conditions; needed: " + strings.Join(missing, ", ")
	}
	return ""
}

// waiverRows say which waivers of a file would hold for the target today.
func waiverRows(file string, cfg target.Config) ([]whyRow, error) {
	list, err := loadWaivers(file)
	if err != nil {
		return nil, err
	}
	named := assess.TargetName{Name: cfg.Profile.Name, DI: cfg.Profile.DI}
	today := time.Now().UTC().Format(time.DateOnly)
	var rows []whyRow
	for _, w := range list {
		row := whyRow{Kind: "waiver", ID: w.At, Verdict: conformance.Waived}
		of := w.Requirement
		if w.Scenario != "" {
			of += " in " + w.Scenario
		}
		row.Reason = fmt.Sprintf("%s is waived until %s: %s (%s, approved by %s)", of, w.Expires, w.Reason, w.Reference, w.ApprovedBy)
		switch {
		case !w.Covers(named, edition.Of(cfg.Profile.Edition).ID):
			row.Verdict, row.Reason = conformance.NotApplicable, fmt.Sprintf("the waiver of %s is for %s by %s", of, w.Device, w.Edition)
		case w.Expires < today:
			row.Verdict, row.Reason = conformance.Fail, fmt.Sprintf("the waiver of %s held until %s", of, w.Expires)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// inapplicable says why a requirement does not apply to a target: it is
// excluded, or each scenario that speaks of it is.
func inapplicable(q judge.Requirement, p conformance.Profile, scenarios []steps.Scenario) string {
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

// writeReasons shows each reason with the requirements, scenarios and waivers that
// it is a reason for.
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
		for _, id := range ids[reason]["waiver"] {
			fmt.Fprintf(&b, "  waiver       %s\n", id)
		}
	}
	if len(rows) == 0 {
		b.WriteString("Everything applies and, as far as the target file tells, can be tested.\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}
