package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/ocfsim/ocfsim/fixtures/fleetfile"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/source/updater"
)

// groupSources are the sources of groups of a fleet file that have one of their own.
type groupSources struct {
	of     map[*fleetfile.Group]fleet.Verifier
	closed []io.Closer
}

// Close ends all questions without an answer.
func (s *groupSources) Close() (err error) {
	for _, c := range s.closed {
		err = errors.Join(err, c.Close())
	}
	return err
}

// one returns the source of a group; nil for none.
func (s *groupSources) one(g *fleetfile.Group) fleet.Verifier { return s.of[g] }

// sources opens the sources of the groups that have one of their own. Groups with the same
// settings have the same, so that it is not asked by more Devices at once than it would be by one
// group. Whoever gets it closes it.
func (f *fleetFlags) sources(log *slog.Logger, state string) (*groupSources, error) {
	type alike struct {
		sourceFlags
		edition string
	}
	s := &groupSources{of: map[*fleetfile.Group]fleet.Verifier{}}
	if f.plan == nil || f.replay != "" {
		return s, nil // Devices that do again what is recorded ask nobody
	}
	known := map[alike]fleet.Verifier{}
	for _, g := range f.plan.Sources() {
		settings := settingsOf(g.Source)
		key := alike{settings, g.Edition}
		key.group = nil
		if _, ok := known[key]; !ok {
			u, closer, err := settings.updater(log, state, g.Edition)
			if err != nil {
				return nil, errors.Join(err, s.Close())
			}
			s.closed = append(s.closed, closer)
			known[key] = u.(*updater.Updater)
		}
		s.of[g] = known[key]
	}
	return s, nil
}

// settingsOf are the settings of a group's source.
func settingsOf(s *fleetfile.Source) sourceFlags {
	f := sourceFlags{url: s.URL, root: s.Root, ca: s.CA, token: s.Token, group: s}
	if s.DDI {
		f.ddi = s.Tenant
		if f.ddi == "" {
			f.ddi = updater.DefaultTenant
		}
	}
	return f
}

// unreached says that the Devices of a group have nothing to ask where there are no sockets.
func unreached(p *fleetfile.Plan) error {
	for _, g := range p.Sources() {
		return g.Source.Wrong("url", fmt.Sprintf("--virtual: the Devices of group %q have nobody to ask without sockets", g.Name))
	}
	return nil
}
