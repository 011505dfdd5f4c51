package campaign

import (
	"cmp"
	"fmt"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/update"
	"github.com/ocfsim/ocfsim/ocf"
)

const (
	// faultPause is how long a Device is left alone that answers by a fault and does not
	// say for how long.
	faultPause = 10 * time.Second
	// deniedPause is how long after it has denied a look at its pstat a Device is asked
	// again, while an update goes on: no more than once in a minute (ANSWER-1).
	deniedPause = 61 * time.Second
	// shortPause is how soon a Device is asked again that did not answer, or that has ended
	// an observation.
	shortPause = 2 * time.Second
)

// pauseAfter is how long the Device asks to be left alone.
func pauseAfter(a arrival) time.Duration {
	if a.ages {
		return max(time.Duration(a.maxAge)*time.Second, shortPause)
	}
	return shortPause
}

// end ends the exchange under way.
func (e *Engine) end(d *device, now time.Duration) {
	e.release(d)
	if d.copies == 0 && !d.acked {
		e.rtt(now - d.sent)
	}
	d.retry, d.outstanding = d.outstanding, askNothing
}

// answered takes in the answer to the request that is outstanding.
func (e *Engine) answered(d *device, a arrival, now time.Duration) {
	e.end(d, now)
	asked := d.retry
	d.silent = false
	if d.copies == 0 {
		e.throttle.grow()
	} else {
		e.throttle.cut(now)
	}
	switch {
	case d.step == leaving:
		e.leave(d, now)
	case class(a.code) == 5:
		e.fault(d, a, codeText(a.code), now)
	case class(a.code) != 2:
		d.retry = askNothing
		if e.mayBeDamage(a.code) && e.again(d, asked) {
			return
		}
		e.denied(d, asked, codeText(a.code), now)
	default:
		d.retry = askNothing
		if asked == askWatch {
			d.observing = a.observes
		}
		sure := !d.unsure // a Device may answer all but the write
		asked, whole := e.piecemeal(d, asked, &a, now)
		switch {
		case whole && !e.accepted(d, asked, a, now):
		case sure:
			d.tries, d.damaged = 0, false
		}
	}
}

// fault takes in an answer of class 5, or a RST. What was asked for is asked again after a
// pause.
func (e *Engine) fault(d *device, a arrival, code string, now time.Duration) {
	d.tries++
	switch waits := d.step == busy || d.step == validating || d.step == updating; {
	case d.step == leaving:
		e.leave(d, now)
	case int(d.tries) >= e.plan.Tries && !(waits && (d.retry == askWatch || d.retry == askRead)):
		e.conclude(d, Failed, fmt.Sprintf("the Device answers %s again and again", code), now)
	case a.ages:
		d.look = now + time.Duration(a.maxAge+1)*time.Second
	default:
		d.look = now + faultPause<<min(d.tries-1, 3)
	}
}

// denied takes in an answer of class 4.
func (e *Engine) denied(d *device, asked ask, code string, now time.Duration) {
	switch {
	case asked == askBlock:
		e.conclude(d, Failed, "the Device answers "+code+" to a request for the next block", now)
	case asked == askDevice || asked == askPlatform:
		e.introduced(d, asked, nil, now)
	case asked == askValidation || asked == askUpdate:
		e.conclude(d, Refused, fmt.Sprintf("the Device answers %s to tm=%v", code, d.process.Bit), now)
	case d.step == opening:
		e.conclude(d, Refused, "the Device answers "+code+" to GET pstat", now)
	default: // dos may have changed who may read pstat, for as long as the update takes
		d.observing, d.look, d.refused = false, now+deniedPause, true
	}
}

// accepted takes in an answer of class 2. It is false if the answer can't be read.
func (e *Engine) accepted(d *device, asked ask, a arrival, now time.Duration) bool {
	switch asked {
	case askDevice, askPlatform:
		return e.introduced(d, asked, a.payload, now)
	case askWatch, askRead:
		d.refused = false
		p, ok := decode(a.payload)
		if !ok {
			e.illegible(d, asked, now)
			return false
		}
		d.look = now + e.plan.Look
		if !a.observes || d.fresh(a.observe, false, now) {
			e.see(d, p, now)
		}
	case askValidation, askUpdate:
		e.granted(d, now)
	}
	return true
}

// open has pstat be read for the first time.
func (e *Engine) open(d *device) { d.step, d.want = opening, e.looks() }

// granted takes in that the Device accepts the request for a process.
func (e *Engine) granted(d *device, now time.Duration) {
	d.unsure, d.tries, d.asked = false, 0, now
	d.process.Answer(now)
	if d.limit = now + e.plan.Validation; d.step == updating {
		d.limit = now + e.plan.Update
	}
	if d.look = now + e.plan.Look; !d.process.Began() {
		d.look = now + update.Settle
	}
	e.advance(d, now)
}

// see takes in what pstat shows.
func (e *Engine) see(d *device, p ocf.Pstat, now time.Duration) {
	d.pstat, d.silent = p, false
	if d.step == validating || d.step == updating {
		d.process.See(p, now)
	}
	e.advance(d, now)
}

// advance goes on with the course where what was seen allows it.
func (e *Engine) advance(d *device, now time.Duration) {
	switch d.step {
	case opening:
		d.home = d.known.Home(d.pstat.DOS)
		e.arrive(d, now)
	case busy:
		if d.pstat.TM&update.Busy == 0 { // its version may be another one now
			d.step, d.want = meeting, askDevice
		}
	case validating, updating:
		switch {
		case d.unsure:
			e.doubt(d, now)
		case d.process.Ended():
			e.over(d, now)
		}
	}
}

// arrive goes on with a Device whose pstat was seen for the first time. What an earlier run
// had asked it for may be pending, or have ended since.
func (e *Engine) arrive(d *device, now time.Duration) {
	pending := d.pstat.TM & update.Busy
	resumed := d.known.Pending(d.pstat) || d.known.Over(d.pstat, d.from)
	if d.known.From != "" {
		d.from = d.known.From
	}
	switch {
	case resumed:
		d.step, d.process = updating, update.Ask(ocf.SSU, d.home, ocf.Pstat{})
		d.process.See(d.pstat, now)
		e.granted(d, now)
		d.asked = 0 // it was asked in another run: nobody knows how long the update takes
		if d.step == updating && !pending.Has(ocf.SSU) {
			d.look = now + update.Settle
		}
	case pending != 0:
		if d.step = busy; d.limit == 0 {
			d.limit = now + e.plan.Validation + e.plan.Update
		}
	default:
		e.ask(d, ocf.SVV, now)
	}
}

// ask has the Device be asked for a process. One that is pending already, because the Device
// or somebody else has begun it, is waited for.
func (e *Engine) ask(d *device, bit ocf.DPM, now time.Duration) {
	d.step, d.want = validating, askValidation
	if bit == ocf.SSU {
		d.step, d.want = updating, askUpdate
	}
	d.process = update.Ask(bit, d.home, d.pstat)
	d.limit, d.look = 0, 0
	if d.pstat.TM.Has(bit) {
		d.want = askNothing
		d.process.See(d.pstat, now)
		e.granted(d, now)
	}
}

// doubt finds out, by what pstat shows, whether a write that was not answered has come to
// the Device; if it has not, it is sent as a new request.
func (e *Engine) doubt(d *device, now time.Duration) {
	if bit := d.process.Bit; d.process.Began() || d.pstat.CM.Has(bit) && d.process.Changed() {
		e.granted(d, now)
		return
	}
	d.unsure, d.look = false, 0
	e.ask(d, d.process.Bit, now)
}

// over goes on after a process that has ended.
func (e *Engine) over(d *device, now time.Duration) {
	d.limit, d.look = 0, 0
	if d.step == validating {
		d.validation = now - d.asked
		switch {
		case !d.process.Found():
			e.conclude(d, NoUpdate, "", now)
		case e.plan.Check:
			e.conclude(d, Available, "", now)
		default:
			e.ask(d, ocf.SSU, now)
		}
		return
	}
	if d.asked != 0 {
		d.update = now - d.asked
	}
	if !d.process.Succeeded() {
		verdict, reason := d.process.Conclude("", "")
		e.conclude(d, Verdict(verdict), reason, now)
		return
	}
	d.step, d.want = confirming, askDevice
}

// confirm judges an update that has ended, by the version that the Device shows after it.
func (e *Engine) confirm(d *device, now time.Duration) {
	from := d.from
	if e.plan.Version == VersionUndeclared {
		from = ""
	}
	verdict, reason := d.process.Conclude(from, d.to)
	e.conclude(d, Verdict(verdict), reason, now)
}

// unanswered takes in that nobody answered a request, after all its copies.
func (e *Engine) unanswered(d *device, now time.Duration) {
	e.end(d, now)
	asked := d.retry
	d.retry, d.silent = askNothing, true
	d.tries++
	switch {
	case d.step == leaving:
		e.finish(d, now)
	case int(d.tries) >= e.plan.Tries && (asked == askValidation || asked == askUpdate):
		e.conclude(d, Failed, fmt.Sprintf("the Device does not answer tm=%v, and answers else", d.process.Bit), now)
	case int(d.tries) >= e.strangerTries() && d.step == meeting:
		e.lose(d, "the Device does not answer", now)
	case int(d.tries) >= e.plan.Tries && d.limit == 0:
		e.lose(d, "the Device does not answer any more", now)
	case asked == askValidation || asked == askUpdate:
		d.unsure, d.want = true, e.looks()
	case d.want != askNothing: // a notification has told what is to be asked next
	case d.unsure:
		d.want = e.looks()
	case d.limit == 0:
		if d.want = asked; asked == askBlock {
			d.want = e.parts[d].of
		}
	default:
		d.observing, d.look = false, now+shortPause
	}
}

// strangerTries is how often a Device is asked that has never answered. Where none of several
// has, it is not the one Device that is on its way back.
func (e *Engine) strangerTries() int {
	if e.heard || e.begun < 2 {
		return e.plan.Tries
	}
	return cmp.Or(e.plan.Unheard, e.plan.Tries)
}

// late concludes a step that has taken too long.
func (e *Engine) late(d *device, now time.Duration) {
	d.limit = 0
	switch {
	case d.silent || d.outstanding != askNothing && d.copies > 0:
		e.lose(d, fmt.Sprintf("the Device does not answer any more; pstat was %v", d.pstat), now)
	case d.step <= busy:
		e.conclude(d, Straggler, fmt.Sprintf("it was busy from the beginning: pstat shows %v", d.pstat), now)
	default:
		e.conclude(d, Straggler, fmt.Sprintf("%v did not end in time: pstat shows %v", d.process.Bit, d.pstat), now)
	}
}

// conclude says what became of the Device, and takes leave of it.
func (e *Engine) conclude(d *device, v Verdict, reason string, now time.Duration) {
	d.verdict, d.reason = v, reason
	d.step, d.limit, d.look, d.retry, d.want = leaving, 0, 0, askNothing, askNothing
	if d.outstanding == askNothing {
		e.leave(d, now)
	}
}

// lose gives up a Device that does not answer.
func (e *Engine) lose(d *device, reason string, now time.Duration) {
	d.verdict, d.reason = Lost, reason
	e.finish(d, now)
}

// leave ends the observation, if there is one. The Device need not answer.
func (e *Engine) leave(d *device, now time.Duration) {
	if !d.observing {
		e.finish(d, now)
		return
	}
	d.observing, d.want = false, askLeave
}

// finish ends the course of the Device.
func (e *Engine) finish(d *device, now time.Duration) {
	d.step, d.outstanding, d.want, d.limit, d.look = done, askNothing, askNothing, 0, 0
	delete(e.parts, d)
	d.finished = now
	e.release(d)
}
