package steps

import (
	"context"
	"errors"
	"fmt"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// Renewer is a Target that can replace a Device that no longer comes to rest.
type Renewer interface {
	Renew(ctx context.Context) error
}

// attempts is how many times in a row to try to renew a Device when that fails.
const attempts = 2

// revive restarts a Device that answered before and no longer does, if the
// surroundings can, and reports whether it answers again. This tells a Device
// that a request has killed from one that nobody can reach, and saves the
// scenarios to come.
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
		m.revived = attempts
		return false, err
	}
	t.fellSilent()
	if err := t.returns(ctx); err != nil {
		return false, err
	}
	if t.gone {
		return false, nil
	}
	m.silent, m.revived = false, 0
	return true, nil
}

// renew takes a Device that the previous scenario left stuck back to where a
// scenario can begin, so that one defect does not hide all the others. It is
// not part of any Timeline. If the Target is not a Renewer and is unsecured, so
// that no owner is lost, the Device gets a factory reset. A Device that can't
// be brought back stays as it is, and the next Given says so. renew returns the
// state that the Device was freed from, which is empty if nothing was done.
func (r *run) renew(ctx context.Context, p conformance.Profile) (stuck string, err error) {
	stuck = r.memory.stuck
	if stuck == "" || r.memory.lost || r.memory.silent && r.memory.revived > 0 { // what a restart did not bring back is away
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
		until: func(tl conformance.Timeline) bool { p, ok := t.latest(tl, t.viewer); return ok && p.DOS != ocf.RESET },
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
