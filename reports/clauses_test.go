package reports

import (
	"bytes"
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
)

// TestThePageNamesClauses wants the clauses that a requirement bears on, marked as our reading,
// and nothing beside one that bears on none.
func TestThePageNamesClauses(t *testing.T) {
	for id, want := range map[string]string{
		"SSU-14": "<dt>Bears on (our reading, not the standard&#39;s)</dt><dd>TS 103 701 IXIT 7-UpdMech, Security Guarantees</dd>",
		"SVV-4":  "",
	} {
		rep := lampPasses()
		rep.Requirements = []assess.RequirementResult{{ID: id, Level: "duty", Verdict: conformance.Inconclusive}}
		var b bytes.Buffer
		if err := HTML(&b, rep, nil, nil); err != nil {
			t.Fatal(err)
		}
		if says := strings.Contains(b.String(), "Bears on"); says != (want != "") || !strings.Contains(b.String(), want) {
			t.Errorf("%s: no %q in\n%s", id, want, b.String())
		}
	}
}
