package suite

import (
	"context"
	"errors"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/steps"
	"github.com/ocfsim/ocfsim/conformance/target"
)

// driver lets steps drive a target: the two packages do not know each other.
type driver struct{ *target.Target }

// Drive makes of t what the steps drive. Run does so itself; it is for those who run
// single scenarios with a steps.Runner.
func Drive(t *target.Target) steps.Target { return driver{t} }

// Client opens the named Client of the target, and says in the steps' word
// where it is refused.
func (d driver) Client(ctx context.Context, name string, rec *conformance.Recorder) (steps.Client, error) {
	c, err := d.Target.Client(ctx, name, rec)
	switch {
	case errors.Is(err, target.ErrRefused):
		return nil, word{err, steps.ErrRefused}
	case errors.Is(err, target.ErrOptional):
		return nil, word{err, steps.ErrOptional}
	case errors.Is(err, target.ErrNoClient):
		return nil, word{err, steps.ErrUnsupported}
	case err != nil:
		return nil, err
	}
	return c, nil
}

// Condition asks for a condition and says in the steps' word where it can't be had.
func (d driver) Condition(ctx context.Context, name string) (*conformance.SourceReport, error) {
	report, err := d.Target.Condition(ctx, name)
	if errors.Is(err, target.ErrUnsupported) {
		return nil, word{err, steps.ErrUnsupported}
	}
	return report, err
}

// word is an error of the target that is one of the steps' too, and reads as
// it did: it ends up in a line of the report.
type word struct {
	error
	is error
}

func (w word) Is(other error) bool { return other == w.is }
func (w word) Unwrap() error       { return w.error }
