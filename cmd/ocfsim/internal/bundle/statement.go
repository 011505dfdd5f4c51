package bundle

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/reports"
)

// The types of what is signed.
const (
	payloadType   = "application/vnd.in-toto+json"
	statementType = "https://in-toto.io/Statement/v1"
	predicateType = "https://in-toto.io/attestation/test-result/v0.1"
)

// Statement is an in-toto Statement with a test-result predicate. Its subjects are the
// packed part of the bundle, and then each file in it.
type Statement struct {
	Type          string     `json:"_type"`
	Subject       []Resource `json:"subject"`
	PredicateType string     `json:"predicateType"`
	Predicate     Predicate  `json:"predicate"`
}

// Resource is an in-toto ResourceDescriptor.
type Resource struct {
	Name        string            `json:"name,omitempty"`
	Digest      map[string]string `json:"digest,omitempty"`
	Content     []byte            `json:"content,omitempty"`
	MediaType   string            `json:"mediaType,omitempty"`
	Annotations *Sizes            `json:"annotations,omitempty"`
}

// Sizes are of the packed part of a bundle, in bytes.
type Sizes struct {
	Packed   int64 `json:"packed"`
	Unpacked int64 `json:"unpacked"` // of the tar
}

// Predicate is the test-result predicate. Tests are requirements. One that did not apply or
// stayed inconclusive is in none of the lists: it neither passed nor failed.
type Predicate struct {
	Result        Outcome    `json:"result"`
	Configuration []Resource `json:"configuration"`
	PassedTests   []string   `json:"passedTests"`
	WarnedTests   []string   `json:"warnedTests"`
	FailedTests   []string   `json:"failedTests"`
}

// Outcome is the result of a whole run, as in-toto words it.
type Outcome string

// The outcomes. Everything that is neither passed nor warned is FAILED, also a run in
// which something stayed inconclusive: who asks for PASSED alone must not get that.
const (
	Passed Outcome = "PASSED"
	Warned Outcome = "WARNED" // a warning, or a breach that is waived
	Failed Outcome = "FAILED"
)

// sha256Name is the name of SHA-256 in a digest.
const sha256Name = "sha256"

// packedName is the name of the subject that is the packed part of the bundle.
const packedName = "run.tar.gz"

// state is the Statement on the packed part and the reports in it.
func state(p packing, all []entry) (Statement, error) {
	s := Statement{Type: statementType, PredicateType: predicateType, Subject: []Resource{{
		Name: packedName, Digest: map[string]string{sha256Name: p.sum},
		Annotations: &Sizes{Packed: p.size, Unpacked: p.unpacked},
	}}}
	for _, f := range p.files {
		s.Subject = append(s.Subject, Resource{Name: f.name, Digest: map[string]string{sha256Name: f.sum}})
	}
	s.Predicate = conclude(all)
	for _, e := range all {
		content, err := json.Marshal(struct {
			Tool    assess.Tool       `json:"tool"`
			Edition string            `json:"edition"`
			Target  assess.TargetName `json:"target"`
		}{e.report.Tool, e.report.Edition, e.report.Target})
		if err != nil {
			return Statement{}, err
		}
		s.Predicate.Configuration = append(s.Predicate.Configuration, Resource{
			Name: path.Join(runFolder, e.folder, reports.ResultsFile), Content: content, MediaType: "application/json",
		})
	}
	return s, nil
}

// entry is the report of a target in its folder; "." is that of the run itself.
type entry struct {
	folder string
	report assess.Report
}

// conclude is what the reports come to. Where there are several, each requirement is named
// with the folder of its target.
func conclude(all []entry) Predicate {
	p := Predicate{Result: Failed, Configuration: []Resource{}, PassedTests: []string{}, WarnedTests: []string{}, FailedTests: []string{}}
	worst := conformance.None
	for _, e := range all {
		worst = conformance.Worst(worst, e.report.Verdict)
		for _, r := range e.report.Requirements {
			name := path.Join(e.folder, r.ID)
			switch r.Verdict {
			case conformance.Pass:
				p.PassedTests = append(p.PassedTests, name)
			case conformance.Warn, conformance.Waived:
				p.WarnedTests = append(p.WarnedTests, name)
			case conformance.Fail:
				p.FailedTests = append(p.FailedTests, name)
			}
		}
	}
	switch worst {
	case conformance.Pass:
		p.Result = Passed
	case conformance.Warn, conformance.Waived:
		p.Result = Warned
	}
	return p
}

// same is an error where p says of the outcome of tests anything else than q.
func (p Predicate) same(q Predicate) error {
	if p.Result != q.Result {
		return fmt.Errorf("the statement says %s, the run is %s", p.Result, q.Result)
	}
	for _, list := range []struct {
		name      string
		said, are []string
	}{{"passed", p.PassedTests, q.PassedTests}, {"warned", p.WarnedTests, q.WarnedTests}, {"failed", p.FailedTests, q.FailedTests}} {
		if !slices.Equal(list.said, list.are) {
			return fmt.Errorf("the statement says that %v %s, in the run it is %v", list.said, list.name, list.are)
		}
	}
	return nil
}

// packed is the packed part of the bundle as s says it was signed. The error says what s lacks.
func (s Statement) packed() (packing, error) {
	switch {
	case s.Type != statementType:
		return packing{}, fmt.Errorf("it signs a %q, expected %q", s.Type, statementType)
	case s.PredicateType != predicateType:
		return packing{}, fmt.Errorf("its predicate is a %q, expected %q", s.PredicateType, predicateType)
	case len(s.Subject) == 0 || s.Subject[0].Name != packedName || s.Subject[0].Annotations == nil:
		return packing{}, fmt.Errorf("its first subject is not %s with its sizes", packedName)
	}
	first := s.Subject[0]
	p := packing{sum: first.Digest[sha256Name], size: first.Annotations.Packed, unpacked: first.Annotations.Unpacked}
	for _, r := range s.Subject[1:] {
		p.files = append(p.files, file{r.Name, r.Digest[sha256Name]})
	}
	return p, nil
}
