package matrix

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
)

// entry is a report on version of the lamp, with a verdict of SVV-4.
func entry(edition, version string, v conformance.Verdict) Entry {
	return Entry{
		Bundle: "lamp-" + version + ".tar.gz", Key: "06e3fd8fda29bb60ab59557de61edb0a",
		Report: assess.Report{
			Edition: edition, Verdict: v, Started: time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC),
			Tool:   assess.Tool{Name: "ocfsim", Version: "0.9.0"},
			Target: assess.TargetName{Name: "lamp", Vendor: "Acme", Product: "Lamp 3", Version: version},
			Requirements: []assess.RequirementResult{
				{ID: "SVV-4", Verdict: v},
				{ID: "SVV-3", Verdict: conformance.NotApplicable},
			},
		},
	}
}

func TestMarkdown(t *testing.T) {
	later := entry("ocf-1.0", "1.5", conformance.Pass)
	later.Report.Requirements = append(later.Report.Requirements, assess.RequirementResult{ID: "NEW-1", Verdict: conformance.Warn})
	part := entry("ocf-2.2", "1.4", conformance.Inconclusive)
	part.Report.Selection = &assess.Selection{Scenarios: 7, OfScenarios: 264, Requirements: 16, OfRequirements: 51}
	part.Unverified, part.Key = "no key was given", ""
	var b bytes.Buffer
	if err := Markdown(&b, []Entry{part, later, entry("ocf-1.0", "1.4", conformance.Fail)}); err != nil {
		t.Fatal(err)
	}
	want := `
## ocf-1.0

|  | product | version | verdict | passed | tested | target | by | bundle | signed by |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
| 1 | Acme Lamp 3 | 1.4 | fail | 0 of 1 | 2026-11-29 | lamp | ocfsim 0.9.0 | lamp-1.4.tar.gz | 06e3fd8fda29bb60 |
| 2 | Acme Lamp 3 | 1.5 | pass | 2 of 2 | 2026-11-29 | lamp | ocfsim 0.9.0 | lamp-1.5.tar.gz | 06e3fd8fda29bb60 |

| requirement | says | 1 Acme Lamp 3 1.4 | 2 Acme Lamp 3 1.5 |
| --- | --- | --- | --- |
| SVV-3 | only a sufficiently privileged Client can start it | not-applicable | not-applicable |
| SVV-4 | cm.V goes to 0 at the start | fail | pass |
| NEW-1 |  |  | warn |

## ocf-2.2

|  | product | version | verdict | passed | tested | target | by | bundle | signed by |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
| 3 | Acme Lamp 3 | 1.4 | inconclusive, SELECTION: 7 of 264 scenarios, 16 of 51 requirements | 0 of 1 | 2026-11-29 | lamp | ocfsim 0.9.0 | lamp-1.4.tar.gz | NOT VERIFIED: no key was given |

| requirement | says | 3 Acme Lamp 3 1.4 (NOT VERIFIED) |
| --- | --- | --- |
| SVV-3 | only a sufficiently privileged Client can start it | not-applicable |
| SVV-4 | cm.V goes to 0 at the start | inconclusive |
`
	if _, got, _ := strings.Cut(b.String(), again); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestVersionsAreSortedByTheirNumbers(t *testing.T) {
	inOrder := []string{"", "1", "1.2", "1.9", "1.10", "1.10-beta", "2.0", "2.00", "v1"}
	for i, a := range inOrder {
		for k, b := range inOrder {
			if got := compareVersions(a, b); got != cmp.Compare(i, k) {
				t.Errorf("%q, %q: %d", a, b, got)
			}
		}
	}
}

// again is the end of what stands above the tables.
const again = "judged again.\n"

// TestWhatAVendorChoseIsText writes a product whose name is Markdown, HTML and worse.
func TestWhatAVendorChoseIsText(t *testing.T) {
	e := entry("ocf-1.0", "1|2", "<b>")
	e.Report.Target.Vendor = "<script>alert(1)</script>[x](javascript:alert(2))"
	e.Report.Target.Product = "|\n\x1b[31m\u202e`*_"
	e.Bundle = "<img src=x>"
	for name, write := range map[string]func(io.Writer, []Entry) error{"markdown": Markdown, "page": HTML} {
		var b bytes.Buffer
		if err := write(&b, []Entry{e}); err != nil {
			t.Fatal(err)
		}
		for _, bad := range []string{"<script>", "<img", "<b>", "\x1b", "\u202e", "[x](", "1|2"} {
			if name == "page" && (bad == "[x](" || bad == "1|2") {
				continue
			}
			if strings.Contains(b.String(), bad) {
				t.Errorf("%s: %q is in\n%s", name, bad, b.String())
			}
		}
	}
}

func TestPage(t *testing.T) {
	e := entry("ocf-1.0", "1.4", conformance.Fail)
	e.Unverified = "no key was given"
	var b bytes.Buffer
	if err := HTML(&b, []Entry{e}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`<th scope="row">Acme Lamp 3</th><td>1.4</td><td class="fail">fail</td><td>0 of 1</td>`,
		`<td class="unverified">NOT VERIFIED: no key was given</td>`,
		`<th scope="col" class="unverified">1 Acme Lamp 3 1.4 (NOT VERIFIED)</th>`,
		`<tr><th scope="row">SVV-4</th><td>cm.V goes to 0 at the start</td><td class="fail">fail</td></tr>`,
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %s in\n%s", want, b.String())
		}
	}
}

// full is a disk that takes nothing.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestWhatCannotBeWrittenIsAnError(t *testing.T) {
	all := []Entry{entry("ocf-1.0", "1.4", conformance.Pass)}
	if Markdown(full{}, all) == nil || HTML(full{}, all) == nil {
		t.Error("no error")
	}
}
