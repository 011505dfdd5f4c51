package judge

import (
	"slices"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// plans are what a Timeline has of oic.r.softwareupdate, in the order of the record.
type plans struct {
	looks  []planLook
	writes []planWrite
}

// planLook is one representation of the resource.
type planLook struct {
	since, n int // the request that it answers, and where it came; both the same for a notification
	x        ocf.SoftwareUpdate
	problems []ocf.Problem
	err      error
}

// planWrite is a POST to the resource.
type planWrite struct {
	n, end int // the request, and its answer; never where the record stops before
	client string
	code   string // "" without an answer
	body   value
	x      ocf.SoftwareUpdate // what of it has the right type
	at     time.Time          // its updatetime
}

// answers are the looks that somebody asked for. When a notification left the Device nobody
// knows, so it is not compared with what pstat showed at the time.
func (p plans) answers() []planLook {
	return slices.DeleteFunc(slices.Clone(p.looks), func(l planLook) bool { return l.since == l.n })
}

// accepted reports whether the Device took w.
func (w planWrite) accepted() bool { return conformance.Success(w.code) }

// schedules reports whether the Device took w, and is to begin a process for it.
func (w planWrite) schedules() bool { return w.accepted() && w.bit() != 0 }

// whole reports whether w is a valid update: all three Properties, and no other.
func (w planWrite) whole() bool {
	return w.x.Present.Has(ocf.UpdateWritable) && len(w.body.fields) == 3
}

// bit is the process that w schedules, 0 for none.
func (w planWrite) bit() ocf.DPM {
	switch w.x.Action {
	case ocf.ActionCheck:
		return ocf.NSA
	case ocf.ActionVerify:
		return ocf.SVV
	case ocf.ActionUpgrade:
		return ocf.SSU
	}
	return 0
}

// clocks is what the clocks of the Device and of the harness may differ by, and late how
// much later than its time a scheduled action may show.
const (
	clocks = 2 * time.Second
	late   = 5 * time.Second
)

// begin reports whether the Device took a write that may make it begin a process.
func (p plans) begin() bool {
	return slices.ContainsFunc(p.writes, planWrite.schedules)
}

// plannedAfter is the first Observation after n at which an action that the Device took may
// begin, by either clock; never for none.
func (s *story) plannedAfter(n int) int {
	first := never
	for _, w := range s.plans.writes {
		if !w.schedules() {
			continue
		}
		for i := max(w.n, n+1); i < min(first, len(s.tl.Observations)); i++ {
			if !s.wall(i).Before(w.at.Add(-clocks)) {
				first = i
			}
		}
	}
	return first
}

// next is the Observation of the next write after i that the Device took, and its action;
// never if there is none.
func (p plans) next(i int) (n int, w planWrite) {
	for _, w := range p.writes[i+1:] {
		if w.accepted() {
			return w.n, w
		}
	}
	return never, planWrite{}
}

// readPlans collects what was read of the resource and written to it, at the path that
// /oic/res gives it.
func (s *story) readPlans() plans {
	var p plans
	if !s.target.Supports.SoftwareUpdate || s.edition.SWUpdate.Present.Is == "absent" {
		return p
	}
	path := s.pathOf(ocf.RTSoftwareUpdate)
	for i := range s.tl.Observations {
		o := &s.tl.Observations[i]
		f := o.Frame
		if f == nil || f.Path != path {
			continue
		}
		switch {
		case o.Kind == conformance.Request && f.Code == conformance.MethodPOST:
			w := planWrite{n: i, end: never, client: o.Client}
			w.body, _ = readPayload(f.Payload)
			w.x, _, _ = ocf.DecodeSoftwareUpdate(f.Payload)
			w.at, _ = time.Parse(time.RFC3339, w.x.Time)
			p.writes = append(p.writes, w)
		case o.Kind == conformance.Response && o.For != nil:
			p.answered(*o.For, i, f.Code)
		}
		if (o.Kind == conformance.Response || o.Kind == conformance.Notification) && conformance.Success(f.Code) && len(f.Payload) > 0 && !o.Outran() {
			l := planLook{since: i, n: i}
			if o.Kind == conformance.Response && o.For != nil {
				l.since = *o.For
			}
			l.x, l.problems, l.err = ocf.DecodeSoftwareUpdate(f.Payload)
			p.looks = append(p.looks, l)
		}
	}
	return p
}

func (p *plans) answered(n, end int, code string) {
	for i := range p.writes {
		if w := &p.writes[i]; w.n == n && w.end == never {
			w.end, w.code = end, code
		}
	}
}

// pathOf is where /oic/res lists a resource of the type rt, or where implementations have
// oic.r.softwareupdate if the record has no such list.
func (s *story) pathOf(rt string) string {
	for i := range s.tl.Observations {
		o := &s.tl.Observations[i]
		if o.Kind != conformance.Response || o.Frame == nil || o.Frame.Path != ocf.PathRes {
			continue
		}
		links, _, _ := ocf.DecodeRes(o.Frame.Payload)
		if j := slices.IndexFunc(links, func(l ocf.Link) bool { return l.HasRT(rt) }); j >= 0 {
			return links[j].Href
		}
	}
	return ocf.PathSoftwareUpdate
}

// wall is the time of day of Observation n.
func (s *story) wall(n int) time.Time { return s.tl.Observations[n].Wall }

// ownWill reports whether processes that the Device begins by itself may be why it does
// what nobody scheduled.
func (s *story) ownWill() bool { return s.restless || s.arrangedAlone() }

// around are the looks at pstat right before l was asked for, and right after it came: a
// Device that is asked again, since its answer was lost, answers as it did the first time.
// ok is false if one is missing, or if a process began, ended or had its result between.
func (s *story) around(l planLook) (before, after conformance.Sample, ok bool) {
	before, ok = s.lastBefore(l.since)
	alike := func(x conformance.Sample) bool {
		return changedBits(before, x)&s.processes() == 0
	}
	for _, x := range s.samples {
		switch {
		case !ok:
			return before, after, false
		case x.N > l.n:
			return before, x, true
		case x.N > l.since && !alike(x):
			return before, after, false
		}
	}
	return before, after, false
}

// scheduled is an action that the Device took for a time to come.
type scheduled struct {
	planWrite
	upto int // the next write that it took
	next planWrite
}

// upcoming are the actions that the Device took while their time was still to come, and
// whose process was not pending then.
func (s *story) upcoming() []scheduled {
	var all []scheduled
	for i, w := range s.plans.writes {
		if !w.schedules() || !w.whole() || w.at.Before(s.wall(w.n).Add(clocks)) {
			continue
		}
		if x, ok := s.lastBefore(w.n); !ok || x.Pstat.TM.Has(w.bit()) {
			continue
		}
		upto, next := s.plans.next(i)
		all = append(all, scheduled{w, upto, next})
	}
	return all
}

// confused reports whether something else than w may begin its process: a Client that
// requests it with tm, the Device's own will, or an earlier action of the same kind whose
// time came just when w was written.
func (s *story) confused(w scheduled, upto int) bool {
	if s.ownWill() || s.requests(w.bit(), w.n, upto) > 0 {
		return true
	}
	return slices.ContainsFunc(s.plans.writes, func(v planWrite) bool {
		return v.n < w.n && v.accepted() && v.bit() == w.bit() && v.at.Sub(s.wall(w.n)).Abs() < late
	})
}

// mayStayAway reports whether w need not begin: the Device was away or not in RFNOP, or it
// says by swupdateresult why it could not even try.
func (s *story) mayStayAway(w scheduled) bool {
	upto := min(w.upto, len(s.tl.Observations))
	if s.silentIn(w.n, upto) {
		return true
	}
	for _, x := range s.samples {
		if between(x.N, w.n, upto) && x.HasDOS() && x.Pstat.DOS != ocf.RFNOP {
			return true
		}
	}
	return slices.ContainsFunc(s.plans.looks, func(l planLook) bool {
		return between(l.n, w.n, upto) && !s.wall(l.n).Before(w.at) && l.x.Result > ocf.ResultSuccess
	})
}

// showing is the first look after n and before upto at which tm has bit.
func (s *story) showing(bit ocf.DPM, n, upto int) (conformance.Sample, bool) {
	for _, x := range s.samples {
		if between(x.N, n, upto) && x.Pstat.TM.Has(bit) {
			return x, true
		}
	}
	return conformance.Sample{}, false
}

// sourceRests reports whether the trusted source was asked nothing between n and its last report
// before upto, which has to come after the time of day at. known is false where nobody can
// say.
func (s *story) sourceRests(n, upto int, at time.Time) (quiet, known bool) {
	before, ok := s.reportBefore(n)
	if !ok {
		return false, false
	}
	last, _ := s.reportBefore(upto)
	return last.questions() == before.questions(), s.wall(last.n).After(at)
}
