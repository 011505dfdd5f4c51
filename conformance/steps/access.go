package steps

import (
	"context"
	"regexp"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// accesses are the Whens that are about who asks.
func accesses() []definition {
	when := func(text string, act func(context.Context, *trial, call) error) definition {
		return definition{word: When, text: text, act: act}
	}
	ask := func(mask ocf.DPM) func(context.Context, *trial, call) error {
		return func(ctx context.Context, t *trial, c call) error { return t.askAs(ctx, other(c.args[0]), mask) }
	}
	return []definition{
		when(`the (second|update-only) Client requests software version validation`, ask(ocf.SVV)),
		when(`the (second|update-only) Client requests a secure software update`, ask(ocf.SSU)),
		when(`the (second|update-only) Client clears every bit of tm`, ask(0)),
		when(`an unprivileged Client `+kinds()+` writes tm as (\S+)`, func(ctx context.Context, t *trial, c call) error {
			return t.attempt(ctx, kind(c.args[0]), c.args[1])
		}),
		when(`an unprivileged Client `+kinds()+` writes tm as (\S+), "([^"]+)"`, func(ctx context.Context, t *trial, c call) error {
			return t.attemptIn(ctx, kind(c.args[0]), c.args[1], c.args[2])
		}),
		when(`an unprivileged Client `+kinds()+` writes dos as (RFPRO|SRESET)`, func(ctx context.Context, t *trial, c call) error {
			return t.attemptMove(ctx, kind(c.args[0]), c.args[1])
		}),
		when(`an unprivileged Client `+kinds()+` observes pstat`, func(ctx context.Context, t *trial, c call) error {
			_, err := t.observe(ctx, kind(c.args[0]))
			return err
		}),
		when(`a privileged Client writes dos as (RFOTM|RFPRO|RFNOP|SRESET)`, func(ctx context.Context, t *trial, c call) error {
			return t.move(ctx, c.args[0])
		}),
		when(`the Device is reset by its owner`, func(ctx context.Context, t *trial, _ call) error { return t.resetByOwner(ctx, 0) }),
		when(`the Device is reset by its owner, who then writes tm as (V|U)`, func(ctx context.Context, t *trial, c call) error {
			mask, err := ocf.ParseDPM(c.args[0])
			if err != nil {
				return err
			}
			return t.resetByOwner(ctx, mask)
		}),
	}
}

// kinds is the expression for why a Client is not privileged, in parentheses:
// "(wrong role)".
func kinds() string {
	var names []string
	for _, name := range conformance.UnprivilegedClients() {
		names = append(names, regexp.QuoteMeta(strings.TrimPrefix(name, conformance.Unprivileged+" ")))
	}
	return `\((` + strings.Join(names, "|") + `)\)`
}

// kind is the Client that is not privileged for the reason said.
func kind(why string) string { return conformance.Unprivileged + " " + why }

// other is a privileged Client besides the owner.
func other(name string) string {
	if name == "update-only" {
		return conformance.UpdateOnly
	}
	return second
}

// askAs asks for the processes of mask as a Client that may ask for them.
func (t *trial) askAs(ctx context.Context, name string, mask ocf.DPM) error {
	u := ocf.PstatUpdate{Set: ocf.PropTM, TM: mask}
	return t.postAs(ctx, name, mask, post(u.AppendCBOR(nil)))
}

// attempt writes tm as a Client that may not write it.
func (t *trial) attempt(ctx context.Context, name, notation string) error {
	return t.attemptBy(ctx, name, notation, manner{alter: func(*conformance.Call) {}})
}

// attemptIn does the same in the manner of that name.
func (t *trial) attemptIn(ctx context.Context, name, notation, how string) error {
	m, err := mannerNamed(how)
	if err != nil {
		return err
	}
	return t.attemptBy(ctx, name, notation, m)
}

func (t *trial) attemptBy(ctx context.Context, name, notation string, m manner) error {
	mask, err := ocf.ParseDPM(notation)
	if err != nil {
		return err
	}
	c := post(ocf.PstatUpdate{Set: ocf.PropTM, TM: mask}.AppendCBOR(nil))
	m.alter(&c)
	t.wrote = len(t.rec.Timeline().Observations)
	_, err = t.send(ctx, name, c)
	return err
}

// attemptMove asks for another dos as a Client that may not.
func (t *trial) attemptMove(ctx context.Context, name, notation string) error {
	dos, err := ocf.ParseDOS(notation)
	if err != nil {
		return err
	}
	t.anyRest = true // a Device that moves is not waited for
	u := ocf.PstatUpdate{Set: ocf.PropDOS, DOS: dos}
	_, err = t.send(ctx, name, post(u.AppendCBOR(nil)))
	return err
}

// meet opens a Client that may not write, or sees it refused a session, so that
// neither takes time later.
func (t *trial) meet(ctx context.Context, name string) error {
	_, err := t.party(ctx, name)
	if err != nil {
		_, err = t.refused(name, err)
	}
	return err
}

// move asks the Device to go to another dos, whether the Client may or not.
func (t *trial) move(ctx context.Context, name string) error {
	dos, err := ocf.ParseDOS(name)
	if err != nil {
		return err
	}
	t.anyRest = true
	return t.write(ctx, ocf.PstatUpdate{Set: ocf.PropDOS, DOS: dos})
}
