package explore

import (
	"context"
	"errors"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/bubble"
	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/conformance/steps"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

// Arena is a Device for walks to be played against.
type Arena interface {
	// Profile is what is known of the Device.
	Profile() conformance.Profile
	// Play runs one scenario and returns what was recorded. An error means that the
	// harness failed or ctx ended.
	Play(ctx context.Context, s steps.Scenario) (conformance.ScenarioRun, error)
}

// Virtual is an Arena in virtual time. Every walk gets a new Device and a new network,
// so nothing has happened to the Device but this walk.
type Virtual struct {
	cfg     lab.Config
	strict  bool
	profile conformance.Profile
	runner  *steps.Runner
}

// NewVirtual makes an Arena for one specimen, of the edition that this is of. It opens the Device once to get its
// profile.
func NewVirtual(s lab.Specimen, unsecured, strict bool) (*Virtual, error) {
	r, err := runner(nil, edition.Of(s.Edition))
	if err != nil {
		return nil, err
	}
	v := &Virtual{cfg: lab.Config{Specimens: []lab.Specimen{s}, Unsecured: unsecured, Seed: 1}, strict: strict, runner: r}
	err = v.with(func(t *target.Target) error {
		v.profile = t.Profile()
		return nil
	})
	return v, err
}

// Profile is what is known of the Device.
func (v *Virtual) Profile() conformance.Profile { return v.profile }

// Play runs one scenario against a new Device. It takes so little real time that ctx
// is checked only before it.
func (v *Virtual) Play(ctx context.Context, s steps.Scenario) (run conformance.ScenarioRun, err error) {
	if ctx.Err() != nil {
		return run, ctx.Err()
	}
	err = v.with(func(t *target.Target) error {
		run = v.runner.On(bubble.Settled(suite.Drive(t))).Play(context.Background(), s)
		return nil
	})
	return run, err
}

// with calls f with a Device of its own in a bubble. f must not wait for anything from
// outside the bubble, not even a context: virtual time would stand still.
func (v *Virtual) with(f func(*target.Target) error) error {
	return bubble.Run(func() error {
		l, err := lab.OpenVirtual(v.cfg, memnet.New(1, memnet.Impairment{}))
		if err != nil {
			return err
		}
		defer l.Close()
		cfg := l.Targets()[0]
		cfg.Profile.Policy.Strict = v.strict
		t, err := target.Open(context.Background(), cfg)
		if err != nil {
			return err
		}
		return f(t)
	})
}

func runner(t steps.Target, e *edition.Edition) (*steps.Runner, error) {
	return steps.NewRunner(steps.Config{Target: t, Edition: e.ID, Tool: "ocfsim", Plain: true})
}

// Real is an Arena of one Device in real time. Each walk begins with the Device as the
// walk before has left it.
type Real struct {
	target *target.Target
	runner *steps.Runner
}

// NewReal opens the target as a run of the suite does. The caller has to call Close,
// which gives the Device back. Walks are played by the edition e.
func NewReal(ctx context.Context, cfg target.Config, e *edition.Edition) (*Real, error) {
	t, err := target.Open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	r, err := runner(suite.Drive(t), e)
	if err != nil {
		return nil, errors.Join(err, suite.Restore(ctx, t))
	}
	return &Real{target: t, runner: r}, nil
}

// Profile is what is known of the Device.
func (r *Real) Profile() conformance.Profile { return r.target.Profile() }

// Play runs one scenario against the Device.
func (r *Real) Play(ctx context.Context, s steps.Scenario) (conformance.ScenarioRun, error) {
	run := r.runner.Play(ctx, s)
	return run, ctx.Err()
}

// Close leaves the target as it was found, even if ctx has ended.
func (r *Real) Close(ctx context.Context) error { return suite.Restore(ctx, r.target) }
