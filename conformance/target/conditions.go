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

// ErrUnsupported is the error for a condition that can't be brought about.
var ErrUnsupported = errors.New("condition not supported")

// Conditions brings the Device, or the world around it, into a state. name is
// one of the contract's conditions. The report is nil except for
// conformance.ReportSource. ErrUnsupported means that the condition can't be
// brought about; any other error means that the harness failed.
type Conditions interface {
	Apply(ctx context.Context, name string) (*conformance.SourceReport, error)
}

// addressed are Conditions that serve many Devices.
type addressed interface {
	// forDevice returns the same conditions for one Device: the one with that
	// identity or, if the identity is unknown, at that address.
	forDevice(device string) Conditions
}

// none is the Conditions of a target that declares no hooks.
type none struct{}

// Apply always returns ErrUnsupported.
func (none) Apply(context.Context, string) (*conformance.SourceReport, error) {
	return nil, fmt.Errorf("%w: the target declares no conditions", ErrUnsupported)
}

// maxAnswer is how much a hook may say, in bytes.
const maxAnswer = 64 * 1024

// readReport reads the answer to a condition; only conformance.ReportSource has one.
func readReport(name string, answer []byte) (*conformance.SourceReport, error) {
	if name != conformance.ReportSource {
		return nil, nil
	}
	var report conformance.SourceReport
	var says struct {
		Holding *int `json:"holding"`
	}
	answer = bytes.TrimSpace(answer)
	if err := errors.Join(json.Unmarshal(answer, &report), json.Unmarshal(answer, &says)); err != nil {
		return nil, fmt.Errorf("expected a source report as JSON, got %q: %w", tail(answer, 80), err)
	}
	report.Derived = says.Holding == nil
	return &report, nil
}

// tail is at most the last n bytes of text, trimmed, to be quoted in an error.
func tail(text []byte, n int) string {
	s := strings.TrimSpace(string(text))
	if len(s) > n {
		return "..." + strings.ToValidUTF8(s[len(s)-n:], "")
	}
	return s
}
