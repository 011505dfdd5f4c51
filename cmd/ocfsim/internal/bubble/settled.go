package bubble

import (
	"context"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/steps"
	"github.com/ocfsim/ocfsim/ocf"
)

// Settled is t in a bubble: after each use it waits until everything that the use set
// off has happened. Otherwise a notification to one Client and the next
// request of another could happen at the same instant in either order, and the same
// walk would not always be recorded in the same order.
func Settled(t steps.Target) steps.Target { return settled{t} }

type settled struct{ steps.Target }

// Client opens the named Client.
func (s settled) Client(ctx context.Context, name string, rec *conformance.Recorder) (steps.Client, error) {
	c, err := s.Target.Client(ctx, name, rec)
	Settle()
	if err != nil {
		return nil, err
	}
	return settledClient{c}, nil
}

// Condition brings the Device into a state.
func (s settled) Condition(ctx context.Context, name string) (*conformance.SourceReport, error) {
	defer Settle()
	return s.Target.Condition(ctx, name)
}

// Renew puts a new Device in the place of this one, if the target can do that.
func (s settled) Renew(ctx context.Context) error {
	defer Settle()
	return s.Target.(steps.Renewer).Renew(ctx)
}

// KnownAs is the uuid of the named Client, if the target tells.
func (s settled) KnownAs(name string) (ocf.UUID, bool) {
	teller, ok := s.Target.(steps.Identifier)
	if !ok {
		return ocf.UUID{}, false
	}
	return teller.KnownAs(name)
}

type settledClient struct{ steps.Client }

func (c settledClient) Do(ctx context.Context, call conformance.Call) (int, error) {
	defer Settle()
	return c.Client.Do(ctx, call)
}

func (c settledClient) Observe(ctx context.Context, path, query string) (int, error) {
	defer Settle()
	return c.Client.Observe(ctx, path, query)
}

func (c settledClient) Cancel(ctx context.Context) (int, error) {
	defer Settle()
	return c.Client.Cancel(ctx)
}
