package steps

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// prepare brings the Device into a known state: observed, at rest in RFNOP, its
// source open and under the condition named, if one is.
func (t *trial) prepare(ctx context.Context, condition string) error {
	t.arranged = condition
	if err := t.reach(ctx); err != nil {
		back, failed := t.revive(ctx)
		switch {
		case failed != nil:
			return failed
		case !back:
			return err
		}
		t.note("the Device was restarted, for it did not answer")
		if err := t.reach(ctx); err != nil {
			return err
		}
	}
	if err := t.open(ctx); err != nil {
		return err
	}
	if err := t.settle(ctx); err != nil {
		return err
	}
	if condition != "" {
		if err := t.offer(ctx, condition); err != nil {
			return err
		}
	}
	if err := t.inventory(ctx); err != nil {
		return err
	}
	return t.calm(ctx)
}

// calm waits for the end of what a Device has begun by itself since it
// was seen at rest.
func (t *trial) calm(ctx context.Context) error {
	if t.arranges && !t.profile.Supports.Autonomous || t.idle(t.rec.Timeline()) {
		return nil
	}
	if _, err := t.rest(ctx, t.bound(t.processes())); err != nil {
		return err
	}
	return t.inventory(ctx)
}

// reach observes pstat before anything else is sent, since a notification can
// come before the answer to the write that caused it. A Device that does not
// answer is given the time of a restart, but not again in every scenario.
func (t *trial) reach(ctx context.Context) error {
	if t.run.memory.silent {
		if err := t.probe(ctx); err != nil {
			return err
		}
		if t.gone {
			return t.silent()
		}
		t.run.memory.silent = false
	}
	end := time.Now().Add(t.profile.Timing.Reboot)
	for try := 1; ; try++ {
		n, err := t.observe(ctx, privileged)
		var closed unopened
		late := func() bool { return try > 1 && time.Now().After(end) && !t.insists(try) }
		switch {
		case t.profile.Secured && errors.As(err, &closed) && ctx.Err() == nil:
			if late() {
				return errors.Join(t.silent(), err)
			}
			if err := t.pause(ctx, t.profile.Timing.Settle); err != nil {
				return err
			}
		case err != nil || t.answered(n):
			return err
		case late():
			return t.silent()
		}
	}
}

// open opens a gate that an earlier run may have left closed.
func (t *trial) open(ctx context.Context) error {
	if t.run.memory.opened {
		return nil
	}
	t.run.memory.opened = true
	if err := t.release(ctx); err != nil && !isUntestable(err) {
		return err
	}
	return nil
}

// settle waits until the Device is at rest in RFNOP and takes it there from
// RFPRO and SRESET.
func (t *trial) settle(ctx context.Context) error {
	if err := t.read(ctx); err != nil {
		return err
	}
	p, ok, err := t.legible(ctx)
	switch {
	case err != nil:
		return err
	case !ok:
		t.forfeit("it shows its owner no pstat")
		return untestable("the Device shows no pstat that carries tm and cm")
	}
	bound := t.bound(t.processes()) + t.profile.Timing.Reboot
	if p.String() == t.run.memory.stuck {
		bound = t.profile.Timing.Settle
	}
	if err := t.enter(ctx, ocf.RFNOP); err != nil {
		return err
	}
	if t.idle(t.rec.Timeline()) { // it has just been read
		t.run.memory.stuck = ""
		return nil
	}
	rests, err := t.rest(ctx, bound)
	if err != nil || rests {
		t.run.memory.stuck = ""
		return err
	}
	p, _ = t.latest(t.rec.Timeline(), t.viewer)
	t.run.memory.stuck = p.String()
	return untestable("the Device was not at rest to begin with: %v", p)
}

// legible is pstat as it was read last. Where it can't be read, and could be in an earlier scenario,
// the Device may have taken a tm that is no mask, and show it: a tm of 0 is written in its place, so
// that the scenarios to come do not suffer from it.
func (t *trial) legible(ctx context.Context) (p ocf.Pstat, ok bool, err error) {
	if p, ok = t.latest(t.rec.Timeline(), t.viewer); !ok && t.run.memory.legible {
		if err := t.write(ctx, ocf.PstatUpdate{Set: ocf.PropTM}); err != nil {
			return p, false, err
		}
		if err := t.read(ctx); err != nil {
			return p, false, err
		}
		p, ok = t.latest(t.rec.Timeline(), t.viewer)
	}
	t.run.memory.legible = t.run.memory.legible || ok
	return p, ok, nil
}

// enter moves the Device to the wanted dos by the moves that a Client may ask
// for. If that fails, the Device stays where it is.
func (t *trial) enter(ctx context.Context, want ocf.DOS) error {
	for range 3 {
		p, ok := t.latest(t.rec.Timeline(), t.viewer)
		if !ok || p.DOS == want || p.DOS == ocf.RESET || p.TM&t.processes() != 0 {
			return nil
		}
		next := want
		if p.DOS != ocf.RFNOP && p.DOS != ocf.RFPRO {
			next = ocf.RFPRO
		}
		if err := t.write(ctx, ocf.PstatUpdate{Set: ocf.PropDOS, DOS: next}); err != nil {
			return err
		}
		if err := t.read(ctx); err != nil {
			return err
		}
	}
	return nil
}

// moved is the Given that the Device is in a dos other than RFNOP.
func (t *trial) moved(ctx context.Context, want ocf.DOS) error {
	if err := t.enter(ctx, want); err != nil {
		return err
	}
	if p, ok := t.latest(t.rec.Timeline(), t.viewer); !ok || p.DOS != want {
		t.forfeit("it does not go where its owner wants it")
		return untestable("the Device did not go to %v when asked to", want)
	}
	t.anyRest = true
	return nil
}

// cycle asks for the processes of mask and waits for their end. It leaves out a
// check if the target does not claim to support checks.
func (t *trial) cycle(ctx context.Context, mask ocf.DPM) error {
	if mask == ocf.SVV && !t.profile.Supports.Validation {
		t.note("left out: the target does not declare support of software version validation")
		return nil
	}
	if err := t.tm(ctx, mask); err != nil {
		return err
	}
	if _, err := t.rest(ctx, t.bound(mask)); err != nil {
		return err
	}
	if err := t.vanished(ctx); err != nil {
		return err
	}
	if err := t.missing(ctx, t.absent); err != nil {
		return err
	}
	if t.idle(t.rec.Timeline()) {
		t.finished = t.finished.With(mask)
	}
	if err := t.afterUpdate(ctx, mask); err != nil {
		return err
	}
	return t.inventory(ctx)
}

// installed is the Given that an update has been installed, after a check.
func (t *trial) installed(ctx context.Context) error {
	if err := t.cycle(ctx, ocf.SVV); err != nil {
		return err
	}
	return t.cycle(ctx, ocf.SSU)
}

// pending is the Given that a process waits for its source.
func (t *trial) pending(ctx context.Context, mask ocf.DPM) error {
	if err := t.hold(ctx); err != nil {
		return err
	}
	before := len(t.accepted)
	if err := t.tm(ctx, mask); err != nil {
		return err
	}
	if len(t.accepted) == before {
		return untestable("the Device did not take the request that was to be pending, tm=%v", t.says(mask))
	}
	if t.ungated {
		return t.lasts(ctx, mask)
	}
	if err := t.gate(ctx); err != nil {
		return err
	}
	if err := t.vanished(ctx); err != nil {
		return err
	}
	return t.witness(ctx, mask)
}

// vanished ends the scenario where something was accepted and nothing came of it, once
// the declared time for it is over and a look has shown so: what the scenario would do
// next would hide it. It goes by a source that reports, for others show nothing of a
// process that is not in tm.
func (t *trial) vanished(ctx context.Context) error {
	report, err := t.report(ctx)
	if err != nil || report == nil || t.absent() == 0 {
		return err
	}
	if report.Holding > 0 {
		return nil // it came to the source; whoever shows it late has not lost it
	}
	lost := t.absent()
	if t.held {
		if err := t.release(ctx); err != nil {
			return err
		}
	}
	if err := t.missing(ctx, t.absent); err != nil {
		return err
	}
	if _, err := t.report(ctx); err != nil || t.absent() == 0 {
		return err
	}
	if err := t.pause(ctx, t.profile.Timing.Settle); err != nil {
		return err
	}
	if err := t.read(ctx); err != nil {
		return err
	}
	if err := t.part(ctx); err != nil {
		return err
	}
	if err := t.inventory(ctx); err != nil {
		return err
	}
	return untestable("the Device accepted tm=%v, and nothing came of it", t.says(lost))
}

// witness gathers evidence that mask is pending: a notification to everyone who
// observes, for which it waits no longer than the settle time, and a GET.
func (t *trial) witness(ctx context.Context, mask ocf.DPM) error {
	if _, err := t.await(ctx, wait{
		text: fmt.Sprintf("every observer to be told of tm=%v", t.says(mask)), bound: t.profile.Timing.Settle,
		until: func(tl conformance.Timeline) bool { return t.told(tl, mask) },
	}); err != nil {
		return err
	}
	if err := t.read(ctx); err != nil {
		return err
	}
	_, err := t.report(ctx)
	return err
}

// told reports whether every Client that observes was last told of mask.
func (t *trial) told(tl conformance.Timeline, mask ocf.DPM) bool {
	for _, p := range t.parties {
		if last, ok := t.latest(tl, p.name); p.observing && !(ok && last.TM.Has(mask)) {
			return false
		}
	}
	return true
}
