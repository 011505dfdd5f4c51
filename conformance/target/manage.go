package target

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// device is how to reach a Device in order to manage it. Such exchanges are
// never recorded, because they carry keys.
type device struct {
	name   string // for errors
	plain  string // host:port of its coap endpoint, "" where it has none
	caller caller
	settle time.Duration
	reset  time.Duration // within which it comes out of RESET
	tell   func(string)  // as Config.Tell
}

// denied is an answer that refuses a request.
type denied struct {
	method, path, code string
}

func (d *denied) Error() string { return fmt.Sprintf("%s %s: %s", d.method, d.path, d.code) }

// clear opens a Client without a session.
func (d *device) clear(ctx context.Context, t timing) (*Client, error) {
	if d.plain == "" {
		return nil, fmt.Errorf("%s has no endpoint without a session", d.name)
	}
	conn, err := d.caller.dial(ctx, d.plain)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.name, err)
	}
	c := newClient(conn, "manager", &counter{}, t)
	return c, nil
}

// session opens a Client with the session of who; it opens others by itself
// where the Device closes one, as some do at every change of state.
func (d *device) session(ctx context.Context, who Credential) (*Client, error) {
	a := &association{id: who.ID, open: d.caller.as(who.client())}
	conn, err := a.open(ctx)
	if err != nil {
		return nil, d.notOpened(who, err)
	}
	return d.over(conn, a), nil
}

// notOpened says whose session the Device did not grant.
func (d *device) notOpened(who Credential, err error) error {
	var no *refusal
	switch {
	case errors.As(err, &no) && no.heard && who.ID.IsNil(): // an owner transfer
		return fmt.Errorf("%s: %w: %s", d.name, ErrRefused, no.text)
	case errors.As(err, &no) && no.heard:
		return fmt.Errorf("%s: %w: as %v: %s", d.name, ErrRefused, who, no.text)
	case errors.As(err, &no):
		return fmt.Errorf("%w: %s: %s", ErrUnreachable, d.name, no.text)
	}
	return fmt.Errorf("%s: session as %v: %w", d.name, who, err)
}

// over is a Client over a session.
func (d *device) over(conn *channel, a *association) *Client {
	c := newSecuredClient(conn, a, "manager", &counter{}, d.caller.timing)
	return c
}

// ask sends call and wants it carried out. A call that was lost with its
// session is sent again over the next one, if it makes no difference to the
// Device to be told twice.
func ask(ctx context.Context, c *Client, call conformance.Call) (Reply, error) {
	reply, err := c.Exchange(ctx, call)
	again := err == nil && reply.Lost && strings.HasPrefix(reply.Reason, conformance.SessionGone) && repeatable(call)
	if again {
		reply, err = c.Exchange(ctx, call)
	}
	switch {
	case err != nil:
		return reply, err
	case reply.Lost:
		return reply, fmt.Errorf("%w: %s %s: %s", ErrUnreachable, call.Method, call.Path, reply.Reason)
	case again && call.Method == "DELETE" && reply.Frame.Code == "4.04": // it was heard the first time
	case reply.Frame.Code[0] != '2':
		return reply, &denied{call.Method, call.Path, reply.Frame.Code}
	}
	return reply, nil
}

// repeatable reports whether a Device may be told call twice: it reads, or it
// is about entries that have numbers.
func repeatable(call conformance.Call) bool {
	return call.Method == "GET" || call.Path == ocf.PathCred || call.Path == ocf.PathACL
}

// write is a POST of an OCF payload.
func write(path string, payload []byte) conformance.Call {
	format := uint16(ocf.FormatOCFCBOR)
	return asOCF(conformance.Call{Method: "POST", Path: path, Payload: payload, Format: &format})
}

// erase is a DELETE of what query selects on path; "" selects everything.
func erase(path, query string) conformance.Call {
	return asOCF(conformance.Call{Method: "DELETE", Path: path, Query: query})
}

// answered is the code of a denial, "" if err is none.
func answered(err error) string {
	var no *denied
	if errors.As(err, &no) {
		return no.code
	}
	return ""
}

// pstat reads the Device's state.
func pstat(ctx context.Context, c *Client) (ocf.Pstat, error) {
	reply, err := ask(ctx, c, get(ocf.PathPstat, ""))
	if answered(err) == "4.06" { // one that labels it wrongly: that is for the judges
		reply, err = ask(ctx, c, conformance.Call{Method: "GET", Path: ocf.PathPstat})
	}
	if err != nil {
		return ocf.Pstat{}, err
	}
	p, _, err := ocf.DecodePstat(reply.Frame.Payload)
	if err == nil && !p.Present.Has(ocf.PropDOS) {
		err = errors.New("no dos in it")
	}
	if err != nil {
		return p, fmt.Errorf("GET %s: %w", ocf.PathPstat, err)
	}
	return p, nil
}

// move takes the Device to a state and waits until it is there. The answer to
// the move, or to a look afterwards, may be lost because the Device closes the
// session.
func (d *device) move(ctx context.Context, c *Client, to ocf.DOS) error {
	_, err := ask(ctx, c, write(ocf.PathPstat, ocf.PstatUpdate{Set: ocf.PropDOS, DOS: to}.AppendCBOR(nil)))
	if err != nil && answered(err) != "" {
		return fmt.Errorf("go to %v: %w", to, err)
	}
	for end := time.Now().Add(max(d.settle, time.Second)); ; {
		p, seen := pstat(ctx, c)
		switch {
		case seen == nil && p.DOS == to && !p.Pending:
			return nil
		case seen != nil && (!errors.Is(seen, ErrUnreachable) || time.Now().After(end)):
			return fmt.Errorf("go to %v: %w", to, errors.Join(err, seen))
		case seen != nil: // the next look is over a new session
		case time.Now().After(end) && p.DOS == to:
			return nil // dos.p stays true: that is for the judges
		case time.Now().After(end):
			return fmt.Errorf("go to %v: the Device stays in %v", to, p.DOS)
		}
		if err := pause(ctx, min(d.settle, 50*time.Millisecond)); err != nil {
			return err
		}
	}
}

// window takes the Device to RFPRO, where it can be told about others. SRESET
// leads there, too.
func (d *device) window(ctx context.Context, c *Client) error {
	p, err := pstat(ctx, c)
	if err != nil {
		return err
	}
	if p.DOS == ocf.RFPRO {
		return nil
	}
	return d.move(ctx, c, ocf.RFPRO)
}

// unowned waits until the Device has no owner and can have one: RESET takes a
// while, and meanwhile some Devices are silent.
func (d *device) unowned(ctx context.Context) error {
	brief := timing{ack: min(d.caller.timing.ack, 500*time.Millisecond), maxRetransmit: 1, vigil: d.caller.timing.vigil}
	c, err := d.clear(ctx, brief)
	if err != nil {
		return err
	}
	defer func() { c.Close() }()
	limit := d.reset
	for end, wait := time.Now().Add(limit), 20*time.Millisecond; ; wait = min(2*wait, time.Second) {
		state, err := claimable(ctx, c)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err == nil && state == "":
			return nil
		case time.Now().After(end) && err != nil:
			return fmt.Errorf("%s does not show within %v that it has no owner: %w", d.name, limit, err)
		case time.Now().After(end):
			return fmt.Errorf("%s: after %v still %s", d.name, limit, state)
		}
		if err != nil { // it may be the network that is slow
			brief.ack = min(2*brief.ack, d.caller.timing.ack)
			next, err := d.clear(ctx, brief)
			if err != nil {
				return err
			}
			c.Close()
			c = next
		}
		if err := pause(ctx, wait); err != nil {
			return err
		}
	}
}

// claimable says what prevents the Device from being owned, "" if nothing does.
func claimable(ctx context.Context, c *Client) (string, error) {
	reply, err := ask(ctx, c, get(ocf.PathDoxm, ""))
	if err != nil {
		return "", err
	}
	x, _, err := ocf.DecodeDoxm(reply.Frame.Payload)
	switch {
	case err != nil:
		return "", fmt.Errorf("GET %s: %w", ocf.PathDoxm, err)
	case x.Owned:
		return "owned by " + x.DevOwner.String(), nil
	}
	p, err := pstat(ctx, c)
	if answered(err) != "" {
		return "", nil // a Device may show its pstat to nobody
	}
	if err != nil {
		return "", err
	}
	if p.DOS != ocf.RFOTM {
		return "in " + p.DOS.String(), nil
	}
	return "", nil
}

// pause waits for d or for the end of ctx.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// afterwards is a context for tidying up even though ctx may have ended. It has
// a deadline of its own, for which whoever interrupts the run can wait.
func (d *device) afterwards(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), min(d.reset+10*time.Second, 45*time.Second))
}
