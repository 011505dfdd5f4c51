package suite

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/fixtures/bounded"
	"github.com/ocfsim/ocfsim/reports"
)

// Read returns the reports that stand in a results.json, in the folder of one,
// or in each target's folder of a run against several.
func Read(path string) ([]assess.Report, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	files := []string{path}
	if info.IsDir() {
		dirs, err := recordedIn(path)
		if err != nil {
			return nil, err
		}
		files = nil
		for _, dir := range dirs {
			files = append(files, filepath.Join(dir, reports.ResultsFile))
		}
	}
	var all []assess.Report
	for _, name := range files {
		r, err := readReport(name)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

func readReport(name string) (assess.Report, error) {
	f, err := bounded.Open(name, bounded.Results)
	if err != nil {
		return assess.Report{}, err
	}
	defer f.Close()
	return reports.ReadJSON(name, f)
}

// Diff compares two runs, target by target. Where each is against one target,
// those are compared whatever they are called: the new firmware may have
// another name. It is an error where the two have nothing in common.
func Diff(from, to []assess.Report) (reports.Difference, error) {
	var d reports.Difference
	if len(from) == 1 && len(to) == 1 {
		d.Targets = []reports.Comparison{reports.Compare(from[0], to[0])}
		return d, common(d)
	}
	taken := map[int]bool{}
	for _, r := range to {
		if i := counterpart(from, r, taken); i >= 0 {
			taken[i] = true
			d.Targets = append(d.Targets, reports.Compare(from[i], r))
		} else {
			d.Added = append(d.Added, r)
		}
	}
	for i, r := range from {
		if !taken[i] {
			d.Missing = append(d.Missing, r)
		}
	}
	return d, common(d)
}

// counterpart is the target of the old run that is r's: by name, and by di
// where several have that name.
func counterpart(from []assess.Report, r assess.Report, taken map[int]bool) int {
	found := -1
	for i, old := range from {
		if taken[i] || old.Target.Name != r.Target.Name {
			continue
		}
		if old.Target.DI == r.Target.DI {
			return i
		}
		if found < 0 {
			found = i
		}
	}
	return found
}

// common says what keeps d from being a comparison.
func common(d reports.Difference) error {
	if len(d.Targets) == 0 {
		return fmt.Errorf("the two runs have no target in common: %s and %s", named(d.Missing), named(d.Added))
	}
	for _, c := range d.Targets {
		if !c.Disjoint() {
			return nil
		}
	}
	return fmt.Errorf("the two runs judge no requirement in common")
}

func named(all []assess.Report) string {
	var names []string
	for _, r := range all {
		names = append(names, fmt.Sprintf("%q", r.Target.Name))
	}
	return strings.Join(names, ", ")
}
