package check

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/ocf"
)

// watched says whether pstat can be observed and read by whoever is privileged.
func (x *examination) watched() bool {
	p, ok := x.bench.latest(0)
	switch {
	case !ok:
		x.notSo("observe", "the privileged Client is shown no pstat")
		return false
	case !x.bench.observes:
		x.notSo("observe", "the privileged Client's registration on pstat is not taken")
	default:
		x.ok("observe", "the privileged Client observes pstat: %v, tm=%v cm=%v", p.DOS, p.TM, p.CM)
	}
	return true
}

// version reads the software version where it is declared.
func (x *examination) version(ctx context.Context) string {
	where, found := x.look.Version()
	declared := x.profile().Update.Version
	switch v, err := x.target.ReadVersion(ctx); {
	case declared == "" && where != "":
		x.say(Line{
			Topic: "update.version", Outcome: More, Text: fmt.Sprintf("%s shows %s, and the target does not declare it", where, found),
			Write: []string{"update: {version: " + where + "}"},
		})
	case declared == "":
		x.unknown("update.version", "neither declared nor shown: whether software was updated is judged by cm alone")
	case err != nil:
		x.notSo("update.version", "%v", err)
	default:
		x.ok("update.version", "%s, in %s", v, declared)
		return v
	}
	return ""
}

// condition asks for a condition and notes whether it can be had. It says so only
// where it can't: what it brings about shows in what is tried next.
func (x *examination) condition(ctx context.Context, name string) bool {
	_, err := x.target.Condition(ctx, name)
	switch {
	case err == nil:
		x.works[name] = true
		return true
	case errors.Is(err, target.ErrUnsupported):
		x.unknown(name, "%v", err)
	default:
		x.notSo(name, "%v", err)
	}
	x.works[name] = false
	return false
}

// disproved takes back that a condition works.
func (x *examination) disproved(name, format string, args ...any) {
	x.works[name] = false
	x.notSo(name, format, args...)
}

// arrange tries every condition, the quick ones first.
func (x *examination) arrange(ctx context.Context) error {
	tries := []func(context.Context) error{
		x.reports, x.offered, x.gate, x.nothing, x.rebooted, x.checksItself, x.updated, x.fails, x.updatesItself, x.reset,
	}
	for _, try := range tries {
		if err := try(ctx); err != nil {
			return err
		}
	}
	if x.works[conformance.NoUpdate] { // what was offered last is not installed by chance
		_, _ = x.target.Condition(ctx, conformance.NoUpdate)
	}
	x.timings()
	return nil
}

// reports asks the hook what the source has seen.
func (x *examination) reports(ctx context.Context) error {
	report, err := x.target.Condition(ctx, conformance.ReportSource)
	switch {
	case errors.Is(err, target.ErrUnsupported):
		x.unknown(conformance.ReportSource, "not supported: what the source was asked for is not judged")
	case err != nil:
		x.notSo(conformance.ReportSource, "%v", err)
	default:
		x.works[conformance.ReportSource] = true
		x.ok(conformance.ReportSource, "checks %d, fetches %d, %s", report.Checks, report.Fetches, holding(report))
	}
	return ctx.Err()
}

// holding says what a report says of questions without an answer.
func holding(r *conformance.SourceReport) string {
	if r.Derived {
		return "without holding: each question that is asked after hold counts as withheld"
	}
	return fmt.Sprintf("holding %d", r.Holding)
}

// validate requests a check, and the first time says what the Device made of it.
func (x *examination) validate(ctx context.Context) (seen, error) {
	p := x.profile()
	if !p.Supports.Validation {
		if !x.tried {
			x.untried("validation", "the target does not declare it")
		}
		x.tried = true
		return seen{}, nil
	}
	s, err := x.bench.process(ctx, ocf.SVV, p.Timing.Validation+2*p.Timing.Settle)
	if err != nil {
		return s, err
	}
	if !x.tried {
		x.told("validation", ocf.SVV, s)
	}
	x.tried = true
	x.took.validation = max(x.took.validation, s.took)
	return s, nil
}

// offer is what a check found, in words.
func offer(cm ocf.DPM) string {
	if cm.Has(ocf.SVV) {
		return "the check found something newer than what is installed"
	}
	return "the check found nothing newer than what is installed"
}

// told says how the Device took a request, and whether it showed and ended it.
func (x *examination) told(topic string, mask ocf.DPM, s seen) {
	switch {
	case s.code == "":
		x.notSo(topic, "tm=%v is not answered", mask)
	case !s.accepted():
		x.notSo(topic, "tm=%v is refused with %s, and supports declares it", mask, s.code)
	case !s.ended:
		x.notSo(topic, "tm=%v is answered %s, and tm still has it when the declared time is over", mask, s.code)
	case !s.shown:
		x.unknown(topic, "tm=%v is answered %s, and tm never showed it", mask, s.code)
	default:
		x.ok(topic, "tm=%v is answered %s, shown, and ended after %v with cm=%v", mask, s.code, round(s.took), s.last.CM)
	}
	if s.told >= 0 {
		x.took.settle = max(x.took.settle, s.told, time.Microsecond)
	}
}

// offered arranges an update and has the Device look for it.
func (x *examination) offered(ctx context.Context) error {
	if !x.condition(ctx, conformance.UpdateAvailable) {
		return ctx.Err()
	}
	s, err := x.validate(ctx)
	switch {
	case err != nil || !s.ended:
	case s.last.CM.Has(ocf.SVV):
		x.ok(conformance.UpdateAvailable, "%s", offer(s.last.CM))
	default:
		x.disproved(conformance.UpdateAvailable, "%s: cm=%v", offer(s.last.CM), s.last.CM)
	}
	return err
}

// nothing arranges that there is no update.
func (x *examination) nothing(ctx context.Context) error {
	if !x.condition(ctx, conformance.NoUpdate) {
		return ctx.Err()
	}
	s, err := x.validate(ctx)
	switch {
	case err != nil || !s.ended:
	case s.last.CM.Has(ocf.SVV):
		x.disproved(conformance.NoUpdate, "%s: cm=%v", offer(s.last.CM), s.last.CM)
	default:
		x.ok(conformance.NoUpdate, "%s", offer(s.last.CM))
	}
	return err
}

// held is how long the gate is kept closed, in settle times, and at most how long.
const (
	held     = 4
	heldMost = 3 * time.Second
)

// gate closes the gate, requests a check, and sees whether it waits.
func (x *examination) gate(ctx context.Context) error {
	p := x.profile()
	if !p.Supports.Validation || !x.condition(ctx, conformance.Hold) {
		return ctx.Err()
	}
	open := false
	defer func() {
		if !open {
			_, _ = x.target.Condition(context.WithoutCancel(ctx), conformance.Release)
		}
	}()
	from, pause := x.bench.mark(), min(held*p.Timing.Settle, heldMost)
	asked := x.asked(ctx)
	code, err := x.bench.request(ctx, ocf.SVV)
	if err != nil {
		return err
	}
	withheld := x.withheld(ctx, asked)
	if err := sleep(ctx, pause); err != nil {
		return err
	}
	if _, err := x.bench.look(ctx); err != nil {
		return err
	}
	during := x.bench.read(from, ocf.SVV)
	open = x.condition(ctx, conformance.Release)
	after, err := x.bench.follow(ctx, from, ocf.SVV, p.Timing.Validation+2*p.Timing.Settle)
	if err != nil {
		return err
	}
	switch {
	case code == "" || code[0] != '2':
		x.unknown(conformance.Hold, "the check was not accepted (%s), so the gate had nothing to hold", cmpOr(code, "no answer"))
	case during.ended && during.shown:
		x.disproved(conformance.Hold, "the gate does not hold: the check ended %v after it was requested", round(during.took))
	case !during.shown && withheld:
		x.ok(conformance.Hold, "the source withholds its answer; tm does not show that the check is pending")
	case !during.shown:
		x.unknown(conformance.Hold, "tm never showed the check, and no report says that an answer is withheld")
	case !after.ended:
		x.disproved(conformance.Release, "the check was still pending when the declared time after the release was over")
	default:
		x.ok(conformance.Hold, "the gate holds: after %v the check was pending, and it ended when the answer was released", round(pause))
	}
	return nil
}

// asked is how many questions the source has been asked; more than any, where it does not say it.
func (x *examination) asked(ctx context.Context) int {
	if !x.works[conformance.ReportSource] {
		return math.MaxInt
	}
	report, err := x.target.Condition(ctx, conformance.ReportSource)
	if err != nil {
		return math.MaxInt
	}
	return report.Checks + report.Fetches
}

// withheld reports whether the source says that it withholds an answer, or, where it does not
// count them, that it was asked more than before; false where it does not report.
func (x *examination) withheld(ctx context.Context, before int) bool {
	for end := time.Now().Add(x.profile().Timing.Settle + time.Second); x.works[conformance.ReportSource]; {
		report, err := x.target.Condition(ctx, conformance.ReportSource)
		holds := err == nil && (report.Holding > 0 || report.Derived && report.Checks+report.Fetches > before)
		if err != nil || holds || time.Now().After(end) {
			return holds
		}
		if sleep(ctx, 20*time.Millisecond) != nil {
			return false
		}
	}
	return false
}
