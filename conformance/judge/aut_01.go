package judge

import (
	"slices"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var aut01 = Requirement{
	ID: "AUT-1", Lines: "66-69",
	Clause: "the Device itself may indicate that it is autonomously initiating a software version check/update",
	Says:   "an autonomous check or update may be shown in tm and cm from its start",
	Level:  May, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Needs: Needs{Bench: "gate for its start, and for what meets it", Target: Autonomous},
	Verdicts: Verdicts{
		Pass:          "if shown: the same course as a requested one, also when a Client writes meanwhile",
		Fail:          "shown, and contradictory",
		NotApplicable: "not shown",
	},
	rule: autonomousCourse,
}

// autonomousCourse judges that an autonomous process takes the course of a
// requested one (seed.txt 66-69).
func autonomousCourse(s *story) []conformance.Finding {
	all := s.accompanied()
	for _, bit := range s.kinds() {
		for _, d := range s.ownDisturbances(bit) {
			all = append(all, s.ownSurvives(d))
		}
	}
	return append(all, s.autonomousOf(s.ownCourse)...)
}

// ownCourse judges one process that the Device began by itself, up to the next write.
func (s *story) ownCourse(ep episode) conformance.Finding {
	want := "tm=" + ep.bit.String() + ", then tm=- with the result in cm"
	if f, ok := s.keepsResult(ep); ok {
		return f
	}
	end, ok := ep.completion()
	if !ok {
		return open(ep.w.n, want, "the end of the process was not seen")
	}
	truth, known := s.truth(ep.bit, ep.w, ep.over())
	other := bothBits.Without(ep.bit)
	for _, x := range ep.samples {
		known = known && x.Pstat.TM&other == 0
	}
	if why := s.excused(ep, end); why != "" {
		return open(end.N, want, "the %s %s", process(ep.bit), why)
	}
	if s.ofBeforeRestart(ep) {
		return open(end.N, want, "the %s was shown by a notification that may be of before the restart", process(ep.bit))
	}
	if known && end.Pstat.CM.Has(ep.bit) != truth {
		return broken(end.N, want, end.String(), "%s, but the autonomous %s ended with cm=%v", offered(truth), process(ep.bit), end.Pstat.CM)
	}
	if f, ok := s.ownClaims(ep, end); ok {
		return f
	}
	return passed(end.N, want, end.String(), "the autonomous %s was shown from its start to its end", process(ep.bit))
}

// ownClaims finds an update of the Device's own that end says was done, though the software
// is what it was before that began (seed.txt 49-52, 66-69). One that it was told to begin can
// have begun by itself since the last look before: that has to come back.
func (s *story) ownClaims(ep episode, end conformance.Sample) (f conformance.Finding, found bool) {
	began, told := ep.w.earliest(), s.toldToBegin(ep)
	before, after := s.versionBefore(max(began, told)), s.versionIn(end.N, s.replaced(end.N))
	want := "another software version than " + before
	switch {
	case ep.bit != ocf.SSU || !end.Pstat.CM.Has(ocf.SSU) || before == "" || before != after:
		return f, false
	case s.unarranged(ep.w.n) != "":
		return open(end.N, want, "the autonomous update was announced as done and the software is still %s, but nobody knows whether anything was on offer", after), true
	}
	f = broken(end.N, want, "version "+after+"; "+end.String(), "the autonomous update was announced as done, but the software is still %s", after)
	if told > began {
		f = unseen(f)
	}
	return f, true
}

// ofBeforeRestart reports whether ep was first shown by a notification that came after a
// restart, and before the Device had answered anybody again: it may have left before.
func (s *story) ofBeforeRestart(ep episode) bool {
	first, rebooted := s.samples[s.sampleAt(ep.w.n)], s.rebooted(0, ep.w.n)
	return first.Notified && rebooted >= 0 && !slices.ContainsFunc(s.samples, func(x conformance.Sample) bool {
		return x.N < first.N && !x.Notified && x.Since > rebooted
	})
}

// accompanied finds an update that tm showed while a check ran, though nobody
// had asked for it, and that ended without the result it had to have: if the
// Device began it, it is contradictory, and if not, tm showed what was not so.
func (s *story) accompanied() []conformance.Finding {
	var all []conformance.Finding
	if s.spontaneous() {
		return nil
	}
	for _, ep := range s.episodes(ocf.SVV) {
		truth, known := s.truth(ocf.SSU, ep.w, ep.upto)
		end, _ := last(ep.final)
		if !known || !truth || end.Notified || !ep.ended() || (end.Pstat.TM | end.Pstat.CM).Has(ocf.SSU) {
			continue
		}
		for _, x := range ep.samples {
			if x.Pstat.TM.Has(ocf.SSU) && x.Before(end) {
				all = append(all, broken(x.N, pattern("*", cell(ocf.SSU, true))+" after "+pattern("U+V?", "*"), x.String()+", then "+end.String(),
					"tm showed U during a check, though nobody had requested an update, and when it was over cm did not say that one was done"))
				break
			}
		}
	}
	return all
}
