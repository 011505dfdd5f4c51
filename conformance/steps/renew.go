package steps

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// Renewer is a Target that can put a Device in the place of one that does not
// come to rest any more.
type Renewer interface {
	Renew(ctx context.Context) error
}

// attempts is how often in a row a Device is renewed that can't be.
const attempts = 2

// revive restarts a Device that has answered before and does not any more,
// where the surroundings can, and reports whether it answers again. A Device
// that a request has killed is so told from one that nobody can reach, and the
// scenarios to come are not lost with it.
func (t *trial) revive(ctx context.Context) (back bool, err error) {
	m := t.run.memory
	if !m.silent || !m.heard || m.revived >= attempts {
		return false, nil
	}
	m.revived++
	switch err := t.condition(ctx, conformance.Reboot); {
	case isUntestable(err):
		m.revived = attempts
		return false, nil
	case err != nil:
		return false, err
	}
	t.fellSilent()
	for end := time.Now().Add(t.profile.Timing.Reboot); t.gone && time.Now().Before(end); {
		if err := t.pause(ctx, t.profile.Timing.Settle); err != nil {
			return false, err
		}
		if err := t.probe(ctx); err != nil {
			return false, err
		}
	}
	if t.gone {
		return false, nil
	}
	m.silent, m.revived = false, 0
	return true, nil
}

// renew brings a Device that the scenario before left stuck back to where a
// scenario can begin, so that one defect is not the only one that is found. It
// is no part of any Timeline. Where the Target is no Renewer, and is unsecured
// so that no owner is lost, it is reset to what left the factory. A Device that
// can't be had back stays as it is; the next Given says so. It returns the state
// that the Device was freed from; it is empty where nothing was done.
func (r *run) renew(ctx context.Context, p conformance.Profile) (stuck string, err error) {
	stuck = r.memory.stuck
	if stuck == "" || r.memory.lost {
		return "", nil
	}
	t := newTrial(r, p, conformance.NewRecorder(conformance.Header{}, nil))
	if err := errors.Join(t.renew(ctx), t.teardown(ctx)); err != nil {
		r.memory.stuck = stuck
		r.memory.failed++
		r.memory.lost = r.memory.failed >= attempts
		return "", fmt.Errorf("renew the Device: %w", err)
	}
	r.memory.failed = 0
	if r.memory.stuck != "" {
		return "", nil
	}
	return stuck, nil
}

func (t *trial) renew(ctx context.Context) error {
	if renewer, ok := t.target.(Renewer); ok {
		t.run.memory.stuck = ""
		return renewer.Renew(ctx)
	}
	if t.profile.Secured {
		return nil
	}
	switch _, err := t.target.Condition(ctx, conformance.FactoryReset); {
	case errors.Is(err, ErrUnsupported):
		t.run.memory.lost = true
		return nil
	case err != nil:
		return err
	}
	if err := t.reach(ctx); err != nil {
		return err
	}
	if _, err := t.await(ctx, wait{
		text: "the Device to leave RESET", bound: t.profile.Timing.Reboot + t.profile.Timing.Settle, poll: true,
		until: func(tl conformance.Timeline) bool { p, ok := latest(tl, t.viewer); return ok && p.DOS != ocf.RESET },
	}); err != nil {
		return err
	}
	if err := t.enter(ctx, ocf.RFNOP); err != nil {
		return err
	}
	if t.idle(t.rec.Timeline()) {
		t.run.memory.stuck = ""
		return nil
	}
	t.run.memory.lost = true
	return nil
}
