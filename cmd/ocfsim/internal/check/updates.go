package check

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/ocf"
)

// rebooted has the Device restarted and waits until it answers again.
func (x *examination) rebooted(ctx context.Context) error {
	began := time.Now()
	if !x.condition(ctx, conformance.Reboot) {
		return ctx.Err()
	}
	asked := time.Since(began)
	silent, err := x.bench.back(ctx)
	if err != nil {
		return err
	}
	bound := x.profile().Timing.Reboot
	if silent > bound {
		x.disproved(conformance.Reboot, "the Device did not answer within %v, and timing.reboot declares %v", round(silent), bound)
		return nil
	}
	x.took.reboot = silent
	x.ok(conformance.Reboot, "the condition took %v, and the Device answered again after %v more", round(asked), round(silent))
	return nil
}

// checksItself has the Device check by itself.
func (x *examination) checksItself(ctx context.Context) error {
	return x.byItself(ctx, conformance.AutonomousValidation, ocf.SVV, x.profile().Timing.Validation)
}

// updatesItself has the Device update by itself.
func (x *examination) updatesItself(ctx context.Context) error {
	if x.NoUpdate {
		x.untried(conformance.AutonomousUpdate, "no software is to be updated")
		return nil
	}
	return x.byItself(ctx, conformance.AutonomousUpdate, ocf.SSU, x.profile().Timing.Update)
}

// byItself has the Device begin a process by itself, and watches it to its end.
func (x *examination) byItself(ctx context.Context, condition string, mask ocf.DPM, bound time.Duration) error {
	p := x.profile()
	if x.works[conformance.UpdateAvailable] {
		if _, err := x.target.Condition(ctx, conformance.UpdateAvailable); err != nil {
			return err
		}
	}
	from, before := x.bench.mark(), x.questions(ctx)
	if !p.Supports.Autonomous {
		x.untried(condition, "supports does not declare that the Device does it")
		return nil
	}
	if !x.condition(ctx, condition) {
		return ctx.Err()
	}
	shown := func() bool { return x.bench.read(from, mask).shown }
	for end := time.Now().Add(p.Timing.Validation + 2*p.Timing.Settle); !shown() && time.Now().Before(end); {
		if _, err := x.bench.look(ctx); err != nil {
			return err
		}
		if err := sleep(ctx, min(p.Timing.Settle, 100*time.Millisecond)); err != nil {
			return err
		}
	}
	s, err := x.bench.follow(ctx, from, mask, bound+2*p.Timing.Settle)
	switch {
	case err != nil:
		return err
	case !s.shown && x.questions(ctx) > before:
		x.ok(condition, "the source was asked; tm does not show that the Device began by itself")
	case !s.shown:
		x.unknown(condition, "tm never showed %v, and no report says that the source was asked", mask)
	case !s.ended:
		x.disproved(condition, "the Device began by itself, and tm still has %v when the declared time is over", mask)
	default:
		x.ok(condition, "the Device began by itself, and ended with cm=%v", s.last.CM)
	}
	return nil
}

// questions is how often the source has been asked, 0 where it does not report.
func (x *examination) questions(ctx context.Context) int {
	if !x.works[conformance.ReportSource] {
		return 0
	}
	report, err := x.target.Condition(ctx, conformance.ReportSource)
	if err != nil {
		return 0
	}
	return report.Checks + report.Fetches
}

// updated has one update installed, and holds what it does to what is declared.
func (x *examination) updated(ctx context.Context) error {
	p := x.profile()
	switch {
	case !p.Supports.Update:
		x.untried("update", "the target does not declare it")
		return nil
	case x.NoUpdate:
		x.untried("update", "no software is to be updated")
		return nil
	case !x.works[conformance.UpdateAvailable]:
		x.untried("update", "the condition %s can't be had", conformance.UpdateAvailable)
		return nil
	}
	before, _ := x.target.ReadVersion(ctx)
	s, err := x.install(ctx, conformance.UpdateAvailable)
	if err != nil {
		return err
	}
	x.told("update", ocf.SSU, s)
	if !s.ended {
		return nil
	}
	x.took.update = s.took
	x.effects(s)
	if after, err := x.target.ReadVersion(ctx); err == nil && before != "" {
		if after == before {
			x.notSo("update.version", "it is %s after the update as before it", after)
		} else {
			x.ok("update.version", "%s before the update, %s after it", before, after)
		}
	}
	return nil
}

// install brings about the condition, has the Device check, and requests an update.
func (x *examination) install(ctx context.Context, condition string) (seen, error) {
	if _, err := x.target.Condition(ctx, condition); err != nil {
		return seen{}, conformance.ConditionError(condition, err)
	}
	p := x.profile()
	if p.Supports.Validation {
		if _, err := x.bench.process(ctx, ocf.SVV, p.Timing.Validation+2*p.Timing.Settle); err != nil {
			return seen{}, err
		}
	}
	return x.bench.process(ctx, ocf.SSU, p.Timing.Update+p.Timing.Reboot+2*p.Timing.Settle)
}

// effects holds what an update did besides tm and cm to what is declared.
func (x *examination) effects(s seen) {
	u := x.profile().Update
	switch {
	case s.silent > 0 && !u.Reboots:
		x.notSo("update.reboots", "the Device was silent for %v during the update, and the target declares no restart", round(s.silent))
	case s.silent > 0:
		x.took.reboot = max(x.took.reboot, s.silent)
		x.ok("update.reboots", "the Device was silent for %v during the update", round(s.silent))
	case u.Reboots:
		x.unknown("update.reboots", "declared, and the Device answered whenever it was asked: a restart was too short to be seen, or there is none")
	}
	states := passed(s.dos)
	declared := len(u.DOS) > 0 || u.AnyDOS
	switch {
	case len(states) > 0 && !declared:
		x.notSo("update.dos", "the update passed through %s, and the target declares that dos is unchanged", strings.Join(states, ", "))
	case len(states) > 0:
		x.ok("update.dos", "the update passed through %s", strings.Join(states, ", "))
	case declared:
		x.unknown("update.dos", "the target declares that an update changes dos, and none but RFNOP was seen")
	default:
		x.ok("update.dos", "unchanged, as declared")
	}
}

// passed names the states once each, in their order.
func passed(all []ocf.DOS) []string {
	var names []string
	for _, d := range all {
		if !slices.Contains(names, d.String()) {
			names = append(names, d.String())
		}
	}
	return names
}

// fails has one update fail.
func (x *examination) fails(ctx context.Context) error {
	if !x.condition(ctx, conformance.UpdateFails) {
		return ctx.Err()
	}
	if x.NoUpdate || !x.profile().Supports.Update {
		x.untried(conformance.UpdateFails, "the hook takes it; no software is to be updated, so whether it fails was not seen")
		return nil
	}
	before, _ := x.target.ReadVersion(ctx)
	s, err := x.install(ctx, conformance.UpdateFails)
	if err != nil {
		return err
	}
	after, _ := x.target.ReadVersion(ctx)
	switch {
	case s.last.CM.Has(ocf.SSU) && s.ended:
		x.disproved(conformance.UpdateFails, "the update succeeded: cm=%v", s.last.CM)
	case before != after:
		x.disproved(conformance.UpdateFails, "the version is %s after it, and was %s", after, before)
	case !s.accepted() || s.ended:
		x.ok(conformance.UpdateFails, "the update did not succeed: answered %s, cm=%v", cmpOr(s.code, "nothing"), s.last.CM)
	default:
		x.disproved(conformance.UpdateFails, "the update had not ended when the declared time was over")
	}
	return nil
}

// reset has the Device reset to what it was when it was shipped, if the harness can
// become its owner again.
func (x *examination) reset(ctx context.Context) error {
	p := x.profile()
	if p.Owning == "credential" {
		x.untried(conformance.FactoryReset, "it would end the ownership whose credential the target file has")
		return nil
	}
	if !p.Secured {
		x.untried(conformance.FactoryReset, "without security it is needed only for a Device that does not come to rest")
		return nil
	}
	if !x.condition(ctx, conformance.FactoryReset) {
		return ctx.Err()
	}
	for end := time.Now().Add(p.Timing.Reboot + 10*time.Second); ; {
		l, err := x.target.Look(ctx)
		owned, known := l.Owned()
		if err == nil && known && !owned {
			x.ok(conformance.FactoryReset, "the Device has no owner any more")
			return nil
		}
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case time.Now().After(end) && (err != nil || !known):
			x.disproved(conformance.FactoryReset, "no Device with this di or piid answers any more, or it does not tell whether it has an owner")
			return nil
		case time.Now().After(end):
			x.disproved(conformance.FactoryReset, "the Device still has an owner")
			return nil
		}
		if err := sleep(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
}

// patience warns where the declared times leave no room to judge anything while the gate is closed:
// who waits for the settle time before the look has nothing proven by then.
func (x *examination) patience(t conformance.Timing) {
	sure := t.Patience(edition.Of(x.profile().Edition).Downloads())
	if _, tried := x.works[conformance.Hold]; tried && sure <= t.Settle {
		x.say(Line{Topic: "timing", Outcome: Warn, Text: fmt.Sprintf(
			"a withheld answer proves for %v that a process is pending, a quarter of the shorter of validation and update, and settle is %v: what the gate is for stays inconclusive; declare more", sure, t.Settle)})
	}
}

// timings holds what was measured to what is declared.
func (x *examination) timings() {
	t := x.profile().Timing
	x.patience(t)
	for _, m := range []struct {
		name           string
		took, declared time.Duration
	}{
		{"validation", x.took.validation, t.Validation},
		{"update", x.took.update, t.Update},
		{"settle", x.took.settle, t.Settle},
		{"reboot", x.took.reboot, t.Reboot},
	} {
		switch topic := "timing." + m.name; {
		case m.took == 0:
			x.unknown(topic, "declared %v, not measured", m.declared)
		case m.took > m.declared:
			x.notSo(topic, "measured %v, declared %v", round(m.took), m.declared)
		case assess.FarTooLong(m.took, m.declared):
			x.say(Line{Topic: topic, Outcome: Warn, Text: fmt.Sprintf("measured %v, declared %v: a run takes longer than it needs", round(m.took), m.declared)})
		case m.took < time.Millisecond:
			x.ok(topic, "measured less than 1ms, declared %v", m.declared)
		default:
			x.ok(topic, "measured %v, declared %v", round(m.took), m.declared)
		}
	}
}
