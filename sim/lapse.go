package sim

import (
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// What goes wrong in some courses only: on the eighth check in a row, when a
// request overlaps, after a power cut, for one kind of failure.

// lapses is what a deviant Device keeps in mind for that.
type lapses struct {
	ended      time.Duration // when the last process did
	checks     uint8         // requested in a row, one right after another
	updates    uint8         // likewise
	before     ocf.DPM       // cm when a process was requested last
	fading     ocf.DPM       // of cm, after the end
	why        cause         // the running process has no result
	found      bool          // the last check has found something
	updated    bool          // since the power came back
	slow       bool          // the source took its time
	overlapped bool          // a request came while another process was pending
	both       bool          // check and update were requested in one write
	zeros      uint8         // writes of tm=0 since the process was requested
	refused    bool          // a write was
	malformed  bool          // a payload was
}

// cause is why a process ends without what was asked for.
type cause uint8

const (
	unanswered cause = iota + 1
	unreachable
	truncated
	withdrawn
	noRoom
	notInstalled
)

// moment is what a deviant Device takes for no time at all: what follows within
// it follows at once.
func (m *Model) moment() time.Duration { return m.script.reset / 2 }

// deviates reports whether there is anything to keep in mind.
func (d *Device) deviates() bool { return len(d.model.config.Deviations) > 0 }

// lapse is the memory, to be written.
func (t *turn) lapse() *lapses { return &t.remember().lapses }

// note keeps in mind that the processes of bits were requested.
func (t *turn) note(bits mode) {
	if !t.deviates() {
		return
	}
	l := t.lapse()
	if t.run == 0 && t.now > l.ended+t.model.moment() {
		l.checks, l.updates = 0, 0
	}
	if t.run == 0 {
		l.zeros = 0
	}
	if bits&validation != 0 {
		l.checks++
	}
	if bits&update != 0 {
		l.updates++
	}
	l.before, l.fading = t.cm, 0
	l.overlapped, l.both = t.run != 0, bits == validation|update
}

// blame keeps in mind why the process has no result, 0 where it may have one.
func (t *turn) blame(why cause) {
	if t.deviates() {
		t.lapse().why = why
	}
}

// at reports whether the running check or update is number n in a row.
func (t *turn) at(n uint8, bit mode) bool {
	count := t.trust.lapses.checks
	if bit == update {
		count = t.trust.lapses.updates
	}
	return t.run == bit && count == n
}

// unstarted reports whether the process that is to begin does not.
func (t *turn) unstarted(bit mode) bool {
	q, l := &t.model.quirks, &t.trust.lapses
	return bit == validation && q.has(eighthCheckUnstarted) && l.checks == 8 ||
		bit == update && q.has(secondUpdateUnstarted) && l.updates == 2
}

// cached reports whether a check takes what the one before found for its own.
func (t *turn) cached() bool {
	l := &t.trust.lapses
	if t.run != validation || !t.model.quirks.has(thirdCheckCached) || l.checks < 3 {
		return false
	}
	t.flags.set(found, l.found)
	t.stage = working
	t.work = t.now + t.jitter(t.model.script.check)
	return true
}

// busy reports whether a check is refused for it follows at once.
func (t *turn) busy(starts mode) bool {
	l := &t.trust.lapses
	return t.model.quirks.has(secondCheckBusy) && starts == validation && t.run == 0 && l.checks > 0 && t.now <= l.ended+t.model.moment()
}

// patience is until when the source may answer.
func (t *turn) patience() time.Duration {
	if t.model.quirks.has(sourceNeverGivenUp) {
		return never
	}
	return t.now + t.model.script.timeout
}

// heard keeps in mind how long the source took, and why an answer is none.
func (t *turn) heard(a *Answer) {
	if !t.deviates() {
		return
	}
	l := t.lapse()
	while := 3 * t.model.moment()
	if t.run == update {
		while = 8 * t.model.moment()
	}
	l.slow = l.slow || t.work != never && t.now > t.work-t.model.script.timeout+while
	switch {
	case a.Failed:
		l.why = unreachable
	case a.Available && a.Received < a.Declared:
		l.why = truncated
	case t.stage == fetching && !a.Available:
		l.why = withdrawn
	default:
		l.why = 0
	}
}

// hangs reports whether a question that failed is the end of all progress.
func (t *turn) hangs() bool {
	q := &t.model.quirks
	return t.stage == fetching && q.has(retryStuck) ||
		t.run == update && q.has(exhaustedStuck) && t.tries >= t.model.script.retries
}

// checkLapses is what cm.V says at the end of a check, is being the truth.
func (t *turn) checkLapses(is bool) bool {
	if !t.deviates() {
		return is
	}
	q, l := &t.model.quirks, t.lapse()
	says := is
	switch failed := l.why == unanswered || l.why == unreachable; {
	case q.has(eighthCheckLost) && l.checks == 8:
		says = false
	case q.has(secondCheckRemembers) && l.checks > 1 && !failed:
		says = is || l.found
	case q.has(failedCheckRestores) && failed:
		says = l.before.Has(ocf.SVV)
	case q.has(unansweredCheckFinds) && l.why == unanswered:
		says = true
	}
	l.found = is
	return says
}

// updateLapses is what cm.U says at the end of an update, installed being the truth.
func (t *turn) updateLapses(installed bool) bool {
	if !t.deviates() {
		return installed
	}
	q, l := &t.model.quirks, &t.trust.lapses
	if installed {
		return !(q.has(secondUpdateHidden) && l.updates == 2 || q.has(bothResultLost) && l.both)
	}
	return t.claimsDone(l.why) ||
		q.has(updateBelievesCheck) && l.found ||
		q.has(failureKeepsSuccess) && l.updates == 2 && l.before.Has(ocf.SSU) ||
		q.has(bothNoneDone) && l.both && !t.flags.has(found) ||
		q.has(ownFailureDone) && t.flags.has(ownUpdate) && l.why != 0
}

// claimsDone reports whether an update that ended for this cause is said to be done.
func (t *turn) claimsDone(why cause) bool {
	q := &t.model.quirks
	switch why {
	case unanswered:
		return q.has(unansweredDone)
	case unreachable:
		return q.has(unreachableDone)
	case truncated:
		return q.has(truncatedDone)
	case withdrawn:
		return q.has(withdrawnDone)
	case noRoom:
		return q.has(noRoomDone)
	case notInstalled:
		return q.has(installFailedDone)
	}
	return false
}

// claimsU reports whether a check is said to have been an update.
func (t *turn) claimsU() bool {
	return t.model.quirks.has(checkSetsU) && t.flags.has(found) && !t.trust.lapses.overlapped
}

// keepsOld reports whether an update that says it is done leaves the software as it was.
func (t *turn) keepsOld() bool {
	q := &t.model.quirks
	return q.has(updateNotInstalled) || q.has(secondUpdateIdle) && t.at(2, update)
}

// untold reports whether the result of what the Device began by itself is kept from cm.
func (t *turn) untold() bool {
	q := &t.model.quirks
	return t.flags.has(own(t.run)) &&
		(q.has(autonomousResultLost) || t.run == update && (q.has(ownUpdateLost) || q.has(checkChains)))
}

// pauses is how long the result is in cm before the process ends in tm.
func (t *turn) pauses() time.Duration {
	q, l := &t.model.quirks, &t.trust.lapses
	if l.slow && (t.run == validation && q.has(slowCheckLate) || t.run == update && q.has(slowUpdateLate)) {
		return 4 * t.model.script.timeout
	}
	return t.jitter(t.model.script.announce)
}

// forgets is what the end of was takes with it.
func (t *turn) forgets(was mode) {
	q := &t.model.quirks
	if was != validation {
		return
	}
	switch {
	case q.has(overlapUpdateLost):
		t.tm = t.tm.Without(ocf.SSU)
		t.queue &^= update
	case q.has(overlapUpdateHidden), q.has(checkShowsUpdate) && t.queue&update == 0:
		t.tm = t.tm.Without(ocf.SSU)
	}
}

// lingers is what comes after the end of was: chain says that it has found
// something.
func (t *turn) lingers(was mode, chain bool) {
	if !t.deviates() {
		return
	}
	q, l := &t.model.quirks, t.lapse()
	l.ended, l.slow = t.now, false
	if t.run != 0 {
		return
	}
	switch {
	case was == validation && q.has(checkFades) && l.checks == 2, was == update && q.has(updateFades) && l.updates == 2:
		l.fading = was.bits()
		t.work = t.now + t.model.moment()
	case t.flags.has(away):
		t.work = t.now + t.model.moment()
	case chain && was == validation && q.has(checkChains):
		t.startOwn(update)
	}
}

// afterwards is what happens to an idle Device in the end.
func (t *turn) afterwards() {
	if fading := t.trust.lapses.fading; fading != 0 {
		t.lapse().fading = 0
		t.cm = t.cm.Without(fading)
	}
	t.comeHome()
	t.getEven()
}

// stays reports whether the way back from an excursion is not taken, or not yet.
func (t *turn) stays() bool {
	q := &t.model.quirks
	return q.has(excursionStays) ||
		q.has(failedExcursionStays) && t.fails() ||
		q.has(ownExcursionStays) && t.flags.has(ownUpdate) ||
		q.has(excursionEndsLate) && t.run != 0
}

// installs keeps in mind that there is new software.
func (t *turn) installs() {
	if t.deviates() {
		t.lapse().updated = true
	}
}

// strands leaves a check behind that is pending when a Client moves dos.
func (t *turn) strands(to ocf.DOS) {
	if t.model.quirks.has(moveStopsCheck) && to == ocf.RFPRO && t.run == validation {
		t.run, t.stage, t.work = 0, idle, never
		t.ask++
	}
}

// bootLapses is what a restart does besides.
func (t *turn) bootLapses() {
	q, l := &t.model.quirks, &t.trust.lapses
	switch {
	case q.has(restartRestoresCM) && t.run == validation:
		t.cm = l.before
	case q.has(restartClaimsUpdate) && t.run == update:
		t.tm, t.cm = t.tm.Without(ocf.SSU), t.cm.With(ocf.SSU)
		t.run, t.stage = 0, idle
	case q.has(restartLosesVersion) && t.run == 0 && l.updated:
		t.version--
		t.lapse().updated = false
	}
}

// verified is what is left of an answer that was checked.
func (t *turn) verified(a Answer) Answer {
	q := &t.model.quirks
	switch {
	case a.Flaw == WrongCertificate && !q.has(certificateUnchecked):
		a.Failed = true
	case a.Flaw == StaleMetadata && !q.has(ageUnchecked),
		a.Flaw == BadSignature && !q.has(signatureUnchecked):
		a.Available = false
	}
	if q.has(truncatedInstalled) {
		a.Received = a.Declared
	}
	return a
}
