package counter_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/counter"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

// tally counts the outcomes of many runs. Several goroutines may use it at once.
type tally struct {
	t  *testing.T
	mu sync.Mutex

	runs, impaired int
	datagrams      memnet.Counts
	scenarios      map[conformance.Verdict]int
	findings       map[conformance.Verdict]int
	drawn          map[string]int // scenarios, behaviours and quirks
	warned         map[string]int // by requirement and reason
	given          []error        // why the harness gave up: nothing was judged then
}

func newTally(t *testing.T) *tally {
	return &tally{
		t: t, scenarios: map[conformance.Verdict]int{}, findings: map[conformance.Verdict]int{}, drawn: map[string]int{}, warned: map[string]int{},
	}
}

// draw counts what was drawn for d.
func (a *tally) draw(d counter.Draw) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, s := range d.Scenarios {
		a.drawn[s.ID]++
	}
	a.drawn[d.Specimen.Behaviour.Name]++
	for _, q := range d.Specimen.Variant.Quirks {
		a.drawn[q]++
	}
}

// enter counts the outcome of d over a network. A fail is an error of the test, and so
// is a run over a clean network that was not judged.
func (a *tally) enter(d counter.Draw, over memnet.Impairment, o counter.Result, err error) {
	r := o.Report
	a.mu.Lock()
	defer a.mu.Unlock()
	a.runs++
	clean := over == memnet.Impairment{}
	a.datagrams.Sent += o.Datagrams.Sent
	a.datagrams.Lost += o.Datagrams.Lost
	a.datagrams.Duplicated += o.Datagrams.Duplicated
	a.datagrams.Reordered += o.Datagrams.Reordered
	if !clean {
		a.impaired++
	}
	if err != nil {
		a.given = append(a.given, err)
		if clean {
			a.t.Errorf("not judged over a clean network: %v", err)
		}
		if r.Verdict != conformance.Error {
			a.t.Errorf("the harness gave up and the verdict is %s, not error: %v", r.Verdict, err)
		}
		return
	}
	if r.Verdict == conformance.Error && over.Loss > 0 && unanswered(r) {
		a.given = append(a.given, fmt.Errorf("%v over %+v: some scenarios: the Device does not answer", d, over))
		return
	}
	if r.Verdict == conformance.Error {
		a.t.Errorf("%v over %+v: %s", d, over, r.Reason)
	}
	for _, q := range r.Requirements {
		for _, f := range q.Findings {
			a.findings[f.Verdict]++
			if f.Verdict == conformance.Warn {
				a.warned[q.ID+": "+f.Reason]++
			}
			if red(f.Verdict) {
				a.t.Errorf("%s of %s: %s\n\tin %s\n\t%v\n\tover %+v", f.Verdict, q.ID, f.Reason, f.Scenario, d, over)
			}
		}
	}
	for _, s := range r.Scenarios {
		a.scenarios[s.Verdict]++
		if red(s.Verdict) {
			a.t.Errorf("%s of %s: %s\n\t%v\n\tover %+v", s.Verdict, s.ID, s.Reason, d, over)
		}
	}
}

// unanswered reports whether all that went wrong in r is that the Device did not
// answer. Over a network that loses datagrams nobody can tell who is to blame.
func unanswered(r assess.Report) bool {
	for _, s := range r.Scenarios {
		if red(s.Verdict) && !strings.HasSuffix(s.Reason, "does not answer") {
			return false
		}
	}
	return true
}

// red reports whether v is a verdict that no compliant Device may get.
func red(v conformance.Verdict) bool { return v == conformance.Fail || v == conformance.Error }

// String is the counts in a few lines.
func (a *tally) String() string {
	count := func(of map[conformance.Verdict]int) string {
		var all []string
		for _, v := range slices.Sorted(maps.Keys(of)) {
			all = append(all, fmt.Sprintf("%d %s", of[v], v))
		}
		return strings.Join(all, ", ")
	}
	return fmt.Sprintf("%d runs, %d of them over impaired networks; %d not judged\ndatagrams: %+v\nscenarios: %s\nfindings: %s",
		a.runs, a.impaired, len(a.given), a.datagrams, count(a.scenarios), count(a.findings))
}

// want checks that name was drawn at least once.
func (a *tally) want(name string) {
	if a.drawn[name] == 0 {
		a.t.Errorf("%s was never drawn", name)
	}
}
