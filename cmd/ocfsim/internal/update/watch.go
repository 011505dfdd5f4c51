package update

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/talk"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/ocf"
)

// until watches pstat until done returns true or the time limit is over. It calls
// done each time that pstat was seen.
func (r *run) until(ctx context.Context, limit time.Duration, done func() bool) (bool, error) {
	within, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for wait := Settle; ; wait = renewal {
		ended := func() bool {
			next, cancel := context.WithTimeout(within, wait)
			defer cancel()
			for {
				if done() {
					return true
				}
				got, ok := r.Inbox.Next(next)
				if !ok {
					return false
				}
				r.see(got)
			}
		}()
		switch {
		case ended:
			return true, nil
		case ctx.Err() != nil:
			return false, ctx.Err()
		case within.Err() != nil && r.silent:
			return false, fmt.Errorf("%w for %v", ErrNoAnswer, time.Since(r.at).Round(time.Second))
		case within.Err() != nil:
			return false, nil
		}
		if err := r.check(ctx); err != nil {
			return false, err
		}
	}
}

// check renews the observation, and tells when the Device falls silent.
func (r *run) check(ctx context.Context) error {
	reply, err := r.renew(ctx)
	lost := err == nil && reply.Lost || errors.Is(err, ErrNoAnswer)
	if err != nil && !lost {
		return err
	}
	if lost && !r.silent {
		r.tell(Line{Note: "the Device does not answer"})
	}
	r.silent = lost
	return nil
}

// renew registers the observation again; the answer shows pstat.
func (r *run) renew(ctx context.Context) (target.Reply, error) {
	within, cancel := context.WithTimeout(ctx, r.Answer)
	defer cancel()
	call := ask("GET", ocf.PathPstat)
	reply, err := r.Client.Register(within, call)
	if err != nil {
		return reply, r.unanswered(ctx, err)
	}
	return reply, nil
}

// unanswered tells apart what err means: an interruption, a Device that does not
// answer, or another failure. ctx must not have the deadline of the request.
func (r *run) unanswered(ctx context.Context, err error) error {
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return ctx.Err()
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%w within %v", ErrNoAnswer, r.Answer)
	}
	return err
}

// drain takes in all that has come so far.
func (r *run) drain() {
	for {
		got, ok := r.Inbox.Take()
		if !ok {
			return
		}
		r.see(got)
	}
}

// see takes in an answer or a notification, and tells the user what has changed.
func (r *run) see(got talk.Arrival) {
	f, at := got.Frame, got.At.Sub(r.began).Seconds()
	switch {
	case f.Path != ocf.PathPstat:
		return
	case !got.Notification && r.writing:
		r.Tell(Line{AtS: at, Code: f.Code})
		return
	case !talk.Success(f.Code):
		if got.Notification {
			r.Tell(Line{AtS: at, Note: "the Device ended the observation with " + talk.CodeText(f.Code)})
		}
		return
	}
	p, _, err := ocf.DecodePstat(f.Payload)
	if err != nil || !p.Present.Has(ocf.PropTM|ocf.PropCM|ocf.PropDOS) || !r.numbers.fresh(got) {
		return
	}
	changed := !r.known || r.silent || p.String() != r.pstat.String()
	r.pstat, r.at, r.known, r.silent = p, got.At, true, false
	r.process.See(p, got.At.Sub(r.began))
	if changed {
		r.Tell(Line{AtS: at, Pstat: p.String()})
	}
}

// numbers tells new notifications from late ones by their Observe numbers (RFC 7641
// section 3.4). An answer begins a new sequence of numbers.
type numbers struct {
	last uint32
	at   time.Time
}

func (n *numbers) fresh(got talk.Arrival) bool {
	number := got.Frame.Observe
	if number == nil {
		return true
	}
	const half, stale = 1 << 23, 128 * time.Second
	newer := n.last < *number && *number-n.last < half || n.last > *number && n.last-*number > half
	if got.Notification && !newer && got.At.Sub(n.at) <= stale {
		return false
	}
	n.last, n.at = *number, got.At
	return true
}
