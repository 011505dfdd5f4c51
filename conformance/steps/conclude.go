package steps

import (
	"context"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// conclude brings the stimulus to its end and records how it ended, so that
// every Then, and every requirement, finds what it needs: the gate open, the
// Device at rest or its time over, its state read before and after the settle
// time, and everything beside pstat read last.
func (t *trial) conclude(ctx context.Context) error {
	if t.held {
		if err := t.release(ctx); err != nil {
			return err
		}
	}
	rests, err := t.rest(ctx, t.bound(t.asked))
	if err != nil {
		return err
	}
	if !rests {
		if p, ok := latest(t.rec.Timeline(), privileged); ok {
			t.run.memory.stuck = p.String()
		}
	}
	if err := t.afterUpdate(ctx, t.asked); err != nil {
		return err
	}
	if err := t.pause(ctx, t.profile.Timing.Settle); err != nil {
		return err
	}
	if _, err := t.read(ctx); err != nil {
		return err
	}
	if err := t.part(ctx); err != nil {
		return err
	}
	return t.inventory(ctx)
}

// afterUpdate observes again after an update that was declared to restart the
// Device or to change dos.
func (t *trial) afterUpdate(ctx context.Context, asked ocf.DPM) error {
	u := t.profile.Update
	if !asked.Has(ocf.SSU) || !u.Reboots && !u.AnyDOS && len(u.DOS) == 0 {
		return nil
	}
	return t.reunite(ctx)
}

// inventory records what lies outside pstat: the source's report, the software
// version and, where the scenario is about them, owner and identity.
func (t *trial) inventory(ctx context.Context) error {
	if _, err := t.report(ctx); err != nil {
		return err
	}
	var paths []string
	if path, _, ok := strings.Cut(t.profile.Update.Version, "#"); ok {
		paths = append(paths, path)
	}
	if t.keeps {
		paths = append(paths, ocf.PathDoxm)
		if len(paths) == 1 || paths[0] != ocf.PathD {
			paths = append(paths, ocf.PathD)
		}
	}
	for _, path := range paths {
		if _, err := t.send(ctx, privileged, conformance.Call{Method: "GET", Path: path}); err != nil {
			return err
		}
	}
	return nil
}
