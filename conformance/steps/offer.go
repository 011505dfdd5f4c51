package steps

import (
	"context"
	"slices"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// offer has the trusted source offer what the condition says. Where nobody can
// arrange that, the scenario goes on with whatever is on offer, as long as it wants
// one offer alone: the judges then hold against the Device only what is wrong
// whatever is on offer. A scenario about no update, or a failing one, goes on only
// where the Device's own results say that this is what is there.
func (t *trial) offer(ctx context.Context, condition string) error {
	if err := t.lasting(ctx, condition); err != nil {
		return err
	}
	err := t.condition(ctx, condition)
	if err == nil {
		t.arranges = true
	}
	if !isUntestable(err) {
		return err
	}
	found := t.run.memory.found
	against := condition != conformance.UpdateAvailable && condition != found
	if t.arranges || t.wants != "" && t.wants != condition || against {
		return err
	}
	t.wants = condition
	t.note("nobody can arrange %s: the scenario goes on with what is on offer, and what depends on that is not judged", condition)
	if found != "" {
		t.rec.Append(conformance.Observation{Kind: conformance.Condition, Name: found, Outcome: conformance.Learned})
	}
	return nil
}

// lasting records what the target declares to be always on offer, where the
// scenario wants something else.
func (t *trial) lasting(ctx context.Context, wanted string) error {
	for _, always := range t.profile.Always {
		if always == wanted || t.wants != "" {
			continue
		}
		if err := t.condition(ctx, always); err != nil {
			return err
		}
	}
	return nil
}

// unarranged ends a scenario for want of a condition, and says what to write into the
// target file so that there is one.
func (t *trial) unarranged(condition string) error {
	if slices.Contains(conformance.Offers(), condition) && len(t.profile.Always) > 0 {
		return untestable("the condition %s can't be had: %s", condition, t.profile.AlwaysSays())
	}
	return untestable("the condition %s can't be had; to test it: %s", condition, conformance.Remedy(condition))
}

// learn remembers, for the scenarios to come, what the results of this one say is
// on offer. It is the Device's word: it decides which scenarios are worth running, and
// no judge takes it for the truth.
func (t *trial) learn() {
	if t.arranges && len(t.profile.Always) == 0 {
		t.run.memory.found = ""
		return
	}
	tl := t.rec.Timeline()
	end, _ := t.latest(tl, t.viewer)
	installed := false
	for _, a := range t.accepted {
		p, ended := t.undisturbed(tl, a.n)
		switch {
		case ended:
			t.run.memory.found = found(t.run.memory.found, a.asks, p)
		case a.asks.Has(ocf.SSU) && end.CM.Has(ocf.SSU):
			t.run.memory.found = ""
		}
		installed = installed || a.asks.Has(ocf.SSU) && end.CM.Has(ocf.SSU)
	}
	if installed {
		t.note("an update was installed, and nobody can undo it: the scenarios after this one meet another version")
	}
}

// undisturbed is the end of the processes that were requested by the write n, if that
// was seen before pstat was written again.
func (t *trial) undisturbed(tl conformance.Timeline, n int) (p ocf.Pstat, ended bool) {
	request, upto := -1, len(tl.Observations)
	for i, o := range tl.Observations {
		if f := o.Frame; i < n || o.Kind != conformance.Request || f.Path != ocf.PathPstat || f.Code == conformance.MethodGET {
			continue
		}
		if request >= 0 {
			upto = i
			break
		}
		request = i
	}
	for _, s := range t.watch.Samples(tl) {
		if s.Client == t.viewer && s.Since > request && s.N < upto {
			p, ended = s.Pstat, s.Pstat.TM&t.processes() == 0
		}
	}
	return p, ended
}

// found is what is on offer, by the result p of an undisturbed process of asks: one of
// the conditions, or "" where that is not known. It was known before to be was.
func found(was string, asks ocf.DPM, p ocf.Pstat) string {
	switch {
	case asks == ocf.SVV && !p.CM.Has(ocf.SVV):
		return conformance.NoUpdate
	case asks == ocf.SVV && was != conformance.UpdateFails:
		return conformance.UpdateAvailable
	case asks.Has(ocf.SSU) && p.CM.Has(ocf.SSU):
		return "" // it is used up
	case asks.Has(ocf.SSU) && was == conformance.UpdateAvailable:
		return conformance.UpdateFails
	}
	return was
}

// unheld goes on without the gate, where nobody can close it: what is pending is
// then seen only while the Device's own process lasts. A scenario in which the
// source answers late, or never, needs a gate.
func (t *trial) unheld() bool {
	if needsGate(t.run.scenario) {
		return false
	}
	t.ungated = true
	t.note("nobody can hold the source: the scenario goes on while the Device's own process lasts")
	return true
}

// lasts makes sure that the process of mask is seen to be pending, where no gate
// makes it so.
func (t *trial) lasts(ctx context.Context, mask ocf.DPM) error {
	if err := t.read(ctx); err != nil {
		return err
	}
	if p, ok := t.latest(t.rec.Timeline(), t.viewer); ok && p.TM.Has(mask) {
		return nil
	}
	return t.unarranged(conformance.Hold)
}
