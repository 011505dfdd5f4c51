package steps

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// planning is what a scenario knows of oic.r.softwareupdate.
type planning struct {
	href string             // where the Device lists it
	sent ocf.SoftwareUpdate // the last POST that scheduled something
	at   time.Time          // its updatetime
}

// allowance is how long after its time a scheduled action is waited for.
const allowance = 6 * time.Second

// plans are the sentences about oic.r.softwareupdate.
func plans() []definition {
	when := func(text string, act func(context.Context, *trial, call) error) definition {
		return definition{word: When, text: text, act: act}
	}
	return []definition{
		when(`a privileged Client schedules (isac|isvv|upgrade) for (\d+) s later`, func(ctx context.Context, t *trial, c call) error {
			n, err := strconv.Atoi(c.args[1])
			if err != nil {
				return err
			}
			return t.schedule(ctx, c.args[0], time.Duration(n)*time.Second, 0)
		}),
		when(`a privileged Client schedules (isac|isvv|upgrade) for an hour ago`, func(ctx context.Context, t *trial, c call) error {
			return t.schedule(ctx, c.args[0], -time.Hour, 0)
		}),
		when(`a privileged Client schedules isac without (purl|swupdateaction|updatetime)`, func(ctx context.Context, t *trial, c call) error {
			return t.schedule(ctx, ocf.ActionCheck, time.Hour, map[string]ocf.SoftwareUpdateProperties{
				"purl": ocf.UpdateURL, "swupdateaction": ocf.UpdateAction, "updatetime": ocf.UpdateTime,
			}[c.args[0]])
		}),
		when(`a privileged Client writes swupdatestate along with an action for an hour later`, func(ctx context.Context, t *trial, _ call) error {
			return t.scheduleWith(ctx, ocf.ActionIdle, time.Hour, ocf.UpdateWritable|ocf.UpdateState)
		}),
		when(`a privileged Client cancels what is scheduled`, func(ctx context.Context, t *trial, _ call) error { return t.cancel(ctx) }),
		when(`the scheduled time comes`, func(ctx context.Context, t *trial, _ call) error { return t.timeComes(ctx) }),
		when(`a privileged Client observes the software update resource`, func(ctx context.Context, t *trial, _ call) error {
			return t.observePlan(ctx)
		}),
		when(`the software update resource is read`, func(ctx context.Context, t *trial, _ call) error {
			_, err := t.readPlan(ctx)
			return err
		}),
	}
}

// locate finds the resource in the Device's list.
func (t *trial) locate(ctx context.Context) error {
	if t.planning.href != "" {
		return nil
	}
	n, err := t.send(ctx, privileged, conformance.Call{Method: "GET", Path: ocf.PathRes})
	if err != nil {
		return err
	}
	if t.answered(n) {
		links, _, _ := ocf.DecodeRes(t.rec.Timeline().Observations[n].Frame.Payload)
		if i := slices.IndexFunc(links, func(l ocf.Link) bool { return l.HasRT(ocf.RTSoftwareUpdate) }); i >= 0 {
			t.planning.href = links[i].Href
			return nil
		}
	}
	return untestable("the Device lists no resource of type %s", ocf.RTSoftwareUpdate)
}

// readPlan reads the resource, and then pstat: a look counts between two of pstat.
func (t *trial) readPlan(ctx context.Context) (x ocf.SoftwareUpdate, err error) {
	if err := t.locate(ctx); err != nil {
		return x, err
	}
	n, err := t.send(ctx, privileged, conformance.Call{Method: "GET", Path: t.planning.href})
	if err != nil {
		return x, err
	}
	if t.answered(n) {
		x, _, _ = ocf.DecodeSoftwareUpdate(t.rec.Timeline().Observations[n].Frame.Payload)
	}
	return x, t.read(ctx)
}

// observePlan has the privileged Client observe the resource.
func (t *trial) observePlan(ctx context.Context) error {
	if err := t.locate(ctx); err != nil {
		return err
	}
	p, err := t.party(ctx, privileged)
	if err != nil {
		return err
	}
	if _, err := p.client.Observe(ctx, t.planning.href, ""); err != nil {
		return fmt.Errorf("observe %s: %w", t.planning.href, err)
	}
	return nil
}

// schedule writes an action for some time later, without the Properties in less.
func (t *trial) schedule(ctx context.Context, action string, later time.Duration, less ocf.SoftwareUpdateProperties) error {
	return t.scheduleWith(ctx, action, later, ocf.UpdateWritable&^less)
}

// scheduleWith writes an action for some time later, with these Properties. The package
// stays where the Device has it.
func (t *trial) scheduleWith(ctx context.Context, action string, later time.Duration, set ocf.SoftwareUpdateProperties) error {
	x, err := t.readPlan(ctx)
	if err != nil {
		return err
	}
	if _, err := t.report(ctx); err != nil {
		return err
	}
	if x.URL == "" {
		x.URL = "https://vendor.example/package"
	}
	at := t.rec.Time().Add(later + time.Second).Truncate(time.Second)
	x.Action, x.Time, x.State, x.Present = action, at.UTC().Format(time.RFC3339), ocf.StateVerified, set
	t.planning.sent, t.planning.at = x, at
	return t.writePlan(ctx, x)
}

func (t *trial) writePlan(ctx context.Context, x ocf.SoftwareUpdate) error {
	c := post(x.AppendUpdate(nil))
	c.Path = t.planning.href
	n, err := t.send(ctx, privileged, c)
	if err == nil {
		t.denied(privileged, n)
	}
	return err
}

// cancel schedules nothing instead.
func (t *trial) cancel(ctx context.Context) error {
	x := t.planning.sent
	x.Action = ocf.ActionIdle
	return t.writePlan(ctx, x)
}

// timeComes waits for the scheduled time, and then for the process to be seen and to end.
func (t *trial) timeComes(ctx context.Context) error {
	mask := map[string]ocf.DPM{ocf.ActionCheck: ocf.NSA, ocf.ActionVerify: ocf.SVV, ocf.ActionUpgrade: ocf.SSU}[t.planning.sent.Action]
	from := len(t.rec.Timeline().Observations)
	bound := max(0, t.planning.at.Sub(t.rec.Time())) + allowance
	t.ask(mask)
	seen, err := t.await(ctx, wait{
		text: fmt.Sprintf("tm=%v at the time that was scheduled", t.says(mask)), bound: bound, poll: true,
		until: func(tl conformance.Timeline) bool {
			return slices.ContainsFunc(t.watch.Samples(tl), func(s conformance.Sample) bool { return s.N >= from && s.Pstat.TM.Has(mask) })
		},
	})
	if err != nil {
		return err
	}
	if seen {
		if _, err := t.rest(ctx, t.bound(mask)); err != nil {
			return err
		}
		if err := t.afterUpdate(ctx, mask); err != nil {
			return err
		}
		if err := t.pause(ctx, t.profile.Timing.Settle); err != nil { // for what may follow it unasked
			return err
		}
	}
	_, err = t.readPlan(ctx)
	if err == nil {
		_, err = t.report(ctx)
	}
	return err
}
