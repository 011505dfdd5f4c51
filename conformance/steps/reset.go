package steps

import (
	"context"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// resetByOwner makes the owner write RESET to dos. From then on nobody owns the
// Device, and the anonymous Client reads it. A Device that refuses stays as it
// is. If then is not 0, the former owner writes it to tm before the Device is
// through with the reset.
func (t *trial) resetByOwner(ctx context.Context, then ocf.DPM) error {
	if _, ok := t.target.(Renewer); !ok {
		return untestable("the Device could not be owned again after a reset")
	}
	t.anyRest = true
	t.wrote = len(t.rec.Timeline().Observations)
	u := ocf.PstatUpdate{Set: ocf.PropDOS, DOS: ocf.RESET}
	n, err := t.send(ctx, privileged, post(u.AppendCBOR(nil)))
	if err != nil {
		return err
	}
	if t.answered(n) && !strings.HasPrefix(t.rec.Timeline().Observations[n].Frame.Code, "2.") {
		return nil
	}
	t.disowned, t.viewer = true, conformance.Anonymous
	for _, p := range t.parties {
		p.observing = false
	}
	if then != 0 {
		if err := t.writeLate(ctx, then); err != nil {
			return err
		}
	}
	if _, err := t.await(ctx, wait{
		text: "the Device to come from RESET to RFOTM", bound: t.profile.Timing.Reboot + t.profile.Timing.Settle, poll: true,
		until: func(tl conformance.Timeline) bool {
			p, ok := t.latest(tl, t.viewer)
			return ok && p.DOS == ocf.RFOTM && !p.Pending
		},
	}); err != nil {
		return err
	}
	_, err = t.send(ctx, t.viewer, conformance.Call{Method: "GET", Path: ocf.PathDoxm})
	return err
}

// writeLate writes tm over the session of the Client that has just reset the
// Device, if there still is one. Whether the Device answers is up to the
// Device.
func (t *trial) writeLate(ctx context.Context, mask ocf.DPM) error {
	p := t.known(privileged)
	if p == nil || t.over(p) {
		return nil
	}
	patience, cancel := context.WithTimeout(ctx, t.patience())
	defer cancel()
	u := ocf.PstatUpdate{Set: ocf.PropTM, TM: mask}
	n, err := p.client.Do(patience, post(u.AppendCBOR(nil)))
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case patience.Err() != nil:
		t.unanswered(privileged, n)
	case err != nil:
		t.note("the session of the former owner: %v", err)
	}
	return nil
}

// reown brings a Device that was reset, or of which another Client owns a resource, back
// into the harness's hands, so that the next scenario finds it owned. If that fails, the next scenario tries
// again, and says why it can't begin.
func (t *trial) reown(ctx context.Context) {
	renewer, ok := t.target.(Renewer)
	if !t.disowned && !t.handed || !ok || ctx.Err() != nil {
		return
	}
	if err := renewer.Renew(ctx); err != nil {
		t.run.memory.stuck = "it has no owner"
		t.note("owning the Device again: %v", err)
		return
	}
	t.note("the Device is owned again")
}
