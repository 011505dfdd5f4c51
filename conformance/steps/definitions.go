package steps

import (
	"context"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// definitions is the whole language of the feature files.
func definitions() []definition {
	all := givens()
	all = append(all, whens()...)
	all = append(all, observations()...)
	all = append(all, accesses()...)
	all = append(all, plans()...)
	all = append(all, resources()...)
	all = append(all, walked()...)
	return append(all, thens()...)
}

func givens() []definition {
	given := func(text string, act func(context.Context, *trial, call) error) definition {
		return definition{word: Given, text: text, act: act}
	}
	in := func(condition string) func(context.Context, *trial, call) error {
		return func(ctx context.Context, t *trial, _ call) error { return t.prepare(ctx, condition) }
	}
	on := func(condition string) func(context.Context, *trial, call) error {
		return func(ctx context.Context, t *trial, _ call) error { return t.offer(ctx, condition) }
	}
	cycle := func(mask ocf.DPM) func(context.Context, *trial, call) error {
		return func(ctx context.Context, t *trial, _ call) error { return t.cycle(ctx, mask) }
	}
	pending := func(mask ocf.DPM) func(context.Context, *trial, call) error {
		return func(ctx context.Context, t *trial, _ call) error { return t.pending(ctx, mask) }
	}
	return []definition{
		given(`a Device in RFNOP`, in("")),
		given(`a Device in RFNOP that has an update`, in(conformance.UpdateAvailable)),
		given(`a Device in RFNOP that has no update`, in(conformance.NoUpdate)),
		given(`a Device in RFNOP whose update fails`, in(conformance.UpdateFails)),
		given(`the trusted source has an update again`, on(conformance.UpdateAvailable)),
		given(`the trusted source has no update any more`, on(conformance.NoUpdate)),
		given(`the update fails from now on`, on(conformance.UpdateFails)),
		given(`the Device has been restarted`, func(ctx context.Context, t *trial, _ call) error { return t.restart(ctx) }),
		given(`a check has been made`, cycle(ocf.SVV)),
		given(`an availability check has been made`, cycle(ocf.NSA)),
		given(`a check has been made and an update installed`, func(ctx context.Context, t *trial, _ call) error { return t.installed(ctx) }),
		given(`nothing is requested for as long as a check may take`, func(ctx context.Context, t *trial, _ call) error { return t.linger(ctx) }),
		given(`the trusted source withholds its answers`, func(ctx context.Context, t *trial, _ call) error { return t.hold(ctx) }),
		given(`a check is pending`, pending(ocf.SVV)),
		given(`an availability check is pending`, pending(ocf.NSA)),
		given(`an update is pending`, pending(ocf.SSU)),
		given(`a second privileged Client observes pstat`, func(ctx context.Context, t *trial, _ call) error {
			_, err := t.observe(ctx, second)
			return err
		}),
		given(`an unprivileged Client `+kinds()+` is there`, func(ctx context.Context, t *trial, c call) error { return t.meet(ctx, kind(c.args[0])) }),
		given(`the privileged Client does not observe`, func(ctx context.Context, t *trial, _ call) error { return t.leave(ctx, privileged) }),
		given(`the Device has been moved to (RFPRO|RFNOP|SRESET)`, func(ctx context.Context, t *trial, c call) error {
			dos, err := ocf.ParseDOS(c.args[0])
			if err != nil {
				return err
			}
			return t.moved(ctx, dos)
		}),
		given(`its owner and its identity are known`, func(ctx context.Context, t *trial, _ call) error {
			return t.remember(ctx)
		}),
	}
}

func whens() []definition {
	when := func(text string, act func(context.Context, *trial, call) error) definition {
		return definition{word: When, text: text, act: act}
	}
	ask := func(mask ocf.DPM) func(context.Context, *trial, call) error {
		return func(ctx context.Context, t *trial, _ call) error { return t.tm(ctx, mask) }
	}
	return []definition{
		when(`a privileged Client requests software version validation`, ask(ocf.SVV)),
		when(`a privileged Client requests a secure software update`, ask(ocf.SSU)),
		when(`a privileged Client requests a software availability check`, ask(ocf.NSA)),
		when(`a privileged Client requests validation and update in one write`, ask(ocf.SVV|ocf.SSU)),
		when(`a privileged Client clears every bit of tm`, ask(0)),
		when(`a privileged Client writes tm as (\S+)`, func(ctx context.Context, t *trial, c call) error { return t.writeTM(ctx, c.args[0]) }),
		when(`a privileged Client writes "([^"]+)" to pstat`, func(ctx context.Context, t *trial, c call) error { return t.writeNamed(ctx, c.args[0]) }),
		when(`a privileged Client requests software version validation, "([^"]+)"`, func(ctx context.Context, t *trial, c call) error { return t.validateIn(ctx, c.args[0]) }),
		when(`a privileged Client reads pstat, "([^"]+)"`, func(ctx context.Context, t *trial, c call) error { return t.readIn(ctx, c.args[0]) }),
		when(`a privileged Client checks for updates (\d+) times, one after another`, func(ctx context.Context, t *trial, c call) error {
			return t.times(ctx, c.args[0], ocf.SVV)
		}),
		when(`a privileged Client checks and updates (\d+) times, one after another`, func(ctx context.Context, t *trial, c call) error {
			return t.times(ctx, c.args[0], ocf.SVV, ocf.SSU)
		}),
		when(`the Device starts a check by itself`, func(ctx context.Context, t *trial, _ call) error {
			return t.byItself(ctx, conformance.AutonomousValidation, ocf.SVV)
		}),
		when(`the Device starts an update by itself`, func(ctx context.Context, t *trial, _ call) error {
			return t.byItself(ctx, conformance.AutonomousUpdate, ocf.SSU)
		}),
		when(`pstat is read while the trusted source withholds its answer`, func(ctx context.Context, t *trial, _ call) error { return t.whileHeld(ctx) }),
		when(`pstat is read`, func(ctx context.Context, t *trial, _ call) error { return t.read(ctx) }),
		when(`the trusted source answers`, func(ctx context.Context, t *trial, _ call) error { return t.release(ctx) }),
		when(`the trusted source answers late`, func(ctx context.Context, t *trial, _ call) error { return t.delay(ctx) }),
		when(`the trusted source never answers`, func(ctx context.Context, t *trial, _ call) error { return t.silence(ctx) }),
		when(`the Device has come to rest`, func(ctx context.Context, t *trial, _ call) error {
			_, err := t.rest(ctx, t.bound(t.asked))
			return err
		}),
		when(`nothing is requested for as long as a check may take`, func(ctx context.Context, t *trial, _ call) error { return t.linger(ctx) }),
		when(`the trusted source has no update any more`, func(ctx context.Context, t *trial, _ call) error { return t.offer(ctx, conformance.NoUpdate) }),
		when(`the Device is restarted`, func(ctx context.Context, t *trial, _ call) error { return t.restart(ctx) }),
	}
}

// observations are the Whens that are about who observes.
func observations() []definition {
	when := func(text, name string, act func(*trial, context.Context, string) error) definition {
		return definition{word: When, text: text, act: func(ctx context.Context, t *trial, _ call) error { return act(t, ctx, name) }}
	}
	observe := func(t *trial, ctx context.Context, name string) error {
		_, err := t.observe(ctx, name)
		return err
	}
	return []definition{
		when(`a privileged Client observes pstat again`, privileged, observe),
		when(`the privileged Client loses its observation`, privileged, (*trial).lose),
		when(`the second Client observes pstat`, second, observe),
		when(`the second Client observes pstat again`, second, observe),
		when(`the second Client loses its observation`, second, (*trial).lose),
		when(`the second Client stops observing`, second, (*trial).leave),
	}
}

func thens() []definition {
	table := func(text string, form conformance.Form, client string) definition {
		return definition{word: Then, text: text, table: true, claim: func(c *claims, use call) error { return c.path(form, client, use) }}
	}
	return []definition{
		table(`pstat changes exactly in this order`, conformance.Exactly, privileged),
		table(`pstat changes in this order`, conformance.InOrder, privileged),
		table(`pstat ends with`, conformance.EndsWith, privileged),
		table(`pstat never shows`, conformance.NeverDuring, privileged),
		table(`the second Client is told of this`, conformance.InOrder, second),
		table(`what the second Client is told ends with`, conformance.EndsWith, second),
		table(`what anyone sees of pstat ends with`, conformance.EndsWith, conformance.Anonymous),
		{word: Then, text: `pstat is unchanged`, claim: func(c *claims, use call) error { return c.unchanged(use.text) }},
		{word: Then, text: `the Device is idle again`, claim: func(c *claims, use call) error {
			return c.expect(conformance.EndsWith, privileged, []conformance.Row{{TM: "-", CM: "*", DOS: "*"}}, use.text)
		}},
		{word: Then, text: `the requirements decide`, walked: true, claim: func(*claims, call) error { return nil }},
		{word: Then, text: `neither V nor U is left in tm`, claim: func(c *claims, use call) error {
			return c.expect(conformance.EndsWith, privileged, []conformance.Row{{TM: "0xff3f?", CM: "*", DOS: "*"}}, use.text)
		}},
	}
}
