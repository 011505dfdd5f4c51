package lab_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/steps"
	"github.com/ocfsim/ocfsim/fixtures"
)

// swallowing is a scenario in which an update fails after one that succeeded.
const swallowing = "update.an-update-that-fails-takes-back-the-success-of-the-one-before"

// TestAFindingNamesThePackage checks that a deviant that installs a package with a flaw is
// failed with the package's name and the flaw.
func TestAFindingNamesThePackage(t *testing.T) {
	scenarios := slices.DeleteFunc(catalogue(t), func(s steps.Scenario) bool { return s.ID != swallowing })
	tried := 0
	for _, d := range fixtures.Deviations() {
		if d.Package == "" {
			continue
		}
		tried++
		s, err := lab.Deviant(d)
		if err != nil {
			t.Fatal(err)
		}
		r := runVirtual(t, s, unsecured, scenarios)
		if text := explain(r, conformance.Fail); !strings.Contains(text, "the package that it took: ocfsim-1.0.") || !strings.Contains(text, ", "+d.Package+",") {
			t.Errorf("%s: no finding names a package with the flaw %s:%s", d.Name, d.Package, text)
		}
	}
	if tried == 0 {
		t.Error("no deviation is about a package")
	}
}
