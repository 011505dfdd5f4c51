package steps

import (
	"context"
	"fmt"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// remember is the Given that owner, identity and rights are known, to be
// compared across an update. What an update of an earlier scenario has lost is
// brought back first.
func (t *trial) remember(ctx context.Context) error {
	t.keeps = true
	if err := t.inventory(ctx); err != nil {
		return err
	}
	renewer, ok := t.target.(Renewer)
	why := t.lacks()
	if why == "" || !ok || !ownable(t.profile) {
		return nil
	}
	t.note("the Device is renewed, for %s", why)
	for _, p := range t.parties {
		if p.client == nil {
			continue
		}
		if err := p.client.Close(); err != nil {
			t.note("closing the %s Client: %v", p.name, err)
		}
	}
	t.parties = nil
	if err := renewer.Renew(ctx); err != nil {
		return fmt.Errorf("renew the Device: %w", err)
	}
	t.run.memory.stuck = ""
	return t.prepare(ctx, t.arranged)
}

// rights records the access rules as the owner reads them, and what Clients of
// several sorts get when they read pstat: an update keeps both. Without
// security there is nothing to read.
func (t *trial) rights(ctx context.Context) error {
	if !t.profile.Secured {
		return nil
	}
	if _, err := t.send(ctx, t.viewer, conformance.Call{Method: "GET", Path: ocf.PathACL}); err != nil {
		return err
	}
	for _, name := range []string{second, conformance.UpdateOnly, conformance.ReadOnly, conformance.WithoutACE, conformance.Anonymous} {
		_, err := t.send(ctx, name, conformance.Call{Method: "GET", Path: ocf.PathPstat})
		if err != nil && !isUntestable(err) {
			return err
		}
	}
	return nil
}

// lacks says what a secured Device no longer has of what the harness
// provisioned; it is empty if nothing is missing.
func (t *trial) lacks() string {
	if !t.profile.Secured {
		return ""
	}
	why := ""
	all := t.rec.Timeline().Observations
	for i, o := range all {
		refused := o.Kind == conformance.Session && o.Outcome == conformance.Refused
		switch {
		case refused && o.Client == second:
			why = "the second Client gets no session"
		case o.Kind != conformance.Response || o.Frame == nil:
		case o.Frame.Path == ocf.PathDoxm && o.Frame.Code == "2.05":
			if x, problems, err := ocf.DecodeDoxm(o.Frame.Payload); err == nil && len(problems) == 0 && x.DevOwner.IsNil() {
				return "it has no owner"
			}
		case o.Frame.Path == ocf.PathPstat && o.Client == second && o.Frame.Code == "4.01":
			why = "the second Client may not read pstat"
		}
		if p, _, ok := all[i].Pstat(); ok && p.Present.Has(ocf.PropRowner) && p.Rowner.IsNil() {
			return "nobody owns its pstat"
		}
	}
	return why
}
