package sim

import "github.com/ocfsim/ocfsim/ocf"

// What a Device does at the places where Variants and Deviations differ from
// the reference. The reference's way is the one without a quirk.

// shown is the part of bits that tm shows while they are pending.
func (t *turn) shown(bits mode) ocf.DPM {
	if t.model.quirks.has(checkHidden) {
		bits &^= validation
	}
	if t.model.quirks.has(updateHidden) {
		bits &^= update
	}
	if bits&validation != 0 && t.unstarted(validation) {
		bits &^= validation
	}
	if bits&update != 0 && t.unstarted(update) {
		bits &^= update
	}
	if bits&validation != 0 && t.model.quirks.has(checkShowsUpdate) {
		return bits.bits() | ocf.SSU
	}
	return bits.bits()
}

// cmAtCheck is what cm becomes when a check is accepted.
func (t *turn) cmAtCheck() ocf.DPM {
	switch q := &t.model.quirks; {
	case q.has(checkClearsNothing), q.has(checkStale):
		return t.cm
	case q.has(checkSetsV):
		return t.cm.With(ocf.SVV)
	}
	return t.cm.Without(ocf.SVV)
}

// cmAtUpdate is what cm becomes when an update is accepted.
func (t *turn) cmAtUpdate() ocf.DPM {
	switch q := &t.model.quirks; {
	case q.has(updateClearsV):
		return t.cm.Without(ocf.SVV)
	case q.has(updateClearsU):
		return t.cm.Without(ocf.SSU)
	case q.has(updateClearsNothing):
		return t.cm
	case q.has(updateSetsU):
		return t.cm.Without(ocf.SVV).With(ocf.SSU)
	}
	return t.cm.Without(ocf.SVV | ocf.SSU)
}

// reshow announces a process that runs once more, uncalled for.
func (t *turn) reshow() {
	if t.model.quirks.has(rewriteRunsTwice) && !t.tm.Has(t.run.bits()) {
		t.tm |= t.shown(t.run)
		t.tell(atStart)
	}
}

// pretend runs a process without asking the source.
func (t *turn) pretend() {
	wanted := t.outcome() != FindsNone
	t.offered = t.version + 1
	t.flags.set(found|fetched, wanted)
	if t.run == update {
		t.install()
		return
	}
	t.flags.set(fetched, false)
	t.stage = working
	t.work = t.now + t.jitter(t.model.script.check)
}

// replace drops what is pending for what the Device starts by itself, and
// leaves its bit in tm.
func (t *turn) replace() {
	if t.model.quirks.has(autonomousReplaces) {
		shown := t.tm
		t.abort(t.pending())
		t.tm = shown
	}
}

// checkResult is what cm.V says at the end of a check.
func (t *turn) checkResult() bool {
	is := t.flags.has(found)
	switch q := &t.model.quirks; {
	case t.flags.has(spoiled), q.has(checkAlwaysNone):
		return false
	case q.has(checkAlwaysFound):
		return true
	case q.has(checkInverted):
		return !is
	case q.has(checkStale):
		return is || t.cm.Has(ocf.SVV)
	}
	return t.checkLapses(is)
}

// updateResult is what cm.U says at the end of an update.
func (t *turn) updateResult(installed bool) bool {
	q := &t.model.quirks
	switch {
	case t.flags.has(spoiled), q.has(updateDoneHidden):
		return false
	case q.has(updateAlwaysDone):
		return true
	case q.has(updateNoneDone) && !t.flags.has(found):
		return true
	case q.has(updateFailedDone) && t.flags.has(found):
		return true
	}
	return t.updateLapses(installed)
}

// endsFirst reports whether tm is cleared before the result is in cm.
func (t *turn) endsFirst() bool {
	q := &t.model.quirks
	return t.run == validation && q.has(checkEndsFirst) || t.run == update && q.has(updateEndsFirst) ||
		q.has(eighthCheckEndsFirst) && t.at(8, validation) ||
		q.has(overlapEndsFirst) && t.run == update && t.trust.lapses.overlapped
}

// neverEnds reports whether the bit stays in tm for ever.
func (t *turn) neverEnds() bool {
	q := &t.model.quirks
	return t.run == validation && q.has(checkNeverEnds) ||
		t.run == update && q.has(updateNeverEnds) ||
		t.flags.has(own(t.run)) && q.has(autonomousNeverEnds) ||
		t.flags.has(ownUpdate) && t.run == update && q.has(ownUpdateStuck) && t.trust.lapses.checks == 0
}

// afterEnd is what else happens when a process has ended.
func (t *turn) afterEnd(was mode) {
	q := &t.model.quirks
	if was == validation && q.has(checkEndsTwice) || was == update && q.has(updateEndsTwice) {
		t.tm |= was.bits()
		t.tell(atStart)
		t.tm &^= was.bits()
		t.tell(atEnd)
	}
	if was == update {
		t.afterUpdate()
	}
}

// departs moves dos as no update may, and reports whether that was its end.
func (t *turn) departs() bool {
	if t.run != update || !t.flags.has(fetched) {
		return false
	}
	switch q := &t.model.quirks; {
	case q.has(updateResets):
		t.walk(ocf.RESET)
	case q.has(updateLeavesRFPRO):
		t.walk(ocf.RFPRO)
	case q.has(updateVisitsRFOTM):
		t.walk(ocf.RFOTM, ocf.RFPRO, ocf.RFNOP)
	}
	return t.run == 0
}

func (t *turn) walk(path ...ocf.DOS) {
	for _, to := range path {
		t.move(to)
		t.tell(atMove)
	}
}

// afterUpdate is what an update does once it has ended.
func (t *turn) afterUpdate() {
	if !t.flags.has(fetched) {
		return
	}
	if t.model.quirks.has(updateLeavesPending) {
		t.flags.set(oddPending, true)
		t.tell(atMove)
	}
	if t.model.quirks.has(updateMovesLate) {
		t.walk(ocf.RFPRO, ocf.RFNOP)
	}
	if t.model.quirks.has(updateLosesOwner) {
		t.flags.set(orphan, !t.secured())
	}
	if t.secured() {
		t.loseTrust()
	}
}

// afterMove is what a change of dos does besides.
func (t *turn) afterMove() {
	if t.model.quirks.has(dosClearsCM) {
		t.cm = t.cm.Without(ocf.SVV | ocf.SSU)
	}
	if t.model.quirks.has(dropsSilently) {
		t.drop = serviceUnavailable
	}
}

// afterBoot is what a restart does to a pending process.
func (t *turn) afterBoot() {
	q := &t.model.quirks
	switch {
	case t.run == update && q.has(restartStuck), t.run == validation && q.has(restartLosesCheck):
		t.run, t.stage = 0, idle
	case q.has(restartLosesResult):
		t.cm = t.cm.Without(ocf.SSU)
		t.flags.set(spoiled, t.run == update)
	}
	t.bootLapses()
}
