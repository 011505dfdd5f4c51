package sim

import "github.com/ocfsim/ocfsim/ocf"

// stage is how far the running process has come.
//
//	          begin           answer              Due           Due
//	idle ---------> checking --------+-> working -----> announcing -----> idle,
//	                 |   ^   \ U     |     ^ |  result     tm bit         or the next
//	          failed |   |    v      |     | | steps       cleared        of the queue
//	                 v   |  fetching-+     +-+ of U
//	                pausing  (asks again; without tries left: working ends at once)
//
// If a question is not answered in time, the process ends without a result.
// In every stage except idle, tm has the process's bit; in announcing, cm has the
// result already. After a power cut the stage is interrupted, and the process
// starts again at checking once the Device is up. Only announcing survives a
// power cut, because by then the result has been shown.
type stage uint8

const (
	idle stage = iota
	checking
	fetching
	pausing
	working
	announcing
	interrupted
)

// pending is every process that a Client has been told about and that has not ended.
func (d *Device) pending() mode { return d.model.bent.pending.see(d, d.run|d.queue) }

// accept puts the processes of bits in the queue; none of them may be pending
// already. tm says that they are pending (Table 40), and cm loses the result of the
// last ones (seed.txt 34-35, 48-49). For an update the reference clears both bits of
// cm, which satisfies every reading of seed.txt 48-49.
func (t *turn) accept(bits mode) {
	if bits == 0 {
		return
	}
	t.bent.accepted.happens(t, bits)
	t.tm |= t.bent.shown.decide(t, bits, bits.bits())
	if bits&availability != 0 {
		t.cm = t.bent.cmAtAvailability.decide(t, t.cm.Without(ocf.NSA))
	}
	if bits&validation != 0 {
		t.cm = t.bent.cmAtCheck.decide(t, t.cm.Without(ocf.SVV)) // seed.txt 34-35
	}
	if bits&update != 0 {
		t.cm = t.bent.cmAtUpdate.decide(t, t.cm.Without(ocf.SVV|ocf.SSU)) // seed.txt 48-49
	}
	t.queue |= bits
	if bits&(validation|update) == validation|update {
		t.flags.set(chained, true)
	}
}

// begin runs the next process of the queue if none is running.
func (t *turn) begin() {
	if t.run != 0 || t.queue == 0 {
		return
	}
	t.run = t.queue.next()
	t.queue &^= t.run
	t.flags.set(found|fetched, false)
	t.step, t.tries = 0, 0
	t.bent.begins.happens(t)
	switch {
	case t.run == update && t.flags.has(chained): // the check found nothing
		t.flags.set(chained, false)
		t.conclude()
	case t.bent.asks.decide(t, true): // seed.txt 30-31, 35, 49
		t.question(Check)
	}
}

// question asks the trusted source and waits until the script's timeout for an
// answer.
func (t *turn) question(kind AskKind) {
	t.ask++
	t.ending = ocf.ResultIdle
	t.stage = checking
	if kind == Fetch {
		t.stage = fetching
	}
	t.work = t.bent.patience.decide(t, t.now+t.model.script.timeout)
	t.emit(Effect{Kind: AskSource, Ask: Ask{Kind: kind, Number: uint32(t.ask), Version: t.Version()}})
}

// answer handles what the source said. It ignores an answer to any question but the
// last, and one that comes too late.
func (t *turn) answer(a *Answer) {
	if a.Ask != uint32(t.ask) || t.stage != checking && t.stage != fetching {
		return
	}
	t.bent.heard.happens(t, *a)
	t.work = never
	said := t.bent.verified.decide(t, *a, verified(*a))
	a = &said
	offered, newer := t.weigh(a)
	if newer {
		t.offered = offered
	} else if a.Flaw != 0 {
		t.ending = ocf.ResultNotValid
	}
	switch {
	case a.Failed, t.stage == fetching && a.Available && a.Received < a.Declared:
		t.retry()
	case t.stage == fetching && t.run == update:
		t.offered = offered
		t.flags.set(fetched, newer)
		t.install()
	case newer && t.stage == checking && t.downloads():
		t.flags.set(found, true)
		if t.bent.fetches.decide(t, true) {
			t.tries = 0
			t.question(Fetch)
		}
	default:
		t.flags.set(found, newer)
		t.stage = working
		t.work = t.now + t.jitter(t.model.script.check)
	}
}

// downloads reports whether the running process fetches the package: an update does, and
// in a later edition validation does too, which is about a package that is here.
func (t *turn) downloads() bool {
	return t.bent.downloads.decide(t, t.run == update || t.run == validation && t.model.availability)
}

// verified is what the Device makes of an answer after checking it: an answer from
// anyone but the source counts as failed, and a package is not on offer if its
// metadata has expired or the vendor did not sign it.
func verified(a Answer) Answer {
	switch a.Flaw {
	case WrongCertificate:
		a.Failed = true
	case StaleMetadata, BadSignature:
		a.Available = false
	}
	return a
}

// weigh returns the version that the source offers, and whether it is newer than the
// installed one. If the source names no version, the Device believes its word that
// something newer is available.
func (t *turn) weigh(a *Answer) (offered uint16, newer bool) {
	if a.Version == "" {
		return t.version + 1, a.Available
	}
	offered, ok := parseVersion(a.Version)
	return offered, t.bent.newer.decide(t, *a, ok && a.Available && offered > t.version)
}

// retry asks again after a pause, or gives up if no tries are left.
func (t *turn) retry() {
	if !t.bent.retries.decide(t, true) {
		return
	}
	if t.tries >= t.model.script.retries {
		t.giveUp(ocf.ResultNoConnection)
		return
	}
	t.tries++
	t.stage = pausing
	t.work = t.now + t.jitter(t.model.script.retryAfter)
}

// giveUp ends the process without a result in cm, and says why in
// oic.r.softwareupdate.
func (t *turn) giveUp(why ocf.UpdateResult) {
	t.ending = why
	t.flags.set(found|fetched, false)
	t.conclude()
}

// install goes through those steps of the update that apply, and then ends it.
func (t *turn) install() {
	if !t.flags.has(fetched) {
		t.conclude()
		return
	}
	t.stage = working
	steps := t.model.script.steps
	when := Succeeds
	if t.fails() {
		when = Fails
	}
	for int(t.step) < len(steps) && steps[t.step].when != 0 && steps[t.step].when != when {
		t.step++
	}
	if int(t.step) < len(steps) {
		t.work = t.now + t.jitter(steps[t.step].after)
		return
	}
	if when == Fails {
		t.ending = ocf.ResultFailed
		t.bent.misses.happens(t, notInstalled)
	}
	t.flags.set(fetched, when == Succeeds)
	t.conclude()
}

// perform does the step whose time has come.
func (t *turn) perform() {
	st := &t.model.script.steps[t.step]
	t.step++
	if st.moves {
		t.excursion(st.dos)
	}
	switch {
	case t.run == 0: // the excursion ended in RESET, which aborted the update
	case st.givesUp:
		t.bent.misses.happens(t, noRoom)
		t.giveUp(ocf.ResultNoFlash)
	case st.off > 0:
		if st.fetch {
			t.stage = pausing
		}
		t.goOff(t.jitter(st.off))
	case st.fetch:
		t.question(Fetch)
	default:
		t.install()
	}
}

// advance does what is next, because its time has come.
func (t *turn) advance() {
	switch {
	case t.flags.has(off):
		t.boot()
	case t.dos == ocf.RESET:
		t.leaveReset()
	case t.stage == checking, t.stage == fetching:
		t.bent.misses.happens(t, unanswered)
		t.giveUp(ocf.ResultNoConnection)
	case t.stage == pausing && t.downloads() && t.flags.has(found):
		t.question(Fetch)
	case t.stage == pausing:
		t.question(Check)
	case t.stage == working && t.run == update && t.flags.has(fetched):
		t.perform()
	case t.stage == working:
		t.conclude()
	case t.stage == announcing:
		t.end()
	case t.run == 0: // nothing of the reference's own is due
		t.bent.idles.happens(t)
	}
}

// conclude shows the result in cm, and some time later shows in tm that the process
// has ended (seed.txt 35-40, 49-54).
func (t *turn) conclude() {
	t.comeHome()
	if !t.bent.concludes.decide(t, true) {
		return
	}
	t.stage = announcing
	if t.bent.resultFirst.decide(t, true) {
		t.result()
		t.tell(atResult)
	}
	if t.bent.pauses.decide(t, true) {
		t.work = t.now + t.jitter(t.model.script.announce)
	}
	if t.work == t.now {
		t.work = never
		t.end()
	}
}

// result installs what was fetched and writes the result of the process to cm: cm.V
// says whether an update is available (seed.txt 35-38), cm.N likewise, cm.U whether the software
// was updated (seed.txt 49-52).
func (t *turn) result() {
	installed := t.run == update && t.flags.has(fetched)
	if installed && t.bent.installs.decide(t, true) {
		t.version = t.offered
	}
	t.notes(installed)
	if !t.bent.saysResult.decide(t, true) {
		return
	}
	is := false
	if t.run != update {
		is = t.bent.checkResult.decide(t, t.flags.has(found))
	} else {
		is = t.bent.updateResult.decide(t, installed)
	}
	cm := t.cm.Without(t.run.bits())
	if is {
		cm = cm.With(t.run.bits())
	}
	t.cm = t.bent.cmAtResult.decide(t, cm)
}

// end clears the process's bit in tm (seed.txt 38-40, 52-54) and turns to the next
// process. An update that waited for the result of a check goes to the source only
// if the check found something.
func (t *turn) end() {
	was := t.run
	if t.bent.clears.decide(t, true) {
		t.tm &^= was.bits()
		t.tell(atEnd)
	}
	t.bent.ends.happens(t)
	if was == validation && t.flags.has(chained|found) {
		t.flags.set(chained, false)
	}
	t.run, t.stage = 0, idle
	t.flags.set(found|fetched, false)
	if t.queue == 0 {
		t.flags.set(chained, false)
	}
	t.bent.ended.happens(t, was)
	t.begin()
	t.bent.over.happens(t, was)
}

// startOwn starts processes that no Client asked for (seed.txt 66-69).
func (t *turn) startOwn(bits mode) {
	bits &^= t.run | t.queue
	if bits == 0 || t.dos == ocf.RESET || t.secured() && t.dos != ocf.RFNOP {
		return
	}
	bits = t.bent.own.decide(t, bits)
	if bits == 0 {
		return
	}
	t.accept(bits)
	t.tell(atStart)
	t.begin()
}

// abort drops processes; they leave no result.
func (t *turn) abort(bits mode) {
	t.tm &^= bits.bits()
	t.queue &^= bits
	if t.run&bits != 0 {
		t.run, t.stage, t.work = 0, idle, never
		t.ask++
	}
	t.flags.set(chained, false)
}
