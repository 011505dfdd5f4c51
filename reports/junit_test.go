package reports

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/joshdk/go-junit"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
)

func junitOf(t *testing.T, rep assess.Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := JUnit(&b, rep, nil, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// node is an XML element that was read back.
type node struct {
	name  string
	attrs map[string]string
	kids  []*node
	text  string
}

func xmlOf(t *testing.T, data []byte) *node {
	t.Helper()
	root := &node{}
	stack := []*node{root}
	for dec := xml.NewDecoder(bytes.NewReader(data)); ; {
		tok, err := dec.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		top := stack[len(stack)-1]
		switch tok := tok.(type) {
		case xml.StartElement:
			n := &node{name: tok.Name.Local, attrs: map[string]string{}}
			for _, a := range tok.Attr {
				n.attrs[a.Name.Local] = a.Value
			}
			top.kids = append(top.kids, n)
			stack = append(stack, n)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		case xml.CharData:
			top.text += string(tok)
		}
	}
	if len(root.kids) != 1 {
		t.Fatalf("%d root elements", len(root.kids))
	}
	return root.kids[0]
}

// junitRules come from the common schema: the attributes that an element must and
// may have, and its children in order.
var junitRules = map[string]struct {
	must, may, kids []string
}{
	"testsuites": {[]string{"name", "tests", "failures", "errors", "skipped", "time"}, nil, []string{"testsuite"}},
	"testsuite": {
		[]string{"name", "tests", "failures", "errors", "skipped", "time", "timestamp"},
		[]string{"hostname", "id", "package"},
		[]string{"properties", "testcase", "system-out", "system-err"},
	},
	"testcase": {
		[]string{"classname", "name", "time"},
		nil,
		[]string{"properties", "skipped", "error", "failure", "system-out", "system-err"},
	},
	"properties": {nil, nil, []string{"property"}},
	"property":   {[]string{"name", "value"}, nil, nil},
	"failure":    {[]string{"message", "type"}, nil, nil},
	"error":      {[]string{"message", "type"}, nil, nil},
	"skipped":    {[]string{"message"}, nil, nil},
	"system-out": {nil, nil, nil},
}

// checkJUnit returns every way in which n departs from the common schema.
func checkJUnit(n *node) []string {
	rule, ok := junitRules[n.name]
	if !ok {
		return []string{"unknown element " + n.name}
	}
	var bad []string
	complain := func(format string, args ...any) { bad = append(bad, n.name+": "+fmt.Sprintf(format, args...)) }
	for _, a := range rule.must {
		if _, ok := n.attrs[a]; !ok {
			complain("attribute %s is missing", a)
		}
	}
	for a, v := range n.attrs {
		if !slices.Contains(rule.must, a) && !slices.Contains(rule.may, a) {
			complain("unknown attribute %s", a)
		}
		switch a {
		case "time":
			if x, err := strconv.ParseFloat(v, 64); err != nil || x < 0 || strings.ContainsAny(v, "eNI") {
				complain("time %q", v)
			}
		case "tests", "failures", "errors", "skipped":
			if x, err := strconv.Atoi(v); err != nil || x < 0 {
				complain("%s %q", a, v)
			}
		case "timestamp":
			if !regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$`).MatchString(v) {
				complain("timestamp %q", v)
			}
		}
	}
	at, outcomes := 0, 0
	for _, k := range n.kids {
		i := slices.Index(rule.kids, k.name)
		switch {
		case i < 0:
			complain("has a %s", k.name)
		case i < at:
			complain("%s out of order", k.name)
		}
		at = max(at, i)
		if k.name == "failure" || k.name == "error" || k.name == "skipped" {
			outcomes++
		}
		bad = append(bad, checkJUnit(k)...)
	}
	if outcomes > 1 {
		complain("%d outcomes", outcomes)
	}
	if n.name == "testsuite" {
		bad = append(bad, checkCounts(n)...)
	}
	return bad
}

func checkCounts(suite *node) []string {
	count := map[string]int{}
	for _, c := range suite.kids {
		if c.name != "testcase" {
			continue
		}
		count["tests"]++
		for _, k := range c.kids {
			switch k.name {
			case "failure", "error":
				count[k.name+"s"]++
			case "skipped":
				count[k.name]++
			}
		}
	}
	delete(count, "failures")
	var bad []string
	for _, attr := range []string{"tests", "errors", "skipped"} {
		if suite.attrs[attr] != strconv.Itoa(count[attr]) {
			bad = append(bad, fmt.Sprintf("testsuite %s: %s is %s, has %d", suite.attrs["name"], attr, suite.attrs[attr], count[attr]))
		}
	}
	return bad
}

func TestJUnitKeepsTheCommonSchema(t *testing.T) {
	hostileReport, _ := hostile()
	for name, rep := range map[string]assess.Report{
		"sample": acme().report, "large": large(80).report, "incomplete": Incomplete(acme().report), "empty": {}, "hostile": hostileReport,
	} {
		root := xmlOf(t, junitOf(t, rep))
		for _, bad := range checkJUnit(root) {
			t.Errorf("%s: %s", name, bad)
		}
		seen := map[string]bool{}
		for _, s := range root.kids {
			for _, c := range s.kids {
				if c.name != "testcase" {
					continue
				}
				key := c.attrs["classname"] + "\x00" + c.attrs["name"]
				if seen[key] {
					t.Errorf("%s: class and name are not unique: %q", name, key)
				}
				seen[key] = true
			}
		}
	}
}

// TestJUnitForAStranger reads junit.xml with somebody else's parser.
func TestJUnitForAStranger(t *testing.T) {
	rep := acme().report
	suites, err := junit.Ingest(junitOf(t, rep))
	if err != nil {
		t.Fatal(err)
	}
	status := map[string]junit.Status{}
	properties := map[string]map[string]string{}
	for _, s := range suites {
		for _, c := range s.Tests {
			id, _, _ := strings.Cut(c.Name, " ")
			status[id] = c.Status
			properties[id] = c.Properties
		}
	}
	for id, want := range map[string]junit.Status{
		"svv.check-finds": junit.StatusPassed, "svv.check-clears": junit.StatusFailed, "obs.restart": junit.StatusError,
		"svv.zero-while-pending": junit.StatusPassed, "SVV-3": junit.StatusSkipped, "SVV-4": junit.StatusFailed,
		"SVV-5": junit.StatusError, "SVV-1": junit.StatusPassed,
	} {
		if status[id] != want {
			t.Errorf("%s: %q, expected %q", id, status[id], want)
		}
	}
	if got := len(status); got != len(rep.Scenarios)+len(rep.Requirements) {
		t.Errorf("%d cases", got)
	}
}

func TestJUnitNamesTheRequirements(t *testing.T) {
	root := xmlOf(t, junitOf(t, acme().report))
	c := root.kids[0].kids[1]
	var ids []string
	for _, p := range c.kids[0].kids {
		if p.attrs["name"] == "requirement" {
			ids = append(ids, p.attrs["value"])
		}
	}
	if !slices.Contains(ids, "SVV-8") || len(ids) != len(acme().report.Scenarios[0].Requirements) {
		t.Errorf("%s carries %v", c.attrs["name"], ids)
	}
}

// TestJUnitIsNeverGreenWhenTheRunIsNot covers the verdicts that no scenario shows.
func TestJUnitIsNeverGreenWhenTheRunIsNot(t *testing.T) {
	one := func(v conformance.Verdict) assess.Report {
		rep := assess.Report{Verdict: v, Requirements: []assess.RequirementResult{{ID: "SVV-1", Verdict: v}}}
		rep.Scenarios = []assess.ScenarioResult{{ID: "a", Verdict: conformance.Pass}}
		return rep
	}
	for v, green := range map[conformance.Verdict]bool{
		conformance.Pass: true, conformance.Warn: true, conformance.Waived: true, conformance.NotApplicable: true,
		conformance.Fail: false, conformance.Error: false, conformance.Inconclusive: false, conformance.None: false, "odd": false,
	} {
		root := xmlOf(t, junitOf(t, one(v)))
		if got := root.attrs["failures"] == "0" && root.attrs["errors"] == "0"; got != green {
			t.Errorf("%q: green is %v", v, got)
		}
	}
	root := xmlOf(t, junitOf(t, Incomplete(one(conformance.Pass))))
	if root.attrs["errors"] != "1" {
		t.Error("an incomplete run is green")
	}
}

func TestJUnitTimesAreNotNegative(t *testing.T) {
	rep := assess.Report{DurationS: -3, Scenarios: []assess.ScenarioResult{{ID: "a", DurationS: -1}}}
	if out := string(junitOf(t, rep)); strings.Contains(out, `time="-`) {
		t.Error(out)
	}
}

// TestJUnitTellsTheEvidence checks that a failure contains everything needed to find
// the bug, because people in a CI system see junit.xml before any page.
func TestJUnitTellsTheEvidence(t *testing.T) {
	s := acme()
	var b bytes.Buffer
	if err := JUnit(&b, s.report, s.timeline, rerun); err != nil {
		t.Fatal(err)
	}
	var doc junitSuites
	if err := xml.Unmarshal(b.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	failures := 0
	for _, suite := range doc.Suites {
		for _, c := range suite.Cases {
			if c.Failure == nil {
				continue
			}
			failures++
			for _, want := range []string{"asked      When a privileged Client requests", "path         expected", "▶", "sentence   “", "frames  ", "rerun      ocfsim test"} {
				if !strings.Contains(c.Failure.Text, want) {
					t.Errorf("%s: %q is not in\n%s", c.Name, want, c.Failure.Text)
				}
			}
			if text := strings.Join(strings.Fields(c.Failure.Text), " "); !strings.Contains(text, " by the privileged Client at ") {
				t.Errorf("%s does not say who asked:\n%s", c.Name, c.Failure.Text)
			}
		}
	}
	if failures == 0 {
		t.Error("no failures")
	}
}

// TestJUnitEvidenceOfAHostileDevice checks that whatever a Device sent stays text,
// even where messages are shown.
func TestJUnitEvidenceOfAHostileDevice(t *testing.T) {
	rep, timelines := hostile()
	var b bytes.Buffer
	if err := JUnit(&b, rep, timelines, func(s string) string { return s }); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(b.String(), "\x1b\x00\u202e\r") || !strings.Contains(b.String(), "frames  ") {
		t.Error("what the Device sent reaches the reader, or there are no messages")
	}
	if err := xml.Unmarshal(b.Bytes(), new(junitSuites)); err != nil {
		t.Error(err)
	}
}

// TestJUnitTellsADeathFirst wants a request that the Device died of before all that
// failed besides.
func TestJUnitTellsADeathFirst(t *testing.T) {
	const died = assess.DiedOf + "POST /oic/sec/pstat"
	rep := assess.Report{
		Verdict: conformance.Fail, Reason: died + ", in b", Target: assess.TargetName{Name: "lamp"},
		Requirements: []assess.RequirementResult{
			{ID: "SVV-6", Verdict: conformance.Fail, Findings: []conformance.Finding{
				{Scenario: "a", Verdict: conformance.Fail, Reason: "no result"}, {Scenario: "b", Verdict: conformance.Fail, Reason: "no result"},
			}},
			{ID: "DPM-1", Verdict: conformance.Fail, Findings: []conformance.Finding{{Scenario: "b", Verdict: conformance.Fail, Reason: died}}},
		},
		Scenarios: []assess.ScenarioResult{{ID: "a", Verdict: conformance.Fail}, {ID: "b", Verdict: conformance.Fail}},
	}
	var doc junitSuites
	if err := xml.Unmarshal([]byte(junitOf(t, rep)), &doc); err != nil {
		t.Fatal(err)
	}
	first := doc.Suites[0].Cases[0]
	if first.Name != RunConcluded || first.Failure == nil || !strings.Contains(first.Failure.Message, died) {
		t.Errorf("the first case is %+v", first)
	}
	for _, c := range doc.Suites[1].Cases {
		if text := c.Failure.Text; strings.HasPrefix(c.Name, "b") && (!strings.Contains(text, died) || strings.Index(text, died) > strings.Index(text, "no result")) {
			t.Errorf("%s: %s", c.Name, text)
		}
	}
}
