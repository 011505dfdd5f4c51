package assess

import (
	"fmt"

	"github.com/ocfsim/ocfsim/conformance"
)

// flaw says why the record of a scenario that ran to its end can't be trusted:
// it has a hole, or what the surroundings said can't have happened. "" where
// nothing is wrong.
func flaw(tl conformance.Timeline) string {
	if n := unended(tl); n >= 0 {
		return fmt.Sprintf("the record has a hole: of request %d neither an answer nor a loss was recorded", n)
	}
	var last conformance.SourceReport
	for i := range tl.Observations {
		o := &tl.Observations[i]
		if o.Kind != conformance.Source || o.Source == nil {
			continue
		}
		if reason := impossible(*o.Source, last); reason != "" {
			return fmt.Sprintf("the trusted source's report at %.3gs is impossible: %s", o.At.Seconds(), reason)
		}
		last = *o.Source
	}
	return ""
}

// impossible says what can't be of a report that follows on before; its counts
// are cumulative.
func impossible(r, before conformance.SourceReport) string {
	for _, c := range []struct {
		name     string
		was, now int
	}{{"checks", before.Checks, r.Checks}, {"fetches", before.Fetches, r.Fetches}, {"served", before.Served, r.Served}, {"holding", 0, r.Holding}, {"unanswered", 0, r.Unanswered}} {
		switch {
		case c.now < 0:
			return fmt.Sprintf("%s is %d", c.name, c.now)
		case c.now < c.was:
			return fmt.Sprintf("%s was %d, and is %d", c.name, c.was, c.now)
		}
	}
	if r.Unanswered > r.Checks+r.Fetches {
		return fmt.Sprintf("%d questions have no answer, of %d", r.Unanswered, r.Checks+r.Fetches)
	}
	if r.Served > r.Fetches {
		return fmt.Sprintf("%d packages served of %d asked for", r.Served, r.Fetches)
	}
	return ""
}

// unended is a request of tl that has neither an answer nor an end without one:
// the record has a hole. It is -1 for none.
func unended(tl conformance.Timeline) int {
	ended := make([]bool, len(tl.Observations))
	for i := range tl.Observations {
		if o := &tl.Observations[i]; o.For != nil && *o.For >= 0 && *o.For < len(ended) && (o.Kind == conformance.Response || o.Kind == conformance.Lost || o.Kind == conformance.Note) {
			ended[*o.For] = true
		}
	}
	for i := range tl.Observations {
		if tl.Observations[i].Kind == conformance.Request && !ended[i] {
			return i
		}
	}
	return -1
}
