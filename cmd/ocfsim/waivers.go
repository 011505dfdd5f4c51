package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/conformance/waiver"
	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/ocf"
)

// loadWaivers reads a file of waivers, or the built-in list with this name. A file that is
// there comes first.
func loadWaivers(name string) ([]assess.Waiver, error) {
	data, builtIn := fixtures.WaiverFile(name)
	_, err := os.Stat(name)
	switch {
	case err == nil:
	case builtIn:
		return waiver.Parse(name, data)
	case !strings.ContainsAny(name, `./\`):
		return nil, fmt.Errorf("--waivers %s: no such file, and no built-in list; there is %s%s",
			name, strings.Join(fixtures.Waivers(), ", "), ocf.Near(name, fixtures.Waivers()))
	}
	return waiver.Load(name)
}

// waiverTable lists the waivers of the built-in lists.
func waiverTable(*edition.Edition) (table, error) {
	type row struct {
		List        string `json:"list"`
		Requirement string `json:"requirement"`
		Scenario    string `json:"scenario,omitempty"`
		UndecidedBy string `json:"undecided_by,omitempty"`
		Reason      string `json:"reason"`
		Reference   string `json:"reference"`
	}
	var rows []row
	t := table{header: []string{"LIST", "REQUIREMENT", "REASON"}}
	for _, name := range fixtures.Waivers() {
		all, err := loadWaivers(name)
		if err != nil {
			return table{}, err
		}
		for _, w := range all {
			rows = append(rows, row{name, w.Requirement, w.Scenario, w.UndecidedBy, w.Reason, w.Reference})
			t.cells = append(t.cells, []string{name, w.Requirement, w.Reason})
		}
	}
	t.rows = rows
	return t, nil
}
