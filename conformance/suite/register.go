package suite

import (
	"fmt"
	"sync"

	"github.com/ocfsim/ocfsim/conformance"
)

// register knows which Device each target of a Run has turned out to be. It is safe for
// concurrent use.
type register struct {
	mu    sync.Mutex
	names map[string]string // of the targets, by di
}

// admitting is admit, which may be nil, for a Device that no other target of the Run has
// turned out to be: two runs on one Device disturb each other, and what either sees
// would be blamed on the Device.
func (r *register) admitting(admit func(conformance.Profile) error) func(conformance.Profile) error {
	return func(p conformance.Profile) error {
		if err := r.enter(p); err != nil || admit == nil {
			return err
		}
		return admit(p)
	}
}

func (r *register) enter(p conformance.Profile) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	other, taken := r.names[p.DI]
	switch {
	case p.DI == "":
		return nil
	case taken:
		return fmt.Errorf("targets %s and %s are the same Device, with di %s: run them one after another", other, p.Name, p.DI)
	case r.names == nil:
		r.names = map[string]string{}
	}
	r.names[p.DI] = p.Name
	return nil
}
