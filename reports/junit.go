package reports

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
)

// The elements of junit.xml, in the order of the common schema: properties,
// then the outcome, then system-out.
type (
	junitSuites struct {
		XMLName  xml.Name      `xml:"testsuites"`
		Name     string        `xml:"name,attr"`
		Tests    int           `xml:"tests,attr"`
		Failures int           `xml:"failures,attr"`
		Errors   int           `xml:"errors,attr"`
		Skipped  int           `xml:"skipped,attr"`
		Time     string        `xml:"time,attr"`
		Suites   []*junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		XMLName    xml.Name         `xml:"testsuite"`
		Name       string           `xml:"name,attr"`
		Tests      int              `xml:"tests,attr"`
		Failures   int              `xml:"failures,attr"`
		Errors     int              `xml:"errors,attr"`
		Skipped    int              `xml:"skipped,attr"`
		Time       string           `xml:"time,attr"`
		Timestamp  string           `xml:"timestamp,attr"`
		Properties *junitProperties `xml:"properties,omitempty"`
		Cases      []junitCase      `xml:"testcase"`

		seconds float64
	}
	junitCase struct {
		XMLName    xml.Name         `xml:"testcase"`
		Classname  string           `xml:"classname,attr"`
		Name       string           `xml:"name,attr"`
		Time       string           `xml:"time,attr"`
		Properties *junitProperties `xml:"properties,omitempty"`
		Failure    *junitOutcome    `xml:"failure,omitempty"`
		Error      *junitOutcome    `xml:"error,omitempty"`
		Skipped    *junitOutcome    `xml:"skipped,omitempty"`
		SystemOut  string           `xml:"system-out,omitempty"`
	}
	junitProperties struct {
		Property []junitProperty `xml:"property"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitOutcome struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

// JUnitFile is the name of the file where CI finds the results of a target.
const JUnitFile = "junit.xml"

// junitFormat is junit.xml, for CI.
func junitFormat() Format {
	write := func(w io.Writer, target Entry) error {
		return writeJUnit(w, target)
	}
	return Format{Name: "junit", Show: inTurn(write), File: JUnitFile, Write: write}
}

// JUnit writes rep as junit.xml: a suite for each feature with a case for each
// scenario, and the suite "requirements" with a case for each requirement. That
// suite also shows the requirements that no scenario concluded.
//
//	fail            <failure type="fail">
//	error           <error type="error">
//	inconclusive    <error type="inconclusive">: no tool shows it as green, as the exit code 3 is not 0
//	not-applicable  <skipped message="not-applicable: reason">
//	waived          <skipped message="waived: reason">
//	warn            passed, with the warning in <system-out>
//
// If the run was not the whole suite, the name of the file's root says so, and the
// property "selection" of each suite.
//
// The suite "waivers" has a case for each waiver, which fails if the waiver is
// unexpected, unused or expired. A run that is an error for a reason of its own, or in
// which the Device died of a request, has the case "run concluded" before all others.
//
// The text of a failure says what was asked, the expected path beside the observed
// one, the sentence, the messages that decided, and the command that runs the
// scenario again. timelines and rerun may be nil; then the parts that need them are
// left out.
func JUnit(w io.Writer, rep assess.Report, timelines Timelines, rerun Rerun) error {
	return writeJUnit(w, Entry{Report: rep, Timelines: timelines, Rerun: rerun})
}

// writeJUnit is JUnit of a target. Of one among many, the cases that passed have no properties:
// results.json has what they say.
func writeJUnit(w io.Writer, target Entry) error {
	rep := complete(target.Report)
	suites := junitSuites{Name: "ocfsim: " + clean(rep.Target.Name), Time: junitTime(rep.DurationS)}
	if rep.Selection != nil {
		suites.Name += ", " + selected(rep)
	}
	cases := casebook{newBook(rep, assess.SentencesOf(rep)), target.Timelines, target.Rerun, target.Redraw != ""}
	if rep.Verdict == conformance.Error && rep.Reason != "" || strings.HasPrefix(rep.Reason, assess.DiedOf) {
		s := newSuite(rep, "run")
		s.add(rep.Verdict, junitCase{Classname: classname(rep, "run"), Name: RunConcluded}, clean(rep.Reason), clean(rep.Reason), 0)
		suites.Suites = append(suites.Suites, s)
	}
	suites.Suites = append(suites.Suites, junitFeatures(rep, cases)...)
	suites.Suites = append(suites.Suites, junitRequirements(rep, cases))
	if len(rep.Waivers) > 0 {
		suites.Suites = append(suites.Suites, junitWaivers(rep))
	}
	for _, s := range suites.Suites {
		s.unique()
		s.Time = junitTime(s.seconds)
		suites.Tests += s.Tests
		suites.Failures += s.Failures
		suites.Errors += s.Errors
		suites.Skipped += s.Skipped
	}
	out, err := xml.MarshalIndent(suites, "", " ")
	if err != nil {
		return fmt.Errorf("junit.xml: %w", err)
	}
	out = bytes.ReplaceAll(out, []byte("></property>"), []byte("/>")) // in a text it would be escaped
	if _, err := io.WriteString(w, xml.Header+string(out)+"\n"); err != nil {
		return fmt.Errorf("write junit.xml: %w", err)
	}
	return nil
}

func newSuite(rep assess.Report, name string) *junitSuite {
	s := &junitSuite{Name: name, Timestamp: rep.Started.UTC().Format("2006-01-02T15:04:05")}
	s.Properties = junitNamed(append([]string{
		"edition", rep.Edition, "endpoint", rep.Target.Endpoint, "di", rep.Target.DI,
		"secured", strconv.FormatBool(rep.Target.Secured), "owning", rep.Target.Owning, "security", security(rep),
		"selection", selected(rep), "tool", rep.Tool.Name + " " + rep.Tool.Version,
	}, identityWords(rep)...)...)
	return s
}

// classname makes sure that the only dot is the one between target and feature,
// because tools split the name at dots.
func classname(rep assess.Report, feature string) string {
	undotted := func(s string) string { return strings.ReplaceAll(clean(s), ".", "_") }
	name := undotted(rep.Target.Name)
	if name == "" {
		name = "target"
	}
	return name + "." + undotted(feature)
}

func junitFeatures(rep assess.Report, cases casebook) []*junitSuite {
	var suites []*junitSuite
	at := map[string]*junitSuite{}
	for _, r := range rep.Scenarios {
		s := at[r.Feature]
		if s == nil {
			s = newSuite(rep, clean(r.Feature))
			at[r.Feature] = s
			suites = append(suites, s)
		}
		c := junitCase{Classname: classname(rep, r.Feature), Name: clean(strings.TrimSpace(r.ID + " " + r.Name))}
		words := []string{"scenario", r.ID, "verdict", string(r.Verdict), "timeline", r.Timeline}
		for i, a := range r.Attempts {
			words = append(words, fmt.Sprintf("attempt %d", i+1), attemptText(a))
		}
		if r.Flaky {
			words = append(words, "flaky", "true")
		}
		for _, id := range r.Requirements {
			words = append(words, "requirement", id)
		}
		if !cases.short || r.Verdict != conformance.Pass || r.Flaky {
			c.Properties = junitNamed(words...)
		}
		text := ""
		if !good(r.Verdict) { // of what is good no text is shown
			text = scenarioText(rep, r) + cases.scenario(r)
		}
		s.add(r.Verdict, c, clean(r.Reason), text, r.DurationS)
	}
	return suites
}

func junitRequirements(rep assess.Report, cases casebook) *junitSuite {
	s := newSuite(rep, "requirements")
	says, b := cases.clauses, cases.reportBook
	for _, r := range rep.Requirements {
		c := junitCase{Classname: classname(rep, "requirements"), Name: clean(strings.TrimSpace(r.ID + " " + says[r.ID].Says))}
		if !cases.short || r.Verdict != conformance.Pass {
			c.Properties = junitNamed(append([]string{"requirement", r.ID, "level", string(r.Level), "verdict", string(r.Verdict)}, sourceWords(r.Source)...)...)
		}
		reason, text := r.Reason, ""
		for _, f := range r.Findings {
			if f.Verdict == r.Verdict {
				if !good(r.Verdict) {
					text += findingText("scenario "+f.Scenario+attemptOf(f), f)
				}
				if reason == "" || r.Verdict == conformance.Waived && text == "" {
					reason = strings.TrimPrefix(why(f), ": ")
				}
				if excuse := b.excuse(f); excuse != "" && !strings.Contains(reason, excuse) {
					reason += "; " + excuse
				}
			}
		}
		s.add(r.Verdict, c, clean(reason), text+cases.requirement(r), 0)
	}
	return s
}

// add appends c with the outcome for v.
func (s *junitSuite) add(v conformance.Verdict, c junitCase, reason, text string, seconds float64) {
	s.Tests++
	if seconds > 0 && !math.IsInf(seconds, 1) {
		s.seconds += seconds
	}
	c.Time = junitTime(seconds)
	message := string(v)
	if reason != "" {
		message += ": " + reason
	}
	outcome := &junitOutcome{Message: message, Type: string(v), Text: text}
	switch v {
	case conformance.Fail:
		s.Failures++
		c.Failure = outcome
	case conformance.NotApplicable, conformance.Waived:
		s.Skipped++
		c.Skipped = &junitOutcome{Message: message}
	case conformance.Pass:
	case conformance.Warn:
		c.SystemOut = message + "\n" + text
	default:
		s.Errors++
		c.Error = outcome
	}
	s.Cases = append(s.Cases, c)
}

// unique numbers the cases that would otherwise have the same class and name.
func (s *junitSuite) unique() {
	seen := map[string]int{}
	for i := range s.Cases {
		c := &s.Cases[i]
		seen[c.Name]++
		if n := seen[c.Name]; n > 1 {
			c.Name = fmt.Sprintf("%s (%d)", c.Name, n)
			seen[c.Name]++
		}
	}
}

// scenarioText lists the findings and checks of a scenario that have the scenario's
// verdict.
func scenarioText(rep assess.Report, s assess.ScenarioResult) string {
	first, text := "", "" // a request that the Device died of is told before all else
	for i, f := range s.Checks {
		if f.Verdict == s.Verdict {
			text += findingText(fmt.Sprintf("expectation %d", i+1), f)
		}
	}
	for _, r := range rep.Requirements {
		for _, f := range r.Findings {
			switch {
			case f.Scenario != s.ID || f.Verdict != s.Verdict:
			case fatal(f):
				first += findingText(r.ID+attemptOf(f), f)
			default:
				text += findingText(r.ID+attemptOf(f), f)
			}
		}
	}
	return first + text
}

// attemptText describes one attempt in one line.
func attemptText(a assess.Attempt) string {
	return strings.TrimSpace(fmt.Sprintf("%s in %s (%s) %s", a.Verdict, took(a.DurationS), a.Timeline, a.Reason))
}

func attemptOf(f conformance.Finding) string {
	if f.Attempt == 0 {
		return ""
	}
	return fmt.Sprintf(", attempt %d", f.Attempt)
}

func findingText(who string, f conformance.Finding) string {
	text := "\n" + who + "\n"
	for _, line := range [][2]string{{"want", f.Want}, {"got", f.Got}, {"reason", f.Reason}} {
		if line[1] != "" {
			text += "  " + line[0] + ": " + line[1] + "\n"
		}
	}
	if f.Witness >= 0 {
		text += "  at: " + seconds(f.AtS) + "\n"
	}
	return cleanLines(text)
}

// cleanLines is like clean, but keeps line ends.
func cleanLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = clean(lines[i])
	}
	return strings.Join(lines, "\n")
}

func junitNamed(words ...string) *junitProperties {
	p := &junitProperties{}
	for i := 0; i+1 < len(words); i += 2 {
		if words[i+1] != "" {
			p.Property = append(p.Property, junitProperty{words[i], clean(words[i+1])})
		}
	}
	return p
}

func junitTime(s float64) string {
	if s < 0 || math.IsNaN(s) || s > time.Duration(math.MaxInt64).Seconds() {
		s = 0
	}
	return strconv.FormatFloat(s, 'f', 3, 64)
}
