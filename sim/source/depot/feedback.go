package depot

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/sim/source"
	"github.com/ocfsim/ocfsim/sim/source/ddi"
)

// mostSaid is how much of what a Device says is in the log, in bytes.
const mostSaid = 500

// clipped is text on one line, cut off where it is too long.
func clipped(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > mostSaid {
		text = strings.ToValidUTF8(text[:mostSaid], "") + "..."
	}
	return text
}

// Feedback takes what a Device says of an action that it was to install
// (ddi.DeploymentBase), or that was called off (ddi.CancelAction). The reply's Status is 404
// where there is no such action, and 410 where it has ended.
func (d *Depot) Feedback(r Request, of string, f ddi.Feedback) Reply {
	e := d.begin(r)
	defer d.finish(e)
	d.mu.Lock()
	defer d.mu.Unlock()
	e.Says = clipped(f.String())
	reply := d.struckBy(r, "feedback", e)
	c := d.controllerOf(r)
	a := c.action(r.Action)
	switch {
	case a == nil:
		reply.Status = 404
		return reply
	case a.ended():
		reply.Status = 410
	}
	e.Package, e.Version = a.Release.Name, a.Release.Version
	if !reply.Plain() { // it is as if the Device had not said it
		return reply
	}
	d.said = e.Says
	if of == ddi.CancelAction {
		a.agree(f.Status)
	} else {
		d.conclude(c, a, f.Status, e)
	}
	return reply
}

// agree takes what a Device says of an action that is called off. A Device that rejects that
// goes on with the action.
func (a *Action) agree(s ddi.Status) {
	switch {
	case a.state != isCanceling:
	case s.Execution == ddi.Rejected:
		a.state, a.kept = isOpen, true
	case s.Execution == ddi.Closed && s.Result.Finished == ddi.Failure:
		a.state = hasFailed
	case s.Execution == ddi.Closed:
		a.state = isCanceled
	}
}

// conclude takes what a Device says of an action that it was to install. What is closed and
// has not failed counts as installed, as it does with hawkBit.
func (d *Depot) conclude(c *controller, a *Action, s ddi.Status, e *Entry) {
	switch {
	case s.Execution == ddi.Canceled:
		a.state = isCanceled
	case s.Execution != ddi.Closed:
	case s.Result.Finished == ddi.Failure:
		a.state = hasFailed
	default:
		a.state = isInstalled
		c.version, c.told = a.Release.Version, false
		e.Doubt = d.doubt(a, e)
	}
}

// doubt is the package that a Device says it has installed, if it never had it whole and as
// it is; nil if it had. The report of the source names it too.
func (d *Depot) doubt(a *Action, e *Entry) *source.Handed {
	h := source.Handed{
		Package: a.Release.Name, Version: a.Release.Version, Of: int64(len(a.Release.Content)), Number: e.Number, At: e.At,
	}
	if a.taken != nil {
		h = *a.taken
	}
	if h.Good {
		return nil
	}
	h.Claimed = true
	d.last = &h
	return &h
}

// Identify takes what a Device says that it is. Its "version" is the version that it has.
func (d *Depot) Identify(r Request, i ddi.Identity) Reply {
	e := d.begin(r)
	defer d.finish(e)
	d.mu.Lock()
	defer d.mu.Unlock()
	var words []string
	for _, key := range slices.Sorted(maps.Keys(i.Data)) {
		words = append(words, fmt.Sprintf("%s=%s", key, i.Data[key]))
	}
	e.Says = clipped(strings.Join(words, " "))
	reply := d.struckBy(r, ddi.ConfigData, e)
	if !reply.Plain() {
		return reply
	}
	c := d.controllerOf(r)
	c.told = true
	if version := i.Data["version"]; i.Mode != ddi.Remove && nameable(version) {
		c.version = version
		if a := c.current(); a != nil && a.before == "" {
			a.before = version
		}
	}
	return reply
}

// Refused enters a question in the log that was answered with no, and why.
func (d *Depot) Refused(r Request, why string) {
	e := d.begin(r)
	e.Ended, e.Says = Answered, clipped(why)
	d.finish(e)
}
