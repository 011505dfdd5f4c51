package reports

import (
	"bytes"
	"compress/gzip"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	messages "github.com/cucumber/messages/go/v34"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/conformance/judge"
	"github.com/ocfsim/ocfsim/conformance/steps"
	"github.com/ocfsim/ocfsim/features"
)

// whole is a run of every built-in scenario, whose verdicts come one after another, and of
// one that nobody knows.
func whole(t *testing.T) assess.Report {
	t.Helper()
	catalogue, err := steps.Load(features.FS, judge.IDs())
	if err != nil {
		t.Fatal(err)
	}
	rep := assess.Report{Target: assess.TargetName{Name: "Acme lamp"}, Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Verdict: conformance.Fail}
	for i, s := range catalogue.Scenarios {
		rep.Scenarios = append(rep.Scenarios, assess.ScenarioResult{
			ID: s.ID, Name: s.Name, Feature: s.Feature, Verdict: verdicts[i%len(verdicts)], Reason: "because", DurationS: 0.5,
		})
	}
	rep.Scenarios = append(rep.Scenarios, assess.ScenarioResult{
		ID: "mine.a-thing", Name: "A thing\n  Scenario: another", Feature: "Mine", Verdict: conformance.Pass,
	})
	return rep
}

// TestCucumberMessages holds the messages to the schema of their project, and each
// scenario to what its last step says.
func TestCucumberMessages(t *testing.T) {
	rep := whole(t)
	var b bytes.Buffer
	if err := cucumber(&b, []Entry{{Report: rep}, {Report: rep}}, Style{}); err != nil {
		t.Fatal(err)
	}
	schema := messagesSchema(t)
	var finished []messages.TestStepResultStatus
	var last messages.TestStepResultStatus
	kinds := map[string]int{}
	for line := range strings.Lines(b.String()) {
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(v); err != nil {
			t.Fatalf("%v: %.400s", err, line)
		}
		for kind, m := range v.(map[string]any) {
			kinds[kind]++
			switch kind {
			case "testStepFinished":
				last = messages.TestStepResultStatus(m.(map[string]any)["testStepResult"].(map[string]any)["status"].(string))
			case "testCaseFinished":
				finished = append(finished, last)
			}
		}
	}
	files, err := fs.Glob(features.FS, "*.feature")
	if err != nil {
		t.Fatal(err)
	}
	n := 2 * len(rep.Scenarios)
	for kind, want := range map[string]int{
		"meta": 1, "testRunStarted": 1, "testRunFinished": 1, "source": 2 * (len(files) + 1), "pickle": n, "testCase": n, "testCaseStarted": n, "testCaseFinished": n,
	} {
		if kinds[kind] != want {
			t.Errorf("%d messages %s, want %d", kinds[kind], kind, want)
		}
	}
	var want []messages.TestStepResultStatus
	for _, s := range slices.Concat(rep.Scenarios, rep.Scenarios) {
		want = append(want, map[conformance.Verdict]messages.TestStepResultStatus{
			conformance.Pass: "PASSED", conformance.Warn: "PASSED", conformance.Fail: "FAILED", conformance.Error: "FAILED",
			conformance.Inconclusive: "PENDING", conformance.NotApplicable: "SKIPPED", conformance.Waived: "SKIPPED",
		}[s.Verdict])
	}
	if !slices.Equal(finished, want) {
		t.Errorf("the last steps say %v\nwant %v", finished, want)
	}
	if !strings.HasSuffix(strings.TrimSpace(b.String()), "}}") || !strings.Contains(b.String(), `"testRunFinished":{"message":"at least one requirement failed","success":false`) {
		t.Error("the run has success, or does not end")
	}
}

// messagesSchema is messages.schema.json of @cucumber/messages 34.2.1 (MIT licence), which
// has a definition for each message.
func messagesSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	f, err := os.Open("testdata/cucumber-messages.schema.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	in, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(in)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("https://cucumber.io/schema/Envelope.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("https://cucumber.io/schema/Envelope.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}
