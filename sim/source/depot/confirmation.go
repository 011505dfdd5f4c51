package depot

import (
	"fmt"
	"time"

	"github.com/ocfsim/ocfsim/sim/source/ddi"
)

// Confirm takes what a Device says to an action that waits for its confirmation. One that it
// denies goes on waiting. The reply's Status is 404 where there is none that waits, and 410 where
// it has ended.
func (d *Depot) Confirm(r Request, c ddi.Confirmation) Reply {
	e := d.begin(r)
	defer d.finish(e)
	d.mu.Lock()
	defer d.mu.Unlock()
	e.Says = clipped(c.String())
	reply := d.struckBy(r, "feedback", e)
	a := d.controllerOf(r).action(r.Action)
	switch {
	case a == nil:
		reply.Status = 404
		return reply
	case a.ended():
		reply.Status = 410
	case a.state != isWaiting:
		reply.Status = 404
	}
	e.Package, e.Version = a.Release.Name, a.Release.Version
	if reply.Plain() && c.Confirmation == ddi.Confirmed {
		a.state = isOpen
	}
	return reply
}

// Confirmations says whether the actions of a Device count as confirmed, and which one waits; nil:
// none does.
func (d *Depot) Confirmations(r Request) (auto ddi.AutoConfirm, waiting *Action, reply Reply) {
	e := d.begin(r)
	defer d.finish(e)
	d.mu.Lock()
	defer d.mu.Unlock()
	reply = d.struckBy(r, ddi.ConfirmationBase, e)
	c := d.controllerOf(r)
	if a := c.current(); a != nil && a.state == isWaiting {
		waiting = a.copied()
	}
	return c.auto, waiting, reply
}

// AutoConfirm has the actions of a Device count as confirmed from now on, that one which waits too,
// or, where a is nil, no longer. The reply's Status is 409 where they do already.
func (d *Depot) AutoConfirm(r Request, a *ddi.AutoConfirm) Reply {
	e := d.begin(r)
	defer d.finish(e)
	d.mu.Lock()
	defer d.mu.Unlock()
	reply := d.struckBy(r, ddi.ConfirmationBase, e)
	c := d.controllerOf(r)
	switch {
	case a == nil:
		e.Says = "confirms each action itself"
	default:
		e.Says = clipped(fmt.Sprintf("has its actions confirmed: %s %s", a.Initiator, a.Remark))
		if c.auto.Active {
			reply.Status = 409
		}
	}
	switch {
	case !reply.Plain():
	case a == nil:
		c.auto = ddi.AutoConfirm{}
	default:
		c.auto = *a
		c.auto.Active, c.auto.ActivatedAt = true, time.Now().UnixMilli()
		if w := c.current(); w != nil && w.state == isWaiting {
			w.state = isOpen
		}
	}
	return reply
}
