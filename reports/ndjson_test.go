package reports

import (
	"bytes"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Each line of --format ndjson is as its schema says: those of the course, and the end.
func TestEventsAreAsTheSchemaSays(t *testing.T) {
	var b bytes.Buffer
	f, err := Named("ndjson")
	if err != nil {
		t.Fatal(err)
	}
	told := f.Follow(&b)
	for _, e := range course() {
		told(e)
	}
	lamp, lock := acme(), acme()
	lamp.report.Target.Name = "Bolt lock"
	entries := []Entry{{Folder: "acme-lamp", Report: lamp.report}, {Folder: "bolt-lock", Report: lock.report}}
	if err := f.Show(&b, entries, Style{}); err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(EventsSchemaJSON))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("events.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("events.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for line := range strings.Lines(b.String()) {
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
		if err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if err := schema.Validate(v); err != nil {
			t.Errorf("%v: %s", err, line)
		}
		kinds = append(kinds, v.(map[string]any)["event"].(string))
	}
	want := "scenario-begins scenario-waits scenario-begins scenario-ends scenario-ends scenario-waits scenario-ends target-ends target-ends run-ends"
	if got := strings.Join(kinds, " "); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// A sink that takes nothing is told of at the end.
func TestEventsAreAnErrorOfTheirWriter(t *testing.T) {
	f, err := Named("ndjson")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Show(&brokenWriter{room: 10}, []Entry{{Report: acme().report}}, Style{}); err == nil {
		t.Error("no error")
	}
}
