package sim

import (
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// cutPower is a power cycle that no script asked for: the running process is
// interrupted.
func (t *turn) cutPower() {
	if t.run != 0 && t.stage != announcing {
		t.stage = interrupted
		t.ask++
	}
	t.goOff(t.jitter(t.model.script.off))
}

// goOff makes the Device unreachable for length.
func (t *turn) goOff(length time.Duration) {
	t.flags.set(off, true)
	t.loseSessions()
	t.own = never
	t.work = t.now + length
	t.emit(Effect{Kind: Offline})
}

// boot brings the Device back with what it had saved: dos, cm, tm, the installed
// version and the pending processes.
func (t *turn) boot() {
	t.flags.set(off, false)
	t.emit(Effect{Kind: Online})
	t.bent.boots.happens(t)
	t.resume()
}

// resume continues with what was pending when the Device went off.
func (t *turn) resume() {
	if own := t.model.script.own; own != nil && t.flags&arranged == 0 {
		t.own = t.now + t.jitter(own.after)
	}
	if t.secured() && t.dos == ocf.RFOTM {
		t.resumeTransfer()
	}
	switch {
	case t.dos == ocf.RESET:
		t.work = t.now + t.model.script.reset
	case t.stage == announcing:
		t.work = t.now + t.jitter(t.model.script.announce)
	case t.stage == pausing:
		t.work = t.now
	case t.stage == working:
		t.install()
	case t.stage == interrupted && t.run == update && !t.model.script.resumes:
		t.giveUp(ocf.ResultFailed)
	case t.stage == interrupted:
		t.flags.set(found|fetched, false)
		t.step, t.tries = 0, 0
		t.question(Check)
	default:
		t.begin()
	}
}
