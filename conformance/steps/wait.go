package steps

import (
	"context"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// wait is a wait for the Timeline to show something. It ends with the entry
// that shows it; a timeout is an entry too, and no error.
type wait struct {
	text  string
	bound time.Duration
	until func(conformance.Timeline) bool
	// poll reads pstat now and then, in case the Device does not notify.
	poll bool
}

func (t *trial) await(ctx context.Context, w wait) (bool, error) {
	began := time.Now()
	lasts, short := t.budget.ration(w.bound)
	defer t.budget.spend(began)
	t.waits(w.text, began, lasts)
	limit := time.NewTimer(lasts)
	defer limit.Stop()
	every := max(t.profile.Timing.Settle*3/2, 10*time.Millisecond)
	poll := time.NewTimer(every)
	defer poll.Stop()
	for {
		changed := t.rec.Changed()
		if w.until(t.rec.Timeline()) {
			t.waited(w.text, conformance.Seen)
			return true, nil
		}
		if err := t.flooded(); err != nil {
			return false, err
		}
		select {
		case <-changed:
			if err := t.tend(ctx); err != nil {
				return false, err
			}
		case <-poll.C:
			if !w.poll {
				continue
			}
			if err := t.probe(ctx); err != nil {
				return false, err
			}
			every = min(2*every, max(every, w.bound/8))
			poll.Reset(every)
		case <-limit.C:
			if short {
				return false, t.overdrawn(w.text, w.bound)
			}
			t.waited(w.text, conformance.Timeout)
			return false, nil
		case <-ctx.Done():
			return false, context.Cause(ctx)
		}
	}
}

// flooded ends the scenario where there is no room left for what the Device sends:
// what it does from here on is not seen.
func (t *trial) flooded() error {
	if !t.rec.Full() {
		return nil
	}
	return untestable("the Device sends more than a record has room for")
}

func (t *trial) waits(text string, since time.Time, bound time.Duration) {
	t.run.tell(Progress{Moment: Waits, Text: text, Since: since, Bound: bound})
}

func (t *trial) waited(text, outcome string) {
	t.rec.Append(conformance.Observation{Kind: conformance.Waiting, Text: text, Outcome: outcome})
}

// pause lets d go by.
func (t *trial) pause(ctx context.Context, d time.Duration) error {
	lasts, short := t.budget.ration(d)
	defer t.budget.spend(time.Now())
	timer := time.NewTimer(lasts)
	defer timer.Stop()
	select {
	case <-timer.C:
		if short {
			return t.overdrawn("time to go by", d)
		}
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// latest is what the named Client saw last.
func (t *trial) latest(tl conformance.Timeline, name string) (ocf.Pstat, bool) {
	return latest(t.watch.Samples(tl), name)
}

// latest is what the named Client saw last, by the samples.
func latest(samples []conformance.Sample, name string) (ocf.Pstat, bool) {
	for i := len(samples) - 1; i >= 0; i-- {
		if samples[i].Client == name {
			return samples[i].Pstat, true
		}
	}
	return ocf.Pstat{}, false
}

// idle reports whether the Device was last seen at rest: no process pending,
// and in the dos where it belongs.
func (t *trial) idle(tl conformance.Timeline) bool {
	p, ok := t.latest(tl, t.viewer)
	if !ok || p.TM&t.processes() != 0 {
		return false
	}
	return !p.Present.Has(ocf.PropDOS) || (t.anyRest || p.DOS == t.home()) && !p.Pending
}

// home is the dos to which the Device comes back.
func (t *trial) home() ocf.DOS {
	if path := t.profile.Update.DOS; t.asked.Has(ocf.SSU) && len(path) > 0 {
		return path[len(path)-1]
	}
	return ocf.RFNOP
}

// begun gives what the Device has accepted the settle time to be seen: one that is idle
// may not have begun yet. That nothing was seen is no entry, for it decides nothing.
func (t *trial) begun(ctx context.Context) error {
	limit := time.NewTimer(t.profile.Timing.Settle)
	defer limit.Stop()
	for {
		changed := t.rec.Changed()
		if t.absent() == 0 {
			return nil
		}
		select {
		case <-changed:
		case <-limit.C:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// rest waits until the Device is idle and a GET confirms it, also after what was
// accepted had time to begin. If the bound passes first, a GET shows what the Device is
// doing instead. Where that is a process which nobody asked for, it has its own time on
// top.
func (t *trial) rest(ctx context.Context, bound time.Duration) (bool, error) {
	const text = "the Device to come to rest"
	begins := false
	unasked := ocf.DPM(0)
	for end := time.Now().Add(bound); ; {
		seen, err := t.await(ctx, wait{text: text, bound: max(0, time.Until(end)), until: t.idle, poll: true})
		if err != nil {
			return false, err
		}
		if err := t.read(ctx); err != nil {
			return false, err
		}
		if t.idle(t.rec.Timeline()) {
			if begins || t.absent() == 0 {
				return true, nil
			}
			begins = true
			if err := t.begun(ctx); err != nil {
				return false, err
			}
			continue
		}
		if seen {
			continue
		}
		p, _ := t.latest(t.rec.Timeline(), t.viewer)
		more := (p.TM & t.processes()).Without(t.asked | unasked)
		if more == 0 || t.asked == 0 {
			return false, nil
		}
		unasked |= more
		end = time.Now().Add(t.bound(more))
	}
}

// bound is the longest that the processes asked for may take, by the target's
// own declaration, and for how long they may lag behind. That is no more than as long
// again: an answer in many blocks over a slow network may itself take minutes.
func (t *trial) bound(asked ocf.DPM) time.Duration {
	b := t.profile.Timing
	d := 2 * b.Settle
	if asked.Has(ocf.SVV) {
		d += b.Validation
	}
	if asked.Has(ocf.NSA) {
		d += b.Validation
	}
	if asked.Has(ocf.SSU) {
		d += b.Update
		if t.profile.Update.Reboots {
			d += b.Reboot
		}
	}
	return d + min(d, conformance.Lag(t.run.memory.slowest))
}
