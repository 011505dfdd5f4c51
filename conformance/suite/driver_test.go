package suite

import (
	"errors"
	"fmt"
	"testing"

	"github.com/ocfsim/ocfsim/conformance/steps"
	"github.com/ocfsim/ocfsim/conformance/target"
)

// What a target says of a Client that it has not stands in the report as it is.
func TestErrorsOfTargetsAreTheStepsToo(t *testing.T) {
	theirs := fmt.Errorf("client second: %w: 4.00", target.ErrNoClient)
	err := error(word{theirs, steps.ErrUnsupported})
	if !errors.Is(err, steps.ErrUnsupported) || !errors.Is(err, target.ErrNoClient) || errors.Is(err, steps.ErrRefused) {
		t.Errorf("%#v is not what it should be", err)
	}
	if err.Error() != theirs.Error() {
		t.Errorf("it reads %q, want %q", err, theirs)
	}
}
