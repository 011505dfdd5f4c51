package steps

import (
	"context"
	"errors"
	"fmt"

	"github.com/ocfsim/ocfsim/conformance"
)

// unopened is the error of a Client that could not be opened, though it was not
// refused.
type unopened struct {
	name string
	err  error
}

func (e unopened) Error() string { return fmt.Sprintf("opening the %s Client: %v", e.name, e.err) }
func (e unopened) Unwrap() error { return e.err }

// party opens the named Client, or returns the one that is open. One whose
// session is over is opened anew, and observes again if it did.
func (t *trial) party(ctx context.Context, name string) (*party, error) {
	p := t.known(name)
	if p != nil && !t.over(p) {
		return p, nil
	}
	if p != nil && p.client != nil {
		if err := p.client.Close(); err != nil {
			t.note("closing the %s Client, whose session is over: %v", name, err)
		}
		p.client = nil
	}
	opened := len(t.rec.Timeline().Observations)
	c, err := t.target.Client(ctx, name, t.rec)
	switch {
	case errors.Is(err, ErrRefused):
		return nil, err
	case errors.Is(err, ErrOptional):
		return nil, notApplicable{err.Error()}
	case errors.Is(err, ErrUnsupported):
		return nil, untestable("there is no %s Client: %v", name, err)
	case err != nil:
		return nil, unopened{name, err}
	}
	if p == nil {
		p = &party{name: name}
		t.parties = append(t.parties, p)
	}
	p.client, p.opened, p.suspect = c, opened, false
	if !p.observing {
		return p, nil
	}
	t.note("the %s Client has a new session and observes again", name)
	_, err = t.register(ctx, p)
	return p, err
}

// known is the named Client where it has been opened before.
func (t *trial) known(name string) *party {
	for _, p := range t.parties {
		if p.name == name {
			return p
		}
	}
	return nil
}

// over reports whether p has no session to go on with: the Device closed it or
// refuses another, or has been silent since, as one that restarts and forgets
// its sessions is.
func (t *trial) over(p *party) bool {
	last := t.session(p)
	return p.client == nil || p.suspect || last == conformance.Closed || last == conformance.Refused
}

// session is the outcome of p's latest session; it is empty where there is none.
func (t *trial) session(p *party) string {
	all := t.rec.Timeline().Observations
	for i := len(all) - 1; i >= p.opened; i-- {
		if o := all[i]; o.Kind == conformance.Session && o.Client == p.name {
			return o.Outcome
		}
	}
	return ""
}

// ended returns n, the end of a request of p, and err. If the Client went
// unanswered and was refused another session meanwhile, the refusal is what it
// returns.
func (t *trial) ended(p *party, n int, err error) (int, error) {
	if err == nil && !t.answered(n) && t.session(p) == conformance.Refused {
		return t.refused(p.name, ErrRefused)
	}
	return n, err
}

// doubt makes every Client open a new session before it goes on. Without
// security there are no sessions.
func (t *trial) doubt() {
	for _, p := range t.parties {
		p.suspect = t.profile.Secured
	}
}

// refused is the Observation that the named Client was refused a session, if
// that is what err says. A scenario about a Client without the privilege looks
// for just that; without any other Client it can't go on.
func (t *trial) refused(name string, err error) (n int, _ error) {
	if !errors.Is(err, ErrRefused) {
		return -1, err
	}
	n = -1
	for i, o := range t.rec.Timeline().Observations {
		if o.Kind == conformance.Session && o.Client == name && o.Outcome == conformance.Refused {
			n = i
		}
	}
	if n < 0 {
		n = t.rec.Append(conformance.Observation{Kind: conformance.Session, Client: name, Outcome: conformance.Refused, Text: err.Error()})
	}
	if !conformance.MayWrite(name) {
		return n, nil
	}
	t.forfeit("it refuses the " + name + " Client a session")
	return n, untestable("the Device refuses the %s Client a session", name)
}

// forfeit has the Device renewed before the next scenario, for the reason
// given: what the harness provisioned is gone. Only a Device that the harness
// took ownership of can be renewed.
func (t *trial) forfeit(why string) {
	if ownable(t.profile) {
		t.run.memory.stuck = why
	}
}

// denied notes that a Client was not allowed to do what it may do.
func (t *trial) denied(name string, n int) {
	if t.profile.Secured && conformance.MayWrite(name) && t.answered(n) && t.rec.Timeline().Observations[n].Frame.Code == "4.01" {
		t.forfeit("it does not let the " + name + " Client do what it may")
	}
}

// sessionGone reports whether the request that ended at n was lost with a
// session that the Device no longer knew. The Client has a new one by then.
func (t *trial) sessionGone(n int) bool {
	all := t.rec.Timeline().Observations
	return n >= 0 && n < len(all) && gone(all[n])
}
