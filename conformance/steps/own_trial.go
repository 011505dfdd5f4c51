package steps

import (
	"context"
	"fmt"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// Trial is one scenario on its way against one Device, for the Given and When of
// a Definition. Clients have the names of package conformance: Privileged, Second,
// WrongRole and so on; each is opened when it is first named. All that is sent
// and seen is recorded, and nothing is judged here.
//
// Begin a scenario with one of the built-in sentences about "a Device in RFNOP":
// they have the privileged Client observe pstat and wait for the Device to be at
// rest, which most requirements need to conclude anything.
type Trial struct{ in *trial }

// Profile is what is known of the Device, by its target file and by what it said.
func (t *Trial) Profile() conformance.Profile { return t.in.profile }

// Timeline is what was recorded so far. It is to be read alone.
func (t *Trial) Timeline() conformance.Timeline { return t.in.rec.Timeline() }

// Note records something that a reader of the Timeline should know.
func (t *Trial) Note(format string, args ...any) { t.in.note(format, args...) }

// Request asks for the processes of mask, ocf.SVV, ocf.SSU or both, as the named
// Client, in one write of tm.
func (t *Trial) Request(ctx context.Context, client string, mask ocf.DPM) (conformance.Observation, error) {
	return t.Post(ctx, client, ocf.PathPstat, ocf.PstatUpdate{Set: ocf.PropTM, TM: mask}.AppendCBOR(nil))
}

// Get reads path as the named Client.
func (t *Trial) Get(ctx context.Context, client, path string) (conformance.Observation, error) {
	return t.Send(ctx, client, conformance.Call{Method: conformance.MethodGET, Path: path})
}

// Post writes payload, application/vnd.ocf+cbor, to path as the named Client.
func (t *Trial) Post(ctx context.Context, client, path string, payload []byte) (conformance.Observation, error) {
	c := post(payload)
	c.Path = path
	return t.Send(ctx, client, c)
}

// Send sends c as the named Client and waits for its end: a Response, a Lost where
// nothing answers, or a Session where an unprivileged Client is refused one. What
// a write of pstat asks for is waited for before the first Then.
func (t *Trial) Send(ctx context.Context, client string, c conformance.Call) (conformance.Observation, error) {
	if c.Path != ocf.PathPstat || c.Method == conformance.MethodGET {
		n, err := t.in.send(ctx, client, c)
		return t.at(n, err)
	}
	u, _ := ocf.DecodePstatUpdate(c.Payload) // what can't be read asks for nothing
	t.in.anyRest = t.in.anyRest || u.Set.Has(ocf.PropDOS)
	before := len(t.in.rec.Timeline().Observations)
	if conformance.MayWrite(client) {
		err := t.in.postAs(ctx, client, u.TM&t.in.processes(), c)
		return t.end(before, client, err)
	}
	t.in.wrote = before
	n, err := t.in.send(ctx, client, c)
	return t.at(n, err)
}

// Observe has the named Client observe pstat until the scenario ends, or Cancel.
// The Observation is as for Send.
func (t *Trial) Observe(ctx context.Context, client string) (conformance.Observation, error) {
	n, err := t.in.observe(ctx, client)
	return t.at(n, err)
}

// Cancel has the named Client end its observation in good order.
func (t *Trial) Cancel(ctx context.Context, client string) error { return t.in.leave(ctx, client) }

// Condition has the surroundings brought into a state: one of the conditions of
// package conformance, or one that your own hook knows. A condition that can't be
// had makes the scenario inconclusive. What is held is released in the end.
func (t *Trial) Condition(ctx context.Context, name string) error {
	switch name {
	case conformance.Hold:
		return t.in.shut(ctx)
	case conformance.Release:
		return t.in.release(ctx)
	case conformance.Reboot:
		return t.in.restart(ctx)
	case conformance.AutonomousValidation:
		return t.in.byItself(ctx, name, ocf.SVV)
	case conformance.AutonomousUpdate:
		return t.in.byItself(ctx, name, ocf.SSU)
	case conformance.ReportSource:
		_, err := t.in.report(ctx)
		return err
	}
	return t.in.condition(ctx, name)
}

// Rest waits until the Device is at rest, for as long as it declared to need for
// what it was asked, and reports whether it was seen to be.
func (t *Trial) Rest(ctx context.Context) (bool, error) {
	return t.in.rest(ctx, t.in.bound(t.in.asked))
}

// Await waits until the Timeline shows what until looks for, and reports whether
// it did within bound. The end of the wait is recorded, with text for what was waited
// for: "the lamp to blink". pstat is read now and then meanwhile.
func (t *Trial) Await(ctx context.Context, text string, bound time.Duration, until func(conformance.Timeline) bool) (bool, error) {
	return t.in.await(ctx, wait{text: text, bound: bound, until: until, poll: true})
}

// at is the Observation n.
func (t *Trial) at(n int, err error) (conformance.Observation, error) {
	all := t.in.rec.Timeline().Observations
	switch {
	case err != nil:
		return conformance.Observation{}, err
	case n < 0 || n >= len(all):
		return conformance.Observation{}, fmt.Errorf("the request has no end in the Timeline (%d of %d)", n, len(all))
	}
	return all[n], nil
}

// end is the Observation that ended the last request that the named Client sent
// since before.
func (t *Trial) end(before int, client string, err error) (conformance.Observation, error) {
	all := t.in.rec.Timeline().Observations
	for n := len(all) - 1; n >= before; n-- {
		o := all[n]
		if o.Client == client && (o.Kind == conformance.Response || o.Kind == conformance.Lost) {
			return t.at(n, err)
		}
	}
	return t.at(-1, err)
}
