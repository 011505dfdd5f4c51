package steps

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// writeNamed sends the write of that name as the privileged Client.
func (t *trial) writeNamed(ctx context.Context, name string) error {
	p, raw, err := payloadNamed(name)
	if err != nil {
		return err
	}
	t.anyRest = t.anyRest || p.moves
	return t.post(ctx, p.asks, post(raw))
}

// writeTM asks for the mask written in the notation of samples.
func (t *trial) writeTM(ctx context.Context, notation string) error {
	mask, err := ocf.ParseDPM(notation)
	if err != nil {
		return err
	}
	return t.tm(ctx, mask)
}

// readIn reads pstat in the manner of that name.
func (t *trial) readIn(ctx context.Context, name string) error {
	m, err := mannerNamed(name)
	if err != nil {
		return err
	}
	c := conformance.Call{Method: "GET", Path: ocf.PathPstat}
	m.alter(&c)
	c.Format = nil
	_, err = t.send(ctx, privileged, c)
	return err
}

// validateIn requests software version validation in the manner of that name.
func (t *trial) validateIn(ctx context.Context, name string) error {
	m, err := mannerNamed(name)
	if err != nil {
		return err
	}
	c := post(ocf.PstatUpdate{Set: ocf.PropTM, TM: ocf.SVV}.AppendCBOR(nil))
	m.alter(&c)
	return t.post(ctx, ocf.SVV, c)
}

// times runs the processes of each mask to their end, one after another, as
// often as said.
func (t *trial) times(ctx context.Context, count string, masks ...ocf.DPM) error {
	n, err := strconv.Atoi(count)
	if err != nil || n < 1 {
		return fmt.Errorf("%q times: expected a number of at least 1", count)
	}
	for range n {
		if err := t.offer(ctx, conformance.UpdateAvailable); err != nil {
			return err
		}
		for _, mask := range masks {
			if err := t.cycle(ctx, mask); err != nil {
				return err
			}
		}
	}
	return nil
}

// byItself has the Device start a process that nobody asked for, and waits for
// pstat to show it, for as long as a check takes. A Device need not show it.
func (t *trial) byItself(ctx context.Context, condition string, mask ocf.DPM) error {
	began := len(t.rec.Timeline().Observations)
	if err := t.condition(ctx, condition); err != nil {
		return err
	}
	t.ask(mask)
	bound := t.bound(ocf.SVV)
	if t.run.memory.hides {
		bound = min(bound, hiddenFor*t.profile.Timing.Settle)
	}
	shown, err := t.await(ctx, wait{
		text: fmt.Sprintf("the Device to show that it began: tm=%v", t.says(mask)), bound: bound, poll: true,
		until: func(tl conformance.Timeline) bool {
			for _, s := range t.watch.Samples(tl) {
				if s.N > began && s.Client == privileged && s.Pstat.TM&mask != 0 {
					return true
				}
			}
			return false
		},
	})
	t.run.memory.hides = err == nil && !shown
	return err
}

// hiddenFor is how many settle times a Device is given to show what it does by
// itself, after it has been waited for in vain for as long as a check may take.
const hiddenFor = 10

// whileHeld reads pstat while the source withholds its answer. It waits first
// for a question to be withheld; without a gate it reads at once.
func (t *trial) whileHeld(ctx context.Context) error {
	if t.ungated {
		return t.read(ctx)
	}
	if err := t.gate(ctx); err != nil {
		return err
	}
	return t.witness(ctx, t.going())
}

// silence keeps the gate closed for as long as what is pending may take, even if the
// Device gives up its source earlier and says so in cm and tm: no judge may
// take that for too early. Until the gate is open again only what the Device
// tells its observers counts, because what a GET shows meanwhile would be taken
// for the state of a pending process.
func (t *trial) silence(ctx context.Context) error {
	if err := t.whileHeld(ctx); err != nil {
		return err
	}
	bound := t.bound(t.going())
	end := time.Now().Add(bound)
	if _, err := t.await(ctx, wait{text: "the Device to give up its source", bound: bound, until: t.idle}); err != nil {
		return err
	}
	if err := t.pause(ctx, time.Until(end)); err != nil {
		return err
	}
	return t.release(ctx)
}

// delay keeps the gate closed for a while longer and opens it. A settle time after it was read first
// pstat is read again: it still has to show what is pending. The seed gives no
// time for which a Device has to wait for its source, so the while is short: a tenth
// of the time in which the process has to be over.
func (t *trial) delay(ctx context.Context) error {
	if err := t.whileHeld(ctx); err != nil {
		return err
	}
	settle := t.profile.Timing.Settle
	if err := t.pause(ctx, settle); err != nil {
		return err
	}
	if err := t.read(ctx); err != nil {
		return err
	}
	if err := t.pause(ctx, max(0, t.bound(t.going())/10-settle)); err != nil {
		return err
	}
	if _, err := t.report(ctx); err != nil {
		return err
	}
	return t.release(ctx)
}

// linger waits until the Device has come to rest and then for as long as a check may
// take, and reads pstat. Nothing was requested meanwhile, so nothing may change: a timer
// that an earlier process has left behind goes off now.
func (t *trial) linger(ctx context.Context) error {
	if _, err := t.rest(ctx, t.bound(t.asked)); err != nil {
		return err
	}
	const text = "a while in which nothing is requested"
	bound := t.bound(ocf.SVV)
	t.waits(text, time.Now(), bound)
	if err := t.pause(ctx, bound); err != nil {
		return err
	}
	t.waited(text, conformance.Seen)
	return t.read(ctx)
}

// restart has the Device restarted and waits until it answers again.
func (t *trial) restart(ctx context.Context) error {
	if err := t.condition(ctx, conformance.Reboot); err != nil {
		return err
	}
	const text = "the Device to answer again"
	began, pause := time.Now(), t.profile.Timing.Settle
	t.waits(text, began, t.profile.Timing.Reboot)
	for t.gone = true; t.gone; pause = min(2*pause, max(pause, t.profile.Timing.Reboot/8)) {
		if time.Since(began) > t.profile.Timing.Reboot {
			t.waited(text, conformance.Timeout)
			return nil
		}
		if err := t.pause(ctx, pause); err != nil {
			return err
		}
		if err := t.probe(ctx); err != nil {
			return err
		}
	}
	t.waited(text, conformance.Seen)
	return nil
}

// lose makes the named Client forget its observation without a word to the
// Device, as one that is cut off does.
func (t *trial) lose(ctx context.Context, name string) error {
	p, err := t.party(ctx, name)
	if err != nil {
		return err
	}
	if !p.observing {
		t.note("the %s Client does not observe", name)
		return nil
	}
	p.observing = false
	if err := p.client.Forget(ctx); err != nil {
		return fmt.Errorf("forget the observation: %w", err)
	}
	return nil
}

// leave has the named Client end its observation in good order.
func (t *trial) leave(ctx context.Context, name string) error {
	p, err := t.party(ctx, name)
	if err != nil {
		return err
	}
	if !p.observing {
		t.note("the %s Client does not observe", name)
		return nil
	}
	p.observing = false
	if _, err := p.client.Cancel(ctx); err != nil {
		return fmt.Errorf("cancel the observation: %w", err)
	}
	return nil
}
