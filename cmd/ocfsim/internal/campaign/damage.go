package campaign

import (
	"time"

	"github.com/plgd-dev/go-coap/v3/message/codes"
)

// mayBeDamage reports whether a refusal may be of a request that came otherwise than it was
// sent. Who is not permitted something is told so by another code.
func (e *Engine) mayBeDamage(c codes.Code) bool {
	return c != codes.Unauthorized && c != codes.Forbidden
}

// again asks once more for what was answered as if the request, or its answer, had been damaged
// on the way, and reports whether it does. Twice in a row that is what the Device means.
func (e *Engine) again(d *device, asked ask) bool {
	if d.damaged || e.plan.Tries < 2 {
		return false
	}
	d.damaged = true
	switch {
	case asked == askValidation || asked == askUpdate: // perhaps the Device has begun
		d.unsure, d.want = true, e.looks()
	case d.want != askNothing: // a notification has told what is to be asked next
	case asked == askBlock:
		d.want = askDevice
		if p := e.parts[d]; p != nil {
			d.want = p.of
			delete(e.parts, d)
		}
	default:
		d.want = asked
	}
	return true
}

// misread takes in an answer to the request that is outstanding, with a token that was not sent. If
// the request was damaged, the Device answers each copy of it like this, so it has to be a new one.
func (e *Engine) misread(d *device, now time.Duration) {
	e.end(d, now)
	asked := d.retry
	if d.step == leaving {
		e.leave(d, now)
		return
	}
	if d.retry = askNothing; e.again(d, asked) {
		return
	}
	d.retry = asked
	e.fault(d, arrival{code: codes.InternalServerError}, "with another token", now)
}

// illegible takes in a pstat that can't be read.
func (e *Engine) illegible(d *device, asked ask, now time.Duration) {
	switch {
	case e.again(d, asked):
	case d.step == opening:
		e.conclude(d, Failed, "pstat lacks tm, cm or dos", now)
	default:
		d.look = now + e.plan.Look
	}
}
