package reports

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
)

func schemaOf(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(SchemaJSON))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("results.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("results.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func jsonOf(t testing.TB, rep assess.Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := JSON(&b, rep); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestJSONKeepsItsSchema(t *testing.T) {
	schema := schemaOf(t)
	for name, rep := range map[string]assess.Report{
		"sample": acme().report, "large": large(80).report, "incomplete": Incomplete(acme().report),
		"empty": {Started: begun(), Tool: assess.Tool{Name: "ocfsim"}},
	} {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(jsonOf(t, rep)))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(v); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestJSONComesBack(t *testing.T) {
	want := complete(acme().report)
	got, err := ReadJSON("results.json", bytes.NewReader(jsonOf(t, want)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestJSONLeavesTheReportAlone(t *testing.T) {
	rep := newSample().report
	jsonOf(t, rep)
	if diff := cmp.Diff(newSample().report, rep); diff != "" {
		t.Error(diff)
	}
}

func TestIncomplete(t *testing.T) {
	got, err := ReadJSON("results.json", bytes.NewReader(jsonOf(t, Incomplete(acme().report))))
	if err != nil {
		t.Fatal(err)
	}
	if got.Verdict != conformance.Error || got.Reason != "incomplete" {
		t.Errorf("verdict %q, reason %q", got.Verdict, got.Reason)
	}
}

// TestFieldsMirrorTheSchema asserts that the reader's table, the schema and the Go
// types agree.
func TestFieldsMirrorTheSchema(t *testing.T) {
	var doc map[string]any
	if err := json.Unmarshal([]byte(SchemaJSON), &doc); err != nil {
		t.Fatal(err)
	}
	defs := doc["$defs"].(map[string]any)
	top := doc["properties"].(map[string]any)
	all := resultsFields()
	for name, c := range map[string]struct {
		f      *fields
		schema any
		typ    reflect.Type
	}{
		"results":     {all, doc, reflect.TypeFor[assess.Report]()},
		"tool":        {all.inner["tool"], top["tool"], reflect.TypeFor[assess.Tool]()},
		"target":      {all.inner["target"], top["target"], reflect.TypeFor[assess.TargetName]()},
		"counts":      {all.inner["counts"], top["counts"], nil},
		"requirement": {all.inner["requirements"], defs["requirement"], reflect.TypeFor[assess.RequirementResult]()},
		"scenario":    {all.inner["scenarios"], defs["scenario"], reflect.TypeFor[assess.ScenarioResult]()},
		"declared":    {all.inner["declared"], top["declared"], reflect.TypeFor[assess.Declared]()},
		"bench":       {all.inner["bench"], top["bench"], reflect.TypeFor[assess.Bench]()},
		"waiver":      {all.inner["waivers"], defs["waiver"], nil},
		"attempt":     {all.inner["scenarios"].inner["attempts"], defs["attempt"], reflect.TypeFor[assess.Attempt]()},
		"finding":     {all.inner["requirements"].inner["findings"], defs["finding"], reflect.TypeFor[conformance.Finding]()},
	} {
		schema := c.schema.(map[string]any)
		var must, may []string
		for _, v := range schema["required"].([]any) {
			must = append(must, v.(string))
		}
		for key := range schema["properties"].(map[string]any) {
			if !slices.Contains(must, key) {
				may = append(may, key)
			}
		}
		if diff := cmp.Diff(sorted(must), sorted(c.f.must)); diff != "" {
			t.Errorf("%s: required: %s", name, diff)
		}
		if diff := cmp.Diff(sorted(may), sorted(c.f.may)); diff != "" {
			t.Errorf("%s: optional: %s", name, diff)
		}
		if schema["additionalProperties"] != false {
			t.Errorf("%s: takes any property", name)
		}
		if c.typ == nil {
			continue
		}
		var tags []string
		for i := range c.typ.NumField() {
			tag, _, _ := strings.Cut(c.typ.Field(i).Tag.Get("json"), ",")
			if tag != "-" {
				tags = append(tags, tag)
			}
		}
		if diff := cmp.Diff(sorted(append(must, may...)), sorted(tags)); diff != "" {
			t.Errorf("%s: fields of the Go type: %s", name, diff)
		}
	}
}

func sorted(s []string) []string {
	s = append([]string{}, s...)
	slices.Sort(s)
	return s
}

func TestReadJSONBehindAByteOrderMark(t *testing.T) {
	want := acme().report
	got, err := ReadJSON("results.json", strings.NewReader("\ufeff"+string(jsonOf(t, want))))
	if err != nil || got.Verdict != want.Verdict {
		t.Errorf("%v, %v", got.Verdict, err)
	}
}

func TestReadJSONRefuses(t *testing.T) {
	good := string(jsonOf(t, acme().report))
	swap := func(old, new string) string { return strings.Replace(good, old, new, 1) }
	for name, c := range map[string]struct{ in, says string }{
		"nothing":         {"", "EOF"},
		"no object":       {"[]", "expected a JSON object"},
		"cut off":         {good[:len(good)/2], "EOF"},
		"more":            {good + "{}", "something follows"},
		"unknown field":   {swap(`"edition"`, `"x": 1, "edition"`), `unknown field "x"`},
		"other case":      {swap(`"edition"`, `"Edition"`), `unknown field "Edition"`},
		"twice":           {swap(`"edition"`, `"edition": "a", "edition"`), `"edition" stands twice`},
		"missing":         {swap(`"edition": "ocf-1.0",`, ``), `field "edition" is missing`},
		"schema":          {swap("ocfsim.results/1", "ocfsim.results/2"), "expected \"ocfsim.results/1\""},
		"verdict":         {swap(`"verdict": "error"`, `"verdict": "passed"`), "unknown verdict"},
		"no verdict":      {swap(`"verdict": "error"`, `"verdict": ""`), "unknown verdict"},
		"counts":          {swap(`"pass": `, `"pass": 1`), "counts"},
		"nested object":   {swap(`"edition": "ocf-1.0"`, `"edition": {"a": 1}`), "not expected here"},
		"nested too deep": {swap(`"edition": "ocf-1.0"`, `"edition": `+strings.Repeat("[", 1<<20)), "nested too deep"},
		"absolute path":   {swap(`"timeline": "timelines`, `"timeline": "/etc`), "no path inside the folder"},
		"path upwards":    {swap(`"timeline": "timelines/`, `"timeline": "../`), "no path inside the folder"},
		"negative time":   {swap(`"at_s": 0`, `"at_s": -1`), "out of range"},
	} {
		_, err := ReadJSON("old/results.json", strings.NewReader(c.in))
		if err == nil {
			t.Errorf("%s: accepted", name)
			continue
		}
		if !strings.HasPrefix(err.Error(), "old/results.json: ") || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, expected %q", name, err, c.says)
		}
	}
}

// brokenWriter fails after it has written room bytes.
type brokenWriter struct{ room int }

func (w *brokenWriter) Write(p []byte) (int, error) {
	if len(p) > w.room {
		n := w.room
		w.room = 0
		return n, syscall.ENOSPC
	}
	w.room -= len(p)
	return len(p), nil
}

func TestWritersSayWhenTheyCannotWrite(t *testing.T) {
	s := acme()
	for name, write := range map[string]func(io.Writer) error{
		"summary":    func(w io.Writer) error { return Summary(w, s.report, Style{}) },
		"overview":   func(w io.Writer) error { return Overview(w, []Entry{{Report: s.report}}, Style{}) },
		"index":      func(w io.Writer) error { return Index(w, []Entry{{Report: s.report}}) },
		"index json": func(w io.Writer) error { return IndexJSON(w, []Entry{{Report: s.report}}) },
	} {
		for _, room := range []int{0, 100} {
			if err := write(&brokenWriter{room: room}); !errors.Is(err, syscall.ENOSPC) {
				t.Errorf("%s with room for %d bytes: %v", name, room, err)
			}
		}
	}
}
