package judge

import (
	"slices"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// unsecured is the reason why the requirements of identity are not judged.
const unsecured = "the target is unsecured: without a session every Client is privileged"

// unprivilegedRefused judges that only a sufficiently privileged Client can
// start the process of bit (seed.txt 33-34, 46-48): by pstat as privileged
// Clients see it and by the source, not by the response code. A Client that is
// refused a session has been refused whatever it wanted.
func unprivilegedRefused(bit ocf.DPM) rule {
	return func(s *story) []conformance.Finding {
		if !s.target.Secured {
			return []conformance.Finding{{Verdict: conformance.NotApplicable, Witness: -1, Reason: unsecured}}
		}
		var all []conformance.Finding
		for _, w := range s.attempts(bit) {
			if s.rests(w.n, ocf.RFPRO, ocf.RFNOP, ocf.SRESET) {
				all = append(all, s.notBegun(bit, w).About(w.n))
			}
		}
		for _, w := range s.writes {
			if w.asks().Has(bit) && s.inReset(w.n) {
				all = append(all, s.notInReset(bit, w).About(w.n))
			}
		}
		for _, pending := range s.kinds() {
			for _, d := range s.disturbancesBy(pending, s.attempts(bit), func(w write) bool { return !s.privileged(w.client) }) {
				all = append(all, s.notDisturbed(d).About(d.w.n))
			}
		}
		return all
	}
}

// attempts are what Clients without the privilege did to start the process of bit.
func (s *story) attempts(bit ocf.DPM) []write {
	all := slices.Clone(s.turned)
	for _, w := range s.writes {
		if !s.privileged(w.client) && w.asks().Has(bit) {
			all = append(all, w)
		}
	}
	return all
}

// notBegun judges an attempt to start the process of bit on an idle Device.
func (s *story) notBegun(bit ocf.DPM, w write) conformance.Finding {
	f := s.turnedAway(w, s.unmoved(s.processes(), w, func(v write) bool { return !s.privileged(v.client) }))
	upto := s.disturbed(w.n, func(v write) bool { return s.privileged(v.client) && v.acts() })
	before, after := s.versionBefore(w.n), s.versionIn(w.n, upto)
	if before == after || before == "" || after == "" {
		return f
	}
	changed := s.unlessOwn(broken(w.n, "version "+before, "version "+after, "the software changed though the Client was not privileged"))
	switch {
	case !s.target.Supports.Autonomous:
		return changed
	case !s.fetchedBefore(w, upto):
		return unlessLong(s.ownPerhaps(changed), s.at(upto)-s.at(w.n), begunMeanwhile)
	case bit == ocf.SSU && f.Verdict == conformance.Pass:
		f = open(w.n, changed.Want, "%s", f.Reason)
	}
	f.Reason += "; the software changed, but by a package that had been fetched before: an update of the Device's own may be why"
	return f
}

// fetchedBefore reports whether the source has handed over nothing from w to upto, so that
// what was installed then had been fetched before. A Device that declares updates of its own
// may have been about to install that, and need not show it (seed.txt 66-69).
func (s *story) fetchedBefore(w write, upto int) bool {
	before, ok := s.reportBefore(w.n)
	after, known := s.reportBefore(upto)
	return ok && known && after.n > w.end && after.Fetches == before.Fetches
}

// turnedAway makes of f, by which nothing happened, how w was refused.
func (s *story) turnedAway(w write, f conformance.Finding) conformance.Finding {
	const want = "refused"
	switch {
	case f.Verdict != conformance.Pass:
		return f
	case w.turned:
		return passed(f.Witness, want, f.Got, "Client %s was refused a session, and nothing changed", w.client)
	case w.accepted():
		return open(w.end, want, "answered %s, though nothing happened", w.code)
	case w.code == "" && (s.loss || !w.lost()):
		return open(w.end, want, "nothing happened, but the request may not have reached the Device")
	case w.code == "":
		return passed(f.Witness, want, f.Got, "%s of Client %s was not answered and changed nothing", w.says(), w.client)
	}
	return f
}

// notInReset judges a write to a Device in RESET, where nobody is privileged,
// not even who was the owner until then. Who may write once it has come to
// RFOTM, nobody's, is not judged.
func (s *story) notInReset(bit ocf.DPM, w write) conformance.Finding {
	want := "no " + process(bit) + " begins in RESET"
	if before, ok := s.reportBefore(w.n); ok && !slices.ContainsFunc(s.writes, func(v write) bool { return v.n < w.n && s.ranOn(v, before.n) }) {
		for _, r := range s.reports {
			if r.n > w.n && (r.Fetches > before.Fetches || bit != ocf.SSU && r.questions() > before.questions()) {
				return s.unlessOwn(broken(r.n, want, "the source was asked", "%s was written in RESET, and the trusted source was asked", w.says()))
			}
		}
	}
	if len(s.reports) == 0 {
		return open(w.n, want, "the source reports nothing, and nobody is let in to see a Device in RESET")
	}
	var end *conformance.Sample
	for i, x := range s.samples {
		if x.Since < w.end {
			continue
		}
		if x.Pstat.TM.Has(bit) {
			return s.unlessOwn(broken(x.N, want, x.String(), "%s was written in RESET, and tm shows it", w.says()))
		}
		end = &s.samples[i]
	}
	switch {
	case end == nil:
		return open(w.n, want, "the Device was not seen after the reset")
	case w.accepted():
		return open(end.N, want, "answered %s, though nothing happened", w.code)
	}
	return passed(end.N, want, end.String(), "%s was written in RESET, and nothing happened", w.says())
}

// notDisturbed judges an attempt while a process was pending: that goes on to
// its true result, and no other begins.
func (s *story) notDisturbed(d disturbance) conformance.Finding {
	f := s.survives(d)
	if f.Verdict == conformance.Fail {
		f.Reason = "Client " + d.w.client + " is not privileged: " + f.Reason
		return f
	}
	news := d.w.asks().Without(d.bit)
	pre, _ := s.lastBefore(d.w.n)
	for _, x := range d.ep.samples {
		if x.N < d.w.n || !x.Notified && x.Since < d.w.end {
			continue
		}
		// the end of an update may change cm.V as well
		begun := x.Pstat.TM&news | (x.Pstat.CM^pre.Pstat.CM)&news&ocf.SSU
		if begun != 0 {
			return s.unlessOwn(broken(x.N, "tm without "+news.String(), x.String(), "%s of Client %s, which is not privileged, began the %s", d.says(), d.w.client, process(news)))
		}
	}
	return s.turnedAway(d.w, f)
}
