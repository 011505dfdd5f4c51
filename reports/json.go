package reports

import (
	"bufio"
	"bytes"
	_ "embed" // the schema
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/fixtures/bounded"
)

// ResultsSchema is the value of schema in results.json.
const ResultsSchema = "ocfsim.results/1"

// ResultsRevision is the revision of ResultsSchema that this package writes, and the
// newest that it knows: revision 1 added attempts, waivers and partial, revision 2
// request, selection and causes, revision 3 document, declared, bench and the identity of the
// product, the commit of the tool and the source of a requirement, revision 4 measured,
// remarks, alike, edition_notes, declared.supports.availability, and timelines that share a file. A revision only adds fields; it never
// changes what a field means. In a file of a newer revision unknown fields are skipped; in
// one of a known revision they are mistakes.
const ResultsRevision = 4

// SchemaJSON is the JSON Schema (draft 2020-12) of results.json.
//
//go:embed results.schema.json
var SchemaJSON string

// ResultsFile is the name of the results file in the folder of a target.
const ResultsFile = "results.json"

// jsonFormat is results.json, for programs.
func jsonFormat() Format {
	show := func(w io.Writer, target Entry) error { return JSON(w, target.Report) }
	write := func(w io.Writer, target Entry) error {
		if target.Redraw == "" {
			return show(w, target)
		}
		return JSON(w, putTogether(target.Report))
	}
	return Format{Name: "json", Show: inTurn(show), File: ResultsFile, Write: write}
}

// verdicts are the seven verdicts of results.json, in the order in which they are
// listed.
var verdicts = [...]conformance.Verdict{
	conformance.Pass, conformance.Warn, conformance.Fail, conformance.Inconclusive,
	conformance.NotApplicable, conformance.Error, conformance.Waived,
}

// JSON writes rep as results.json. Every verdict is a key of counts; an empty list
// is []; a finding that concludes nothing is left out. A requirement, scenario or
// run without a verdict is written as inconclusive, because results.json has no
// "none". JSON does not change rep.
func JSON(w io.Writer, rep assess.Report) error {
	rep = complete(rep)
	rep.Revision = ResultsRevision
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(rep); err != nil {
		return fmt.Errorf("results.json: %w", err)
	}
	if _, err := w.Write(layout(out.Bytes())); err != nil {
		return fmt.Errorf("write results.json: %w", err)
	}
	return nil
}

// Incomplete returns rep as it must be on disk until the run is concluded: an error
// for the reason "incomplete", whatever was found so far.
func Incomplete(rep assess.Report) assess.Report {
	rep.Verdict = conformance.Error
	rep.Reason = "incomplete"
	return rep
}

// complete fills in what the contract requires and a Report may lack.
func complete(rep assess.Report) assess.Report {
	if rep.Schema == "" {
		rep.Schema = ResultsSchema
	}
	rep.Verdict = judged(rep.Verdict)
	rep.Requirements = append([]assess.RequirementResult{}, rep.Requirements...)
	for i := range rep.Requirements {
		r := &rep.Requirements[i]
		r.Verdict = judged(r.Verdict)
		r.Findings = concluded(r.Findings)
	}
	rep.Scenarios = append([]assess.ScenarioResult{}, rep.Scenarios...)
	for i := range rep.Scenarios {
		s := &rep.Scenarios[i]
		s.Verdict = judged(s.Verdict)
		s.Tags = append([]string{}, s.Tags...)
		s.Requirements = append([]string{}, s.Requirements...)
		s.Attempts = slices.Clone(s.Attempts)
		for k := range s.Attempts {
			s.Attempts[k].Verdict = judged(s.Attempts[k].Verdict)
		}
	}
	rep.Counts = counts(rep.Requirements)
	rep.Causes = assess.Causes(rep)
	return rep
}

// concluded returns fs without the findings that concluded nothing.
func concluded(fs []conformance.Finding) []conformance.Finding {
	out := make([]conformance.Finding, 0, len(fs))
	for _, f := range fs {
		if f.Verdict != conformance.None {
			out = append(out, f)
		}
	}
	return out
}

func judged(v conformance.Verdict) conformance.Verdict {
	if v == conformance.None {
		return conformance.Inconclusive
	}
	return v
}

// counts counts requirements by verdict. Every verdict is a key of the result.
func counts(rs []assess.RequirementResult) map[conformance.Verdict]int {
	n := map[conformance.Verdict]int{}
	for _, v := range verdicts {
		n[v] = 0
	}
	for _, r := range rs {
		n[judged(r.Verdict)]++
	}
	return n
}

// revision returns the revision that data names, or 0 if it names none or is not
// JSON.
func revision(data []byte) int {
	var says struct {
		Revision int `json:"revision"`
	}
	if json.Unmarshal(data, &says) != nil {
		return 0
	}
	return says.Revision
}

// ReadJSON reads results.json of this or an older revision. It is strict. It refuses
// an unknown, misspelt, repeated or missing field, an unknown verdict, counts that
// do not add up, a verdict that is better than that of a requirement or scenario, a
// path that leaves the folder, and anything after the object. Every error begins
// with name. In a newer revision unknown fields are skipped.
func ReadJSON(name string, r io.Reader) (assess.Report, error) {
	var rep assess.Report
	in := bufio.NewReader(r)
	if mark, err := in.Peek(3); err == nil && string(mark) == "\ufeff" { // some editors begin a file so
		_, _ = in.Discard(3) // it was peeked at
	}
	if first, err := in.Peek(1); err == nil && !strings.Contains("{ \t\r\n", string(first)) {
		return rep, fmt.Errorf("%s: expected a JSON object, it begins with %q", name, first)
	}
	data, err := bounded.Read(name, in, bounded.Results)
	if errors.Is(err, bounded.ErrTooLong) {
		return rep, err
	}
	if err != nil {
		return rep, fmt.Errorf("%s: %w", name, err)
	}
	newer := revision(data) > ResultsRevision
	if err := exactFields(data, newer); err != nil {
		return rep, fmt.Errorf("%s: %w", name, err)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	if !newer {
		dec.DisallowUnknownFields()
	}
	if err := dec.Decode(&rep); err != nil {
		return assess.Report{}, fmt.Errorf("%s: %w", name, err)
	}
	if err := errors.Join(apart(&rep), validate(rep)); err != nil {
		return assess.Report{}, fmt.Errorf("%s: %w", name, err)
	}
	return rep, nil
}

// validate returns an error that names the first field of rep that the contract does
// not allow.
func validate(rep assess.Report) error {
	switch {
	case rep.Schema != ResultsSchema:
		return fmt.Errorf("schema: expected %q, got %q", ResultsSchema, rep.Schema)
	case rep.Revision < 0:
		return errors.New("revision: less than 0")
	case !known(rep.Verdict):
		return fmt.Errorf("verdict: unknown verdict %q", rep.Verdict)
	case rep.DurationS < 0:
		return errors.New("duration_s: less than 0")
	case !possible(rep.Selection):
		return errors.New("selection: less than 0, or more than there are")
	case !maps.Equal(rep.Counts, counts(rep.Requirements)):
		return errors.New("counts: expected the number of requirements of each of the seven verdicts")
	}
	for i, r := range rep.Requirements {
		if err := validFindings(r.Findings); err != nil {
			return fmt.Errorf("requirements[%d].findings%w", i, err)
		}
		if r.ID == "" || !known(r.Verdict) {
			return fmt.Errorf("requirements[%d]: no id, or unknown verdict %q", i, r.Verdict)
		}
	}
	if err := errors.Join(distinct(rep), consistent(rep)); err != nil {
		return err
	}
	for i, s := range rep.Scenarios {
		if err := validFindings(s.Checks, conformance.None); err != nil {
			return fmt.Errorf("scenarios[%d].checks%w", i, err)
		}
		switch {
		case s.ID == "" || !known(s.Verdict):
			return fmt.Errorf("scenarios[%d]: no id, or unknown verdict %q", i, s.Verdict)
		case s.DurationS < 0:
			return fmt.Errorf("scenarios[%d].duration_s: less than 0", i)
		case s.Timeline != "" && !local(s.Timeline):
			return fmt.Errorf("scenarios[%d].timeline: %q is no path inside the folder", i, s.Timeline)
		}
		if err := validAttempts(s); err != nil {
			return fmt.Errorf("scenarios[%d]%w", i, err)
		}
	}
	return nil
}

// possible reports whether s can be: no more was selected than there is.
func possible(s *assess.Selection) bool {
	return s == nil || s.Scenarios >= 0 && (s.OfScenarios == 0 || s.Scenarios <= s.OfScenarios) &&
		s.Requirements >= 0 && s.Requirements <= s.OfRequirements
}

// validAttempts accepts no attempts, or several of which one decided.
func validAttempts(s assess.ScenarioResult) error {
	if n := len(s.Attempts); n == 1 || s.Attempt < 0 || s.Attempt > n || n > 0 && s.Attempt == 0 {
		return fmt.Errorf(": attempt %d of %d", s.Attempt, n)
	}
	for i, a := range s.Attempts {
		if err := validFindings(a.Checks, conformance.None); err != nil {
			return fmt.Errorf(".attempts[%d].checks%w", i, err)
		}
		switch {
		case !known(a.Verdict):
			return fmt.Errorf(".attempts[%d]: unknown verdict %q", i, a.Verdict)
		case a.DurationS < 0:
			return fmt.Errorf(".attempts[%d].duration_s: less than 0", i)
		case a.Timeline != "" && !local(a.Timeline):
			return fmt.Errorf(".attempts[%d].timeline: %q is no path inside the folder", i, a.Timeline)
		}
	}
	return nil
}

// distinct refuses a requirement or scenario that appears twice.
func distinct(rep assess.Report) error {
	seen := map[string]bool{}
	for i, r := range rep.Requirements {
		if seen[r.ID] {
			return fmt.Errorf("requirements[%d]: %s stands twice", i, r.ID)
		}
		seen[r.ID] = true
	}
	clear(seen)
	for i, s := range rep.Scenarios {
		if seen[s.ID] {
			return fmt.Errorf("scenarios[%d]: %s stands twice", i, s.ID)
		}
		seen[s.ID] = true
	}
	return nil
}

// consistent refuses a verdict that is better than the verdicts it is made of, and a
// pass in which nothing passed. No run concludes such a verdict.
func consistent(rep assess.Report) error {
	for i, r := range rep.Requirements {
		if conformance.Worst(rep.Verdict, r.Verdict) != rep.Verdict {
			return fmt.Errorf("verdict: %s, though requirements[%d] %s is %s", rep.Verdict, i, r.ID, r.Verdict)
		}
	}
	for i, s := range rep.Scenarios {
		if conformance.Worst(rep.Verdict, s.Verdict) != rep.Verdict {
			return fmt.Errorf("verdict: %s, though scenarios[%d] %s is %s", rep.Verdict, i, s.ID, s.Verdict)
		}
	}
	if n := rep.Counts; n[conformance.Pass]+n[conformance.Warn]+n[conformance.Waived] == 0 {
		if code, _ := Exit(rep.Verdict); code == 0 {
			return fmt.Errorf("verdict: %s, though no requirement passed", rep.Verdict)
		}
	}
	return nil
}

// validFindings accepts the seven verdicts and those in also.
func validFindings(fs []conformance.Finding, also ...conformance.Verdict) error {
	for i, f := range fs {
		if !known(f.Verdict) && !slices.Contains(also, f.Verdict) {
			return fmt.Errorf("[%d].verdict: unknown verdict %q", i, f.Verdict)
		}
		if f.AtS < 0 || f.Witness < -1 || f.Request < 0 {
			return fmt.Errorf("[%d]: at_s, witness or request out of range", i)
		}
	}
	return nil
}

func known(v conformance.Verdict) bool { return slices.Contains(verdicts[:], v) }

// local reports whether p, a slash-separated path, stays inside the folder that it
// is relative to.
func local(p string) bool { return filepath.IsLocal(filepath.FromSlash(p)) && path.Clean(p) == p }
