package judge

import (
	"fmt"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var swu13 = Requirement{
	ID: "SWU-13", Edition: OCF22,
	Clause: "IoTivity-Lite, oc_swupdate.h: swupdateresult 0 is idle, 2 too little RAM, 3 too little flash, 4 a connection failure, 5 a failed validation of the software version, " +
		"6 an invalid URL, 7 a protocol of the URL that is not supported",
	Says:  "swupdateresult names no cause of a failed update that the trusted source's log rules out",
	Level: Derived, Severity: conformance.Warn, Actor: Device,
	Needs: Needs{Bench: "report", Target: Schedules | Update},
	Verdicts: Verdicts{
		Pass: "an update that failed names a cause that the source's log allows",
		Fail: "it blames the connection though each package that was asked for was handed over whole, the URL though the package was asked for, " +
			"the memory or the validation though the source answered nothing, or the validation of a package that came whole and is good; or it says by 0 that nothing happened, though the source answered nothing or a good package came whole: a warning",
		Open: "the source is not under control, or something else may have asked it",
		Note: "1, success, is judged by SWU-6 and SSU-2. 8 says that the update failed and blames nothing. Memory can run out with any package",
	},
	rule: failureKnown,
}

// failureKnown judges the result of an update that failed by what the trusted source had
// seen of it (docs/adr/0135, 0143).
func failureKnown(s *story) []conformance.Finding {
	const want = "a cause that the source's log allows"
	var all []conformance.Finding
	for _, l := range s.plans.answers() {
		if l.err != nil || !l.x.Present.Has(ocf.UpdateResultCode) || l.x.Result == ocf.ResultSuccess || s.lastProcess(l.since) != ocf.SSU {
			continue
		}
		log, ok := s.updateLog(l)
		if l.x.Result == ocf.ResultIdle && !(s.endedWithoutU(l) && s.resultStands(l.n)) {
			continue // nothing has failed, or nobody can tell
		}
		got := fmt.Sprintf("swupdateresult %d; %v", l.x.Result, log)
		switch why := log.rulesOut(l.x.Result); {
		case !ok && l.x.Result == ocf.ResultIdle:
		case !ok:
			all = append(all, open(l.n, want, "the source gave no report before and after, or more than this update was between"))
		case why != "":
			all = append(all, s.answering(l.n, warned(broken(l.n, want, got, "%s", why))))
		case l.x.Result != ocf.ResultIdle:
			all = append(all, s.answering(l.n, passed(l.n, want, got, "the source has seen nothing that speaks against it")))
		}
	}
	return all
}

// endedWithoutU reports whether pstat was seen at rest around l, with cm.U=0.
func (s *story) endedWithoutU(l planLook) bool {
	before, after, ok := s.around(l)
	return ok && (before.Pstat.TM|after.Pstat.TM)&s.processes() == 0 && !before.Pstat.CM.Has(ocf.SSU)
}

// updateLog is what the trusted source has seen of one update.
type updateLog struct {
	fetches, served int  // packages that were asked for, and handed over whole
	asked           bool // it was asked anything
	silent          bool // it was asked and answered nothing, or has never answered anything
	good            bool // the package that it handed over last is good, and new to the Device
}

// String is l in words.
func (l updateLog) String() string {
	says := fmt.Sprintf("%d packages asked for, %d handed over whole", l.fetches, l.served)
	switch {
	case l.silent:
		says += ", no question answered"
	case l.good:
		says += ", the last of them good"
	}
	return says
}

// rulesOut says why r can't be how the update ended; "" if it can.
func (l updateLog) rulesOut(r ocf.UpdateResult) string {
	whole := l.served > 0 && l.served == l.fetches
	switch r {
	case ocf.ResultIdle:
		if l.silent && l.asked {
			return "swupdateresult is 0, as if nothing had happened, and the source answered no question"
		}
		if whole && l.good {
			return "swupdateresult is 0, as if nothing had happened, and a good package was handed over whole"
		}
	case ocf.ResultNoRAM, ocf.ResultNoFlash:
		if l.silent {
			return "swupdateresult blames the memory, and the source answered no question: there was nothing to store"
		}
	case ocf.ResultNotValid:
		if l.silent {
			return "swupdateresult blames the validation, and the source answered no question: there was nothing to validate"
		}
		if whole && l.good {
			return "swupdateresult blames the validation, and the package that was handed over is the vendor's own"
		}
	case ocf.ResultNoConnection:
		if whole {
			return "swupdateresult blames the connection, and each package that was asked for was handed over whole"
		}
	case ocf.ResultBadURL, ocf.ResultBadProtocol:
		if l.fetches > 0 {
			return "swupdateresult blames the URL, and it led to the trusted source"
		}
	}
	return ""
}

// updateLog is what the source has seen of the update that l tells the result of. ok is
// false where that is not known.
func (s *story) updateLog(l planLook) (log updateLog, ok bool) {
	begin := s.latestUpdate(l.since)
	before, is := s.reportBefore(begin)
	after, are := s.reportAfter(l.n)
	if !is || !are || s.updateRuns(before.n, after.n) != 1 || s.spontaneous() {
		return log, false
	}
	for _, x := range s.samples {
		if between(x.N, before.n, after.n) && x.Pstat.TM.Without(ocf.SSU)&s.processes() != 0 {
			return log, false
		}
	}
	log = updateLog{fetches: after.Fetches - before.Fetches, served: after.Served - before.Served}
	asked := after.Checks + after.Fetches
	now := asked - before.Checks - before.Fetches
	log.asked = now > 0
	none := after.Served == s.reports[0].Served // a package that came before may be kept, and looked at only now
	log.silent = none && now > 0 && after.Unanswered-before.Unanswered == now || after.Unanswered == asked
	if h := after.Last; h != nil && (before.Last == nil || before.Last.Number != h.Number) {
		log.good = h.Good && h.Version != "" && after.Version != "" && h.Version != after.Version
	}
	return log, true
}

// latestUpdate is the Observation with which the latest update before n is first seen in tm.
func (s *story) latestUpdate(n int) int {
	begin, pending := n, false
	for _, x := range s.samples {
		if x.N >= n {
			break
		}
		is := x.Pstat.TM.Has(ocf.SSU)
		if is && !pending {
			begin = x.N
		}
		pending = is
	}
	return begin
}
