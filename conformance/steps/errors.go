package steps

import (
	"errors"
	"fmt"
)

// notTestable ends a scenario that the surroundings do not let be tested: not
// the Device's fault, and not the harness's.
type notTestable struct{ why string }

func (e notTestable) Error() string { return "not testable: " + e.why }

func untestable(format string, args ...any) error { return notTestable{fmt.Sprintf(format, args...)} }

func isUntestable(err error) bool {
	var not notTestable
	return errors.As(err, &not)
}
