package twin

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/sim/fleet"
)

// source is what the twin has said of its trusted source. Its counts of what was asked and
// served never go back, in whatever order chapters are followed.
type source struct {
	last    fleet.SourceReport // what was said last
	beneath fleet.SourceReport // what the reference would have said then
	of      *reading           // the reading that add is for
	add     conformance.SourceReport
}

// report is what the guide has recorded, or, where it has nothing, what the reference has
// seen since.
func (s *source) report(guide *reading, a fleet.Arranged) *fleet.SourceReport {
	out := fleet.SourceReport{
		Checks:  s.last.Checks + a.Report.Checks - s.beneath.Checks,
		Fetches: s.last.Fetches + a.Report.Fetches - s.beneath.Fetches,
		Served:  s.last.Served + a.Report.Served - s.beneath.Served,
		Holding: a.Report.Holding, Version: a.Report.Version,
		Unanswered: max(s.last.Unanswered+a.Report.Unanswered-s.beneath.Unanswered, 0), // it falls when an answer comes
	}
	if r, ok := s.recorded(guide, a); ok {
		if guide != s.of {
			s.of, s.add = guide, conformance.SourceReport{}
		}
		s.add.Checks = max(s.add.Checks, s.last.Checks-r.Checks)
		s.add.Fetches = max(s.add.Fetches, s.last.Fetches-r.Fetches)
		s.add.Served = max(s.add.Served, s.last.Served-r.Served)
		out = fleet.SourceReport{
			Checks: r.Checks + s.add.Checks, Fetches: r.Fetches + s.add.Fetches, Served: r.Served + s.add.Served,
			Holding: r.Holding, Version: r.Version, Unanswered: r.Unanswered, Unreachable: r.Unreachable,
		}
	}
	s.last, s.beneath = out, a.Report
	return &out
}

func (s *source) recorded(guide *reading, a fleet.Arranged) (conformance.SourceReport, bool) {
	if guide == nil {
		return conformance.SourceReport{}, false
	}
	i, ok := guide.recorded(a.At, reportKey, fleet.Line{})
	if !ok {
		i = guide.reported()
	}
	if i < 0 {
		return conformance.SourceReport{}, false
	}
	return guide.events[i].source, true
}

// reported is the report that was given last, -1 if none.
func (r *reading) reported() int {
	for i := r.until() - 1; i >= 0; i-- {
		if r.events[i].sort == report && r.asked[i] {
			return i
		}
	}
	return -1
}
