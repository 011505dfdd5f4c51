package judge

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/ocfsim/ocfsim/conformance"
)

const recorded = "../../fixtures/timelines"

// TestRecordedTimelines judges again what was recorded from Devices on the
// wire. A changed verdict here is a changed verdict for users.
func TestRecordedTimelines(t *testing.T) {
	judged := map[string]bool{}
	datadriven.RunTest(t, "testdata/recorded", func(t *testing.T, d *datadriven.TestData) string {
		name := d.CmdArgs[0].Key + ".jsonl"
		judged[name] = true
		file, err := os.Open(filepath.Join(recorded, name))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		tl, err := conformance.ReadTimeline(name, file)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, e := range tl.Expectations {
			f := Check(e, tl)
			b.WriteString(e.Text + " " + string(f.Verdict) + ": " + f.Reason + "\n")
		}
		return b.String() + list(tl, All(tl), conformance.Pass, conformance.Fail, conformance.Warn, conformance.Inconclusive)
	})
	files, err := os.ReadDir(recorded)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !judged[f.Name()] {
			t.Errorf("%s is in no test", f.Name())
		}
	}
}
