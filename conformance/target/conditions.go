package target

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
)

// ErrUnsupported is what a condition that can't be had is answered with.
var ErrUnsupported = errors.New("condition not supported")

// Conditions brings the Device, or the world around it, into a state. name is
// one of the contract's conditions. The report is nil but for
// conformance.ReportSource. An error that is ErrUnsupported says that this
// condition can't be had; any other says that the harness failed.
type Conditions interface {
	Apply(ctx context.Context, name string) (*conformance.SourceReport, error)
}

// addressed is Conditions that serve many Devices.
type addressed interface {
	// forDevice is the same conditions for the Device of that identity or,
	// where it is unknown, address.
	forDevice(device string) Conditions
}

// none is the Conditions of a target that declares no hooks.
type none struct{}

// Apply always returns ErrUnsupported.
func (none) Apply(context.Context, string) (*conformance.SourceReport, error) {
	return nil, fmt.Errorf("%w: the target declares no conditions", ErrUnsupported)
}

// maxAnswer bounds what a hook may say, bytes.
const maxAnswer = 64 * 1024

// readReport reads the answer to a condition; only conformance.ReportSource has one.
func readReport(name string, answer []byte) (*conformance.SourceReport, error) {
	if name != conformance.ReportSource {
		return nil, nil
	}
	var report conformance.SourceReport
	if err := json.Unmarshal(bytes.TrimSpace(answer), &report); err != nil {
		return nil, fmt.Errorf("expected a source report as JSON, got %q: %w", tail(answer, 80), err)
	}
	return &report, nil
}

// tail is the last n bytes of text at most, trimmed, for an error.
func tail(text []byte, n int) string {
	s := strings.TrimSpace(string(text))
	if len(s) > n {
		return "..." + strings.ToValidUTF8(s[len(s)-n:], "")
	}
	return s
}
