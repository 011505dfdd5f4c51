package steps

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// observe has the named Client observe pstat. n is the answer, or what came
// instead of one.
func (t *trial) observe(ctx context.Context, name string) (n int, err error) {
	if p := t.known(name); p != nil {
		p.observing = false
	}
	p, err := t.party(ctx, name)
	if err != nil {
		return t.refused(name, err)
	}
	n, err = t.register(ctx, p)
	if err != nil {
		return n, err
	}
	return t.ended(p, n, nil)
}

// register has p, which is open, observe pstat.
func (t *trial) register(ctx context.Context, p *party) (n int, err error) {
	n, err = p.client.Observe(ctx, ocf.PathPstat, "")
	if err == nil && t.sessionGone(n) {
		n, err = p.client.Observe(ctx, ocf.PathPstat, "")
	}
	if err != nil {
		return n, fmt.Errorf("observe pstat: %w", err)
	}
	p.observing, p.registered = t.granted(n), n
	t.denied(p.name, n)
	return n, nil
}

// reunite makes every Client observe again that did before: the Device may have
// dropped its observers without a word.
func (t *trial) reunite(ctx context.Context) error {
	for _, p := range t.parties {
		if p.observing {
			if _, err := t.observe(ctx, p.name); err != nil {
				return err
			}
		}
	}
	return nil
}

// part ends every observation in good order. If the Device does not answer,
// that is recorded.
func (t *trial) part(ctx context.Context) error {
	for _, p := range t.parties {
		if !p.observing {
			continue
		}
		p.observing = false
		if t.over(p) || dropped(t.rec.Timeline(), p) || t.gone && t.run.memory.silent {
			continue
		}
		n, err := p.client.Cancel(ctx)
		if err != nil {
			return fmt.Errorf("cancel the observation: %w", err)
		}
		t.present(n)
	}
	return nil
}

// tend makes a Client observe again if the Device ended its observation, with
// an error or with its session.
func (t *trial) tend(ctx context.Context) error {
	for _, p := range t.parties {
		if p.observing && dropped(t.rec.Timeline(), p) {
			t.note("the %s Client was dropped and observes again", p.name)
			if _, err := t.observe(ctx, p.name); err != nil {
				return err
			}
		}
	}
	return nil
}

// dropped reports whether p was told that its observation is over.
func dropped(tl conformance.Timeline, p *party) bool {
	for _, o := range tl.Observations[min(p.registered+1, len(tl.Observations)):] {
		switch {
		case o.Client != p.name:
		case o.Kind == conformance.Notification && o.Frame != nil && !strings.HasPrefix(o.Frame.Code, "2."):
			return true
		case o.Kind == conformance.Session, gone(o):
			return true
		}
	}
	return false
}

// gone reports whether o says that a session was over.
func gone(o conformance.Observation) bool {
	return o.Kind == conformance.Lost && strings.HasPrefix(o.Text, conformance.SessionGone)
}

// granted reports whether the Observation n says that pstat is observed, or
// that the Device takes it to be.
func (t *trial) granted(n int) bool {
	return t.answered(n) && strings.HasPrefix(t.rec.Timeline().Observations[n].Frame.Code, "2.")
}

// probe reads pstat, and does not wait long for an answer: it is asked of a
// Device that may be restarting. Once such a Device is back it is observed again.
func (t *trial) probe(ctx context.Context) error {
	patience, cancel := context.WithTimeout(ctx, t.patience())
	defer cancel()
	n, err := t.send(patience, t.viewer, conformance.Call{Method: "GET", Path: ocf.PathPstat})
	var closed unopened
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case patience.Err() != nil:
		t.unanswered(t.viewer, n)
		t.fellSilent()
		return nil
	case t.gone && errors.As(err, &closed):
		return nil
	case err != nil:
		return err
	case !t.answered(n):
		t.fellSilent()
		return nil
	case t.gone:
		t.gone = false
		t.note("the Device answers again and is observed again")
		return t.reunite(ctx)
	}
	return nil
}

// handshake is how long a Device may take to open a session; embedded ones
// need seconds for the arithmetic.
const handshake = 5 * time.Second

// longestProbe bounds how much longer a probe waits because the network is
// slow.
const longestProbe = 10 * time.Second

// patience is how long a probe waits.
func (t *trial) patience() time.Duration {
	d := max(2*t.profile.Timing.Settle, 200*time.Millisecond, min(2*t.run.memory.slowest, longestProbe))
	if p := t.known(t.viewer); t.profile.Secured && (p == nil || t.over(p)) {
		d += handshake
	}
	if s := t.profile.Sleep; s.Every > 0 { // it may have to wake first
		d += s.Every + s.Awake
	}
	return d
}

// fellSilent notes that the Device does not answer. One that restarts forgets
// its sessions, and does not say so.
func (t *trial) fellSilent() {
	t.gone = true
	t.doubt()
}

// unanswered records that a request had no answer; the named Client gave up on
// it with n. What observers were told meanwhile may be lost.
func (t *trial) unanswered(name string, n int) {
	all := t.rec.Timeline().Observations
	if n < 0 || n >= len(all) || all[n].For == nil {
		return
	}
	t.rec.Append(conformance.Observation{
		Kind: conformance.Lost, Client: name, For: all[n].For, Text: conformance.GivenUp,
	})
}
