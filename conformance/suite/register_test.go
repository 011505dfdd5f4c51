package suite

import (
	"errors"
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
)

// TestOneDeviceTwice wants the second target that turns out to be a Device of the run to
// be refused before anything is written to it.
func TestOneDeviceTwice(t *testing.T) {
	r, mine := &register{}, errors.New("not this one")
	open := r.admitting(nil)
	for _, p := range []conformance.Profile{{Name: "a", DI: "d1"}, {Name: "b", DI: "d2"}, {Name: "c"}, {Name: "d"}} {
		if err := open(p); err != nil {
			t.Errorf("%s: %v", p.Name, err)
		}
	}
	if err := open(conformance.Profile{Name: "e", DI: "d1"}); err == nil || !strings.Contains(err.Error(), "targets a and e are the same Device, with di d1") {
		t.Errorf("the same Device again: %v", err)
	}
	if err := r.admitting(func(conformance.Profile) error { return mine })(conformance.Profile{Name: "f", DI: "d3"}); !errors.Is(err, mine) {
		t.Errorf("a target with a say of its own: %v", err)
	}
}
