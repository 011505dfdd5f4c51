package reports

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
)

// Every line that a job of GitHub Actions reads is one annotation, whatever the Device
// calls itself.
func TestAnnotations(t *testing.T) {
	lamp := acme()
	lamp.report.Target.Name = "Acme,\n::error title=x::lamp: 100%"
	var b bytes.Buffer
	if err := annotate(&b, []Entry{{Report: lamp.report, Timelines: lamp.timeline, Rerun: rerun}}, Style{}); err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`^::(error|warning|notice) title=Acme%2C[^:,\n]*::.+$`)
	kinds := map[string]int{}
	for got := range strings.Lines(b.String()) {
		m := line.FindStringSubmatch(strings.TrimSuffix(got, "\n"))
		if m == nil {
			t.Errorf("not an annotation: %s", got)
			continue
		}
		kinds[m[1]]++
	}
	failed := 0
	for _, c := range Concerns(Entry{Report: lamp.report, Timelines: lamp.timeline, Rerun: rerun}, Style{}) {
		if c.Verdict == conformance.Fail || c.Verdict == conformance.Error {
			failed++
		}
	}
	if failed == 0 || kinds["error"] != failed || kinds["notice"] == 0 {
		t.Errorf("%v, want %d errors:\n%s", kinds, failed, &b)
	}
	if !strings.Contains(b.String(), "--target acme-lamp.yaml --scenario") {
		t.Errorf("no annotation says how to run its scenario again:\n%s", &b)
	}
}
