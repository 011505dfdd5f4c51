package target

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// openAttempts bounds how often Open asks; each attempt has its own
// retransmissions.
const openAttempts = 3

// introduce reads /oic/d and /oic/res. A Device that is to be owned and hides its
// resources may be in RESET, or in a transfer that nobody ends, so it is waited for.
func (t *Target) introduce(ctx context.Context) error {
	c, err := t.introduction(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	first, cancel := t.cfg.firstAnswer(ctx)
	defer cancel()
	for end := time.Now().Add(t.cfg.OpenTimeout / 2); ; {
		toD, err := t.insist(first, c, ocf.PathD)
		if err != nil {
			return err
		}
		toRes, err := t.insist(ctx, c, ocf.PathRes)
		if err != nil {
			return err
		}
		if t.cfg.Security.Own == "" || readable(toRes) || time.Now().After(end) {
			return t.introduced(ctx, c, toD, toRes)
		}
		if err := pause(ctx, 20*time.Millisecond); err != nil {
			return err
		}
		first = ctx
	}
}

// introduced takes in what the Device answered to GET of /oic/d and /oic/res.
func (t *Target) introduced(ctx context.Context, c *Client, toD, toRes Reply) error {
	reply := toD
	p := &t.cfg.Profile
	if d, _, err := ocf.DecodeD(reply.Frame.Payload); err == nil {
		t.about.D = d
	}
	if !t.about.D.DI.IsNil() {
		p.DI = t.about.D.DI.String()
		if find := t.cfg.Find; !find.IsNil() && find != t.about.D.DI {
			return fmt.Errorf("%w: %s answers for di %v, not for the %v that was looked for", ErrUnreachable, p.Endpoint, p.DI, find)
		}
	}
	p.ICV = t.about.D.ICV
	if err := t.admit(ctx, c, toD, toRes); err != nil {
		return err
	}
	if !readable(toRes) {
		t.hidden = toRes.Frame.Code
	}
	t.links, _, _ = ocf.DecodeRes(toRes.Frame.Payload) // what can't be read is not listed
	for _, l := range t.links {
		if l.Href == ocf.PathPstat {
			t.about.Listed, t.about.Observable = true, l.BM&ocf.Observable != 0
		}
	}
	return nil
}

// introduction is a Client that reads what a Device shows everyone, without a
// session if that is possible.
func (t *Target) introduction(ctx context.Context) (*Client, error) {
	d := t.device()
	if t.address != "" {
		return d.clear(ctx, t.timing())
	}
	return d.session(ctx, *t.cfg.Security.Owner)
}

// insist reads path, several times if it must.
func (t *Target) insist(ctx context.Context, c *Client, path string) (Reply, error) {
	var reason string
	for range openAttempts {
		reply, err := c.Exchange(ctx, get(path, ""))
		switch {
		case err == nil && !reply.Lost:
			return reply, nil
		case err == nil:
			reason = reply.Reason
		case errors.Is(err, context.DeadlineExceeded) && reason != "":
			return Reply{}, fmt.Errorf("%w: %s: GET %s: %s", ErrUnreachable, t.cfg.Profile.Endpoint, path, reason)
		case errors.Is(err, context.DeadlineExceeded):
			return Reply{}, fmt.Errorf("%w: %s: %w", ErrUnreachable, t.cfg.Profile.Endpoint, err)
		default:
			return Reply{}, fmt.Errorf("%s: %w", t.cfg.Profile.Endpoint, err)
		}
	}
	return Reply{}, fmt.Errorf("%w: %s: GET %s: %s", ErrUnreachable, t.cfg.Profile.Endpoint, path, reason)
}

// get reads path as OCF Clients do.
func get(path, query string) conformance.Call {
	return asOCF(conformance.Call{Method: "GET", Path: path, Query: query})
}
