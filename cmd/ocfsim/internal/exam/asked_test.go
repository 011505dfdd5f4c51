package exam_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/exam"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/ocf"
)

// looked is what was wrong with what the reports of an exam say, and how many
// findings were looked at.
type looked struct {
	mu       sync.Mutex
	findings int
	wrong    []string
	open     []string // expectations that were not met, though no requirement is broken
}

// look goes over the findings of one candidate.
func (l *looked) look(c exam.Candidate, r suite.Result) {
	var wrong []string
	n := 0
	timelines := r.Timelines()
	for _, q := range r.Report.Requirements {
		for _, f := range q.Findings {
			if f.Verdict != conformance.Fail && f.Verdict != conformance.Warn {
				continue
			}
			tl, err := timelines(fileOf(r.Report, f))
			if err != nil {
				wrong = append(wrong, fmt.Sprintf("%s %s: %v", c.Name, q.ID, err))
				continue
			}
			n++
			for _, why := range wronglyAsked(tl, q.ID, f) {
				wrong = append(wrong, fmt.Sprintf("%s: %s in %s, %q: %s", c.Name, q.ID, f.Scenario, f.Reason, why))
			}
		}
	}
	for _, why := range unnamed(r.Report) {
		wrong = append(wrong, c.Name+": "+why)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open = append(l.open, expectedMore(c, r.Report)...)
	l.findings += n
	l.wrong = append(l.wrong, wrong...)
}

// unnamed says where a report is red and names no requirement that is broken.
func unnamed(rep assess.Report) []string {
	var wrong []string
	failed := map[string]bool{} // the scenarios in which a requirement failed
	rows := 0
	for _, q := range rep.Requirements {
		if q.Verdict == conformance.Fail {
			rows++
		}
		for _, f := range q.Findings {
			failed[f.Scenario] = failed[f.Scenario] || f.Verdict == conformance.Fail
		}
	}
	for _, s := range rep.Scenarios {
		if s.Verdict == conformance.Fail && !failed[s.ID] {
			wrong = append(wrong, fmt.Sprintf("%s fails, and no requirement does in it: %s", s.ID, s.Reason))
		}
	}
	if rep.Verdict == conformance.Fail && rows == 0 {
		wrong = append(wrong, "the run failed, and no requirement did")
	}
	return wrong
}

// expectedMore are the expectations of scenarios that were not met though no
// requirement is broken: a rule may be missing.
func expectedMore(c exam.Candidate, rep assess.Report) []string {
	var all []string
	for _, s := range rep.Scenarios {
		for _, f := range s.Checks {
			if assess.WithoutRule(f) {
				all = append(all, fmt.Sprintf("%s: %s: %s", c.Name, s.ID, f.Reason))
			}
		}
	}
	return all
}

// fileOf is the Timeline that f was found in.
func fileOf(rep assess.Report, f conformance.Finding) string {
	for _, whole := range rep.Scenarios {
		for _, s := range whole.Each() {
			if s.ID == f.Scenario && s.Attempt == f.Attempt {
				return s.Timeline
			}
		}
	}
	return ""
}

// namesTheClient are the requirements whose reasons name the Client that asked, and
// no other one.
var (
	namesTheClient = []string{"SVV-1", "SSU-1", "SVV-3", "SSU-3", "DPM-12", "OBS-1", "OBS-5"}
	clientNamed    = regexp.MustCompile(`Client ((?:unprivileged|privileged|second)(?: (?:anonymous|without ACE|read-only|notify-only|wrong role|expired|deleted credential|wrong key|wildcard|other resource|auth-crypt|update-only))?)`)
	maskNamed      = regexp.MustCompile(`\btm=([VU+0x-]+|0x[0-9a-f]+)(?: of Client| was written| was accepted| was refused|,? during| the (?:check|update) (?:ended|never|ran|was))`)
)

// wronglyAsked says what is wrong with what f, a finding on tl, says was asked.
func wronglyAsked(tl conformance.Timeline, requirement string, f conformance.Finding) []string {
	a := assess.AskedBy(tl, f)
	if a.N < 0 {
		for i, o := range tl.Observations {
			if o.Kind == conformance.Request && o.Frame.Code != conformance.MethodGET && i <= f.Witness {
				return []string{fmt.Sprintf("nothing was asked, but %d is a %s of the %s Client", i, o.Frame.Code, o.Client)}
			}
		}
		return nil
	}
	var wrong []string
	report := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	o := tl.Observations[a.N]
	if f.Witness >= 0 && a.N > f.Witness {
		report("asked at %d, after %d had decided", a.N, f.Witness)
	}
	step := ""
	for _, before := range tl.Observations[:a.N] {
		if before.Kind == conformance.Step {
			step = before.Text
		}
	}
	if a.Step != step || a.Client != o.Client {
		report("asked by %q in %q, but %d was sent by %q in %q", a.Client, a.Step, a.N, o.Client, step)
	}
	if m := clientNamed.FindStringSubmatch(f.Reason); m != nil && slices.Contains(namesTheClient, requirement) && m[1] != a.Client {
		report("asked by %q, and the reason names %q", a.Client, m[1])
	}
	if m := maskNamed.FindStringSubmatch(f.Reason); m != nil && o.Kind == conformance.Request {
		u, err := ocf.DecodePstatUpdate(o.Frame.Payload)
		want := strings.TrimSuffix(m[1], "-")
		if want == "0" {
			want = ""
		}
		if err != nil || strings.Trim(u.TM.String(), "-") != want {
			report("asked for tm=%v (%v), and the reason names %s", u.TM, err, m[0])
		}
	}
	for i := a.N + 1; i <= f.Witness && f.Request == 0; i++ { // the judge names no other one
		if w := tl.Observations[i]; w.Kind == conformance.Request && w.Frame.Path == ocf.PathPstat && w.Frame.Code != conformance.MethodGET {
			answered := tl.Observations[f.Witness].For
			if answered == nil || *answered != a.N {
				report("asked at %d, and the %s Client wrote at %d before it was decided", a.N, w.Client, i)
			}
		}
	}
	return wrong
}

// TestWhatIsReportedIsTrue checks, over all findings of all deviants,
// that a finding names the write that it is about: the step in which it was made, the
// Client that made it, and the moment; and over all candidates that a scenario fails
// only where a requirement does, and a run likewise.
func TestWhatIsReportedIsTrue(t *testing.T) {
	seen := held(t).looked
	if seen.findings == 0 {
		t.Fatal("no finding was looked at")
	}
	for _, wrong := range seen.wrong {
		t.Error(wrong)
	}
	for _, more := range seen.open {
		t.Log(more)
	}
}
