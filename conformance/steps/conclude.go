package steps

import (
	"context"
	"fmt"
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
	if _, err := t.report(ctx); err != nil {
		return err
	}
	if err := t.missing(ctx, t.untold); err != nil {
		return err
	}
	// Where nothing was asked for, a process that tm shows was given no time to end: the
	// next scenario gives it that before it begins.
	if p, ok := t.latest(t.rec.Timeline(), t.viewer); ok && !rests && t.asked != 0 && p.TM&t.processes() != 0 {
		t.run.memory.stuck = p.String()
	}
	if err := t.afterUpdate(ctx, t.asked); err != nil {
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
	return t.inventory(ctx)
}

// missing waits for the processes whose end is not certain, which are those that
// uncertain tells. A GET tells something about them only after their time is over.
func (t *trial) missing(ctx context.Context, uncertain func() ocf.DPM) error {
	absent := uncertain()
	if absent == 0 {
		return nil
	}
	seen, err := t.await(ctx, wait{
		text: fmt.Sprintf("a process that was accepted to be seen in tm, or its result in cm: %v", absent), bound: t.bound(absent), poll: true,
		until: func(conformance.Timeline) bool { return uncertain() == 0 },
	})
	if err != nil {
		return err
	}
	if !seen {
		t.accepted = nil // their time is over
	}
	_, err = t.rest(ctx, t.bound(t.asked))
	return err
}

// absent are the processes that may be running though tm does not show them:
// those that were accepted and never seen since, neither in tm nor by a question at
// the source and another result in cm, and those that were pending at the last write
// and have not been seen in tm since.
func (t *trial) absent() ocf.DPM {
	tl := t.rec.Timeline()
	last := t.before(t.wrote)
	var absent ocf.DPM
	for _, a := range t.accepted {
		hidden := a.asks.Without(t.shown(a.n))
		if questioned(tl, a.n) {
			rose, _ := t.resulted(a.n)
			hidden = hidden.Without(rose)
		}
		absent |= hidden
		if a.n < t.wrote {
			absent |= a.asks & last.TM.Without(t.shown(t.wrote))
		}
	}
	return absent
}

// untold are the absent processes of which no result was told and taken back. Nothing
// follows that needs them to be over, so what was told is enough to end with.
func (t *trial) untold() ocf.DPM {
	absent := t.absent()
	var over ocf.DPM
	for _, a := range t.accepted { // the last request for a bit counts
		_, fell := t.resulted(a.n)
		over = over.Without(a.asks).With(fell & a.asks)
	}
	return absent.Without(over)
}

// before is what the viewer saw last before n.
func (t *trial) before(n int) ocf.Pstat {
	tl := t.rec.Timeline()
	tl.Observations = tl.Observations[:n]
	last, _ := t.latest(tl, t.viewer)
	return last
}

// shown are the bits that tm had in any sample after n.
func (t *trial) shown(n int) ocf.DPM {
	var shown ocf.DPM
	for _, s := range t.watch.Samples(t.rec.Timeline()) {
		if s.N > n {
			shown |= s.Pstat.TM
		}
	}
	return shown
}

// resulted are the bits of cm that rose after n, and those of them that fell again. That
// a bit fell that had not risen may be the start of the process.
func (t *trial) resulted(n int) (rose, fell ocf.DPM) {
	zero := ^t.before(n).CM
	for _, s := range t.watch.Samples(t.rec.Timeline()) {
		if s.N > n {
			fell |= rose &^ s.Pstat.CM
			rose |= s.Pstat.CM & zero
			zero |= ^s.Pstat.CM
		}
	}
	return rose, fell
}

// questioned reports whether the trusted source was asked anything after n.
func questioned(tl conformance.Timeline, n int) bool {
	before := -1
	for i, o := range tl.Observations {
		if o.Kind != conformance.Source || o.Source == nil {
			continue
		}
		asked := o.Source.Checks + o.Source.Fetches
		switch {
		case i < n || before < 0:
			before = asked
		case asked > before:
			return true
		}
	}
	return false
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
		if _, err := t.send(ctx, t.viewer, conformance.Call{Method: "GET", Path: path}); err != nil {
			return err
		}
	}
	if t.keeps {
		return t.rights(ctx)
	}
	return nil
}
