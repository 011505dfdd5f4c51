package depot

import (
	"context"
	"hash/crc32"
	"slices"

	"github.com/ocfsim/ocfsim/sim/source"
	"github.com/ocfsim/ocfsim/sim/source/ddi"
)

// Action is the task to install something, as a server gives it to one Device by the Direct
// Device Integration API (DDI) of Eclipse hawkBit. A Device has one at a time.
//
//	waiting --the Device confirms, or has all confirmed--> open
//	waiting, open --no longer on offer--> canceling --the Device agrees--> canceled
//	open --the Device says--> installed, failed or canceled
//
// What ended as failed is given to the Device again, under another number, for as long as it
// is on offer. After installed and canceled nothing is given to it under the same conditions,
// unless it is back at the version of before: a Device that polls would else install something
// again and again.
type Action struct {
	ID      uint64
	Release Release   // what to install
	Files   []Release // Release, and what goes with it
	Address string    // where the package is said to be; "" for where it is

	before string // the version that the Device had when it was given the action; "": unknown
	state  actionState
	gone   bool            // its package was withdrawn
	kept   bool            // the Device goes on with it, though it was called off
	era    int             // of the conditions under which it was on offer last
	parts  map[part]*spans // what the Device has got of each file
	taken  *source.Handed  // the package as far as the Device has had it; nil: not a byte of it
}

// actionState is how far an Action is.
type actionState uint8

const (
	isOpen    actionState = iota
	isWaiting             // for the Device to confirm it
	isCanceling
	isInstalled
	hasFailed
	isCanceled
)

// ended reports whether nothing more is to come of the action.
func (a *Action) ended() bool { return a.state > isCanceling }

// controller is what the depot knows of a Device that asks by DDI.
type controller struct {
	version string // that it has, as it says or by what it has installed; "": unknown
	told    bool   // it has said what it is, since it was last asked to
	auto    ddi.AutoConfirm
	actions []*Action
}

// mostControllers and mostActions bound what is remembered of Devices that ask by DDI.
const (
	mostControllers = 1 << 16
	mostActions     = 16
)

// current is the action that has not ended, or nil.
func (c *controller) current() *Action {
	if a := c.latest(); a != nil && !a.ended() {
		return a
	}
	return nil
}

// latest is the newest action, or nil.
func (c *controller) latest() *Action {
	if len(c.actions) == 0 {
		return nil
	}
	return c.actions[len(c.actions)-1]
}

// installed is the newest action that the Device has installed, or nil.
func (c *controller) installed() *Action {
	for _, a := range slices.Backward(c.actions) {
		if a.state == isInstalled {
			return a
		}
	}
	return nil
}

// action is the one of a number, or nil.
func (c *controller) action(id uint64) *Action {
	for _, a := range c.actions {
		if a.ID == id {
			return a
		}
	}
	return nil
}

// actionOf is the action that a request is about, or nil.
func (d *Depot) actionOf(r Request) *Action {
	if r.Action == 0 {
		return nil
	}
	return d.controllerOf(r).action(r.Action)
}

// controllerOf is what is known of whoever asks. Whoever calls it has d.mu.
func (d *Depot) controllerOf(r Request) *controller {
	c := d.controllers[r.who()]
	if c == nil {
		c = &controller{}
		if len(d.controllers) >= mostControllers {
			clear(d.controllers)
		}
		d.controllers[r.who()] = c
	}
	return c
}

// Polled is what a Device is told that asks by DDI what there is to do.
type Polled struct {
	Reply
	Deploy    *Action // what to install; nil: nothing
	Confirm   *Action // what to confirm before that; nil: nothing
	Cancel    uint64  // the number of an action that is called off; 0: none is
	Installed uint64  // the number of the action that was installed last; 0: none was
	Identify  bool    // the Device has not said what it is
}

// Poll says what there is to do. It is a question for the newest version, so it waits at the
// gate; ok is false if whoever asked went away before the answer, or if the depot was closed.
func (d *Depot) Poll(ctx context.Context, r Request) (p Polled, ok bool) {
	d.mu.Lock()
	r.Version = d.controllerOf(r).version
	d.mu.Unlock()
	o, ok := d.Versions(ctx, r)
	if o.Redirect == r.Arrived {
		o.Redirect = ""
	}
	if !ok || !o.Plain() {
		return Polled{Reply: o.Reply}, ok
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	c := d.controllerOf(r)
	d.assign(c, o)
	p.Identify = !c.told
	if a := c.installed(); a != nil {
		p.Installed = a.ID
	}
	switch a := c.current(); {
	case a == nil:
	case a.state == isCanceling:
		p.Cancel = a.ID
	case a.state == isWaiting:
		p.Confirm = a.copied()
	default:
		p.Deploy = a.copied()
	}
	return p, true
}

// assign gives a Device what is on offer to it, and calls off what no longer is.
func (d *Depot) assign(c *controller, o Offered) {
	offer := o.Release
	if offer != nil && d.spoiled[offer.Name] == Withdraw {
		offer = nil
	}
	if a := c.current(); a != nil {
		if off := a.gone || offer == nil || offer.ETag() != a.Release.ETag(); off && !a.kept {
			a.state = isCanceling
		} else if !off {
			a.era = d.era
		}
		a.Address = o.Address
		return
	}
	if last := c.latest(); offer == nil || last != nil && last.era == d.era && !last.again(c.version) {
		return
	}
	d.deeds++
	if len(c.actions) >= mostActions {
		c.actions = slices.Delete(c.actions, 0, 1)
	}
	a := &Action{
		ID: d.deeds, Release: *offer, Files: d.filesOf(*offer), Address: o.Address, before: c.version, era: d.era, parts: map[part]*spans{},
	}
	if d.config.Confirms && !c.auto.Active {
		a.state = isWaiting
	}
	c.actions = append(c.actions, a)
}

// again reports whether an action that has ended is worth another one under the same
// conditions, if the Device has a version now: it has failed and can still be had, or the
// Device is back at what it had before.
func (a *Action) again(version string) bool {
	back := a.state == isInstalled && version == a.before && version != a.Release.Version
	return a.state == hasFailed && !a.gone || back
}

// filesOf are a release, and what goes with it. None of them is a question to the source:
// that was the poll.
func (d *Depot) filesOf(r Release) []Release {
	if d.config.Shelf == nil {
		return []Release{r}
	}
	files := slices.Clone(d.shelved)
	for i := range files {
		if files[i].Part == Offer {
			files[i].Part = Beside
		}
	}
	return files
}

// fileOf is the file of an action that is asked for, nil if there is none or it may not be
// had any more.
func (d *Depot) fileOf(r Request) *Release {
	a := d.actionOf(r)
	if a == nil || a.state != isOpen && a.state != isInstalled || a.state == isOpen && !a.kept && !d.offers(&a.Release) {
		return nil
	}
	return named(a.Files, func(f *Release) bool { return f.Name == r.Name })
}

// File is the file of an action that r asks for, without a word of it in the log; ok is
// false if there is none.
func (d *Depot) File(r Request) (f Release, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	found := d.fileOf(r)
	if found == nil {
		return f, false
	}
	return *found, true
}

// Revision is a number that changes with what there is to know of the action.
func (a *Action) Revision() uint32 {
	sum := crc32.NewIEEE()
	for _, f := range a.Files {
		_, _ = sum.Write(f.Tag()) // it never fails
	}
	_, _ = sum.Write([]byte(a.Address))
	return sum.Sum32()
}

// offers reports whether a release can be had, whoever asks for it.
func (d *Depot) offers(r *Release) bool {
	if d.config.Shelf == nil {
		return d.newer && d.spoiled[r.Name] != Withdraw
	}
	found := named(d.shelved, func(o *Release) bool { return o.Name == r.Name })
	return found != nil && d.spoiled[r.Name] != Withdraw
}

// copied is what may be read of the action without the depot's lock.
func (a *Action) copied() *Action {
	return &Action{ID: a.ID, Release: a.Release, Files: a.Files, Address: a.Address}
}

// has reports whether an action is there for what a Device asks: ddi.DeploymentBase,
// ddi.InstalledBase, ddi.CancelAction or ddi.ConfirmationBase.
func (a *Action) has(what string) bool {
	switch what {
	case ddi.DeploymentBase:
		return a.state == isOpen
	case ddi.CancelAction:
		return a.state == isCanceling
	case ddi.ConfirmationBase:
		return a.state == isWaiting
	}
	return a.state == isInstalled
}

// Action answers a question about an action of a Device: ddi.DeploymentBase,
// ddi.InstalledBase, ddi.CancelAction or ddi.ConfirmationBase. The reply's Status is 404 where there is no such
// action. Only strikes strike it that name what is asked for.
func (d *Depot) Action(r Request, what string) (Action, Reply) {
	e := d.begin(r)
	defer d.finish(e)
	d.mu.Lock()
	defer d.mu.Unlock()
	reply := d.struckBy(r, what, e)
	a := d.actionOf(r)
	if a == nil || !a.has(what) {
		reply.Status = 404
		return Action{}, reply
	}
	e.Package, e.Version = a.Release.Name, a.Release.Version
	return *a.copied(), reply
}

// struckBy is the reply to a question that is struck only where a strike names it.
func (d *Depot) struckBy(r Request, name string, e *Entry) (reply Reply) {
	e.Ended = Answered
	for _, s := range d.strikesOn(r.Over, d.count(counter{"ddi", name}), name, AtAnswer) {
		if followed := s.Does == Redirect && s.With == r.Arrived; s.Of == name && !followed && reply.take(s) {
			e.Faults = append(e.Faults, s.String())
		}
	}
	if reply.Mute {
		e.Ended = Struck
	}
	return reply
}
