package steps

import (
	"errors"
	"fmt"
)

// notTestable ends a scenario that can't be tested in these surroundings. That
// is neither the Device's fault nor the harness's.
type notTestable struct{ why string }

func (e notTestable) Error() string { return "not testable: " + e.why }

func untestable(format string, args ...any) error { return notTestable{fmt.Sprintf(format, args...)} }

// notApplicable ends a scenario that turns out not to apply to the Device: it does not
// offer what is optional.
type notApplicable struct{ why string }

func (e notApplicable) Error() string { return e.why }

func isUntestable(err error) bool {
	var not notTestable
	return errors.As(err, &not)
}
