package steps

import (
	"context"
	"errors"

	"github.com/ocfsim/ocfsim/conformance"
)

// ErrUnsupported is what Target.Condition returns if a condition can't be
// brought about, and Target.Client if the Device can't be made to know such a
// Client.
var ErrUnsupported = errors.New("condition not supported")

// ErrOptional is what Target.Client returns if the Device does not offer what such a
// Client needs, and need not: the scenario does not apply to it.
var ErrOptional = errors.New("not offered, and optional")

// ErrRefused is what Target.Client returns if the Device refuses the Client a
// session. The refusal is in the Timeline.
var ErrRefused = errors.New("session refused")

// Target is the Device under test, as far as steps need it.
type Target interface {
	Profile() conformance.Profile
	// Client opens the named Client ("privileged", "second", ...), which
	// appends all it sends and sees to rec until it is closed. The error is
	// ErrRefused where the Device refuses the session, ErrUnsupported where there
	// can't be such a Client, ErrOptional where there need not be; a Device that can't be reached is another.
	Client(ctx context.Context, name string, rec *conformance.Recorder) (Client, error)
	// Condition brings the Device into a state; the report is nil but for
	// the condition conformance.ReportSource.
	Condition(ctx context.Context, name string) (*conformance.SourceReport, error)
}

// Client is one CoAP Client with a tap. An error is of the harness; what the
// Device does wrong, silence included, is an Observation.
type Client interface {
	// Do sends call and waits for its answer or for the end of the
	// retransmission budget; n is the Observation that ended it (Response or Lost).
	Do(ctx context.Context, call conformance.Call) (n int, err error)
	// Observe registers on path; n as for Do. Notifications are appended
	// until Cancel.
	Observe(ctx context.Context, path, query string) (n int, err error)
	// Cancel deregisters (GET with Observe 1).
	Cancel(ctx context.Context) (n int, err error)
	// Forget stops listening without deregistering: notifications are answered with RST.
	Forget(ctx context.Context) error
	Close() error
}
