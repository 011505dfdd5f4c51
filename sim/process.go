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
// A question that is not answered in time ends the process without a result.
// In every stage but idle the process's bit is 1 in tm; in announcing its
// result is in cm already. A power cut leaves interrupted behind, and the
// process starts again at checking once the Device is up; only announcing
// survives one, for then the result is out.
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

// pending is every process that a Client has been told of and that has not ended.
func (d *Device) pending() mode {
	if d.flags.has(hidden) {
		return 0
	}
	return d.run | d.queue
}

// accept takes the processes of bits, none of which is pending, to be run: tm
// says so and cm forgets (seed.txt 34-35, 48-49). The reference clears both
// bits of cm for an update, which serves every reading of seed.txt 48-49.
func (t *turn) accept(bits mode) {
	if bits == 0 {
		return
	}
	t.abandonHidden()
	t.note(bits)
	t.tm |= t.shown(bits)
	if bits&validation != 0 {
		t.cm = t.cmAtCheck()
	}
	if bits&update != 0 {
		t.cm = t.cmAtUpdate()
	}
	t.queue |= bits
	if bits == validation|update {
		t.flags.set(chained, true)
	}
}

// begin runs the next process of the queue where none runs.
func (t *turn) begin() {
	if t.run != 0 || t.queue == 0 {
		return
	}
	t.run = validation
	if t.queue&validation == 0 {
		t.run = update
	}
	t.queue &^= t.run
	t.flags.set(found|fetched|spoiled, false)
	t.step, t.tries = 0, 0
	t.blame(0)
	t.reshow()
	switch {
	case t.run == update && t.flags.has(chained): // the check found nothing
		t.flags.set(chained, false)
		t.conclude()
	case t.model.quirks.has(processNotStarted):
		t.run, t.queue = 0, 0
	case t.unstarted(t.run):
		t.run = 0
	case t.cached():
	case t.model.quirks.has(sourceNotAsked):
		t.pretend()
	default:
		t.question(Check)
	}
}

// question asks the trusted source.
func (t *turn) question(kind AskKind) {
	t.ask++
	t.stage = checking
	if kind == Fetch {
		t.stage = fetching
	}
	t.work = t.patience()
	t.emit(Effect{Kind: AskSource, Ask: Ask{Kind: kind, Number: uint32(t.ask), Version: t.Version()}})
}

// answer hears what the source said. What is no answer to the last question,
// or comes too late, is passed over.
func (t *turn) answer(a *Answer) {
	if a.Ask != uint32(t.ask) || t.stage != checking && t.stage != fetching {
		return
	}
	t.heard(a)
	t.work = never
	said := t.verified(*a)
	a = &said
	offered, newer := t.weigh(a)
	switch {
	case a.Failed, t.stage == fetching && a.Available && a.Received < a.Declared:
		t.retry()
	case t.stage == fetching:
		t.offered = offered
		t.flags.set(fetched, newer)
		t.install()
	case newer && t.run == update && !t.model.quirks.has(packageNotFetched):
		t.flags.set(found, true)
		t.tries = 0
		t.question(Fetch)
	case newer && t.run == update:
		t.offered = offered
		t.flags.set(found|fetched, true)
		t.install()
	default:
		t.flags.set(found, newer)
		t.stage = working
		t.work = t.now + t.jitter(t.model.script.check)
	}
}

// weigh is the version that the source offers, and whether it is newer than
// what is installed. A source that names no version is believed.
func (d *Device) weigh(a *Answer) (offered uint16, newer bool) {
	if a.Version == "" {
		return d.version + 1, a.Available
	}
	offered, ok := parseVersion(a.Version)
	older := d.model.quirks.has(olderInstalled) && offered < d.version
	return offered, ok && a.Available && (offered > d.version || older)
}

// retry asks again after a pause, or gives up.
func (t *turn) retry() {
	if t.hangs() {
		t.stage = pausing
		return
	}
	if t.tries >= t.model.script.retries {
		t.giveUp()
		return
	}
	t.tries++
	t.stage = pausing
	t.work = t.now + t.jitter(t.model.script.retryAfter)
}

// giveUp ends the process without a result.
func (t *turn) giveUp() {
	t.flags.set(found|fetched, false)
	t.conclude()
}

// install goes through the steps of the update that apply, then ends it.
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
		t.blame(notInstalled)
	}
	t.flags.set(fetched, when == Succeeds)
	t.conclude()
}

// perform does the step that was waited for.
func (t *turn) perform() {
	st := &t.model.script.steps[t.step]
	t.step++
	if st.moves {
		t.excursion(st.dos)
	}
	switch {
	case t.run == 0: // the excursion has ended in RESET
	case st.givesUp:
		t.blame(noRoom)
		t.giveUp()
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

// advance goes on where the Device stands, for its time has come.
func (t *turn) advance() {
	switch {
	case t.flags.has(off):
		t.boot()
	case t.dos == ocf.RESET:
		t.leaveReset()
	case t.stage == checking, t.stage == fetching:
		t.blame(unanswered)
		t.giveUp()
	case t.stage == pausing && t.run == update && t.flags.has(found):
		t.question(Fetch)
	case t.stage == pausing:
		t.question(Check)
	case t.stage == working && t.run == update && t.flags.has(fetched):
		t.perform()
	case t.stage == working:
		t.conclude()
	case t.stage == announcing:
		t.end()
	case t.run == 0:
		t.afterwards()
	}
}

// conclude shows the result in cm, and some time later that the process has
// ended in tm (seed.txt 35-40, 49-54).
func (t *turn) conclude() {
	t.comeHome()
	if t.departs() {
		return
	}
	t.stage = announcing
	switch {
	case t.endsFirst():
		t.tm &^= t.run.bits()
		t.tell(atEnd)
	case t.flags.has(hidden), t.model.quirks.has(endInOneStep):
		t.result()
		t.end()
		return
	default:
		t.result()
		t.tell(atResult)
	}
	t.work = t.now + t.pauses()
	if t.work == t.now {
		t.work = never
		t.end()
	}
}

// result writes the process's result into cm, and installs what was fetched.
func (t *turn) result() {
	installed := t.run == update && t.flags.has(fetched)
	if installed && !t.keepsOld() {
		t.version = t.offered
		t.installs()
	}
	if t.flags.has(hidden) || t.untold() {
		return
	}
	if t.run == validation {
		t.setCM(ocf.SVV, t.checkResult())
		if t.claimsU() {
			t.setCM(ocf.SSU, true)
		}
		return
	}
	t.setCM(ocf.SSU, t.updateResult(installed))
	if installed && t.model.quirks.has(updateTakesV) {
		t.setCM(ocf.SVV, false)
	}
}

func (t *turn) setCM(bit ocf.DPM, on bool) {
	t.cm = t.cm.Without(bit)
	if on {
		t.cm = t.cm.With(bit)
	}
}

// end clears the process's bit in tm and turns to the next process.
func (t *turn) end() {
	was := t.run
	if t.endsFirst() {
		t.result()
		t.tell(atResult)
	} else if !t.neverEnds() {
		t.tm &^= was.bits()
		t.forgets(was)
		t.tell(atEnd)
	}
	t.afterEnd(was)
	chain := t.flags.has(found)
	if was == validation && t.flags.has(chained|found) {
		t.flags.set(chained, false)
	}
	t.run, t.stage = 0, idle
	t.flags.set(found|fetched|spoiled, false)
	t.flags.set(own(was), false)
	if t.queue == 0 {
		t.flags.set(hidden|chained, false)
	}
	t.begin()
	t.lingers(was, chain)
}

// own is the flag of a process that no Client asked for.
func own(m mode) flags {
	if m == validation {
		return ownCheck
	}
	return ownUpdate
}

// startOwn starts processes that no Client asked for (seed.txt 66-69).
func (t *turn) startOwn(bits mode) {
	bits &^= t.run | t.queue
	if bits == 0 || t.dos == ocf.RESET || t.secured() && t.dos != ocf.RFNOP {
		return
	}
	if t.model.quirks.has(autonomousHidden) {
		if t.run == 0 {
			t.flags.set(hidden, true)
			t.queue |= bits
			t.begin()
		}
		return
	}
	t.replace()
	t.accept(bits)
	if bits&validation != 0 {
		t.flags.set(ownCheck, true)
	}
	if bits&update != 0 {
		t.flags.set(ownUpdate, true)
	}
	t.tell(atStart)
	t.begin()
}

// abandonHidden drops a process that nobody was told of, for a Client's request
// takes its place.
func (t *turn) abandonHidden() {
	if t.flags.has(hidden) {
		t.flags.set(hidden, false)
		t.abort(t.run | t.queue)
	}
}

// abort drops processes without a result.
func (t *turn) abort(bits mode) {
	t.tm &^= bits.bits()
	t.queue &^= bits
	if t.run&bits != 0 {
		t.run, t.stage, t.work = 0, idle, never
		t.ask++
	}
	t.flags.set(chained, false)
}
