package conformance

import (
	"fmt"
	"slices"
	"strings"
)

// Offers are the conditions that say what the trusted source offers. One of them
// holds at a time.
func Offers() []string { return []string{UpdateAvailable, NoUpdate, UpdateFails} }

// AlwaysSays is what p declares to be always on offer, in words; "" where it declares
// nothing.
func (p Profile) AlwaysSays() string {
	if len(p.Always) == 0 {
		return ""
	}
	return "the target declares that it is always " + strings.Join(p.Always, ", ")
}

// Remedy says what to write into a target file so that these conditions can be had,
// in one line. It is "" for none.
func Remedy(conditions ...string) string {
	var known []string
	for _, c := range conditions {
		switch c {
		case Hold:
			known = append(known, Hold, Release)
		default:
			known = append(known, c)
		}
	}
	if len(known) == 0 {
		return ""
	}
	hook := "`conditions: {exec: [./prepare.sh]}`, a hook that knows " + strings.Join(known, " and ")
	if len(known) == 1 && slices.Contains(Offers(), known[0]) {
		return "`always: [" + known[0] + "]` where that is always so, or " + hook
	}
	return hook
}

// ConditionError is err with the name of the condition that it kept from coming about, which
// the error of a hook may begin with already.
func ConditionError(name string, err error) error {
	about := "condition " + name + ": "
	if strings.HasPrefix(err.Error(), about) {
		return err
	}
	return fmt.Errorf("%s%w", about, err)
}
