package lookout

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
)

const (
	// usualPage and mostPage are how many Devices a page has, and may have.
	usualPage, mostPage = 100, 1000
	// lookedThrough is how many Devices are looked through for one page. A page that has
	// found fewer than it may have still says where the next one begins.
	lookedThrough = 200_000
)

// Seen is one Device as /devices shows it.
type Seen struct {
	Device    int      `json:"device"`
	ID        string   `json:"id"` // the uuid that it was made with
	DI        string   `json:"di"` // its present uuid
	Address   string   `json:"address"`
	Group     string   `json:"group,omitempty"`
	Behaviour string   `json:"behaviour"`
	State     string   `json:"state"`
	TM        string   `json:"tm"`
	CM        string   `json:"cm"`
	DOS       string   `json:"dos"`
	Owned     bool     `json:"owned"`
	Owner     string   `json:"owner,omitempty"` // devowneruuid
	Version   string   `json:"version"`
	Result    string   `json:"result"` // of the process that ended last
	Refused   uint32   `json:"refused"`
	Observers int      `json:"observers"`
	Sessions  int      `json:"sessions"`
	RunningS  *float64 `json:"running_s,omitempty"` // how long the present process has run
	History   []Moment `json:"history,omitempty"`   // of one Device, where a history is kept
}

// Page is some Devices, in the order of their indexes.
type Page struct {
	Devices []Seen `json:"devices"`
	// Next is the cursor of the next page; "" if there is none.
	Next string `json:"next,omitempty"`
}

// filter says which Devices are asked for. A field that is "" lets all pass.
type filter struct {
	state, behaviour, result, group, owner string
	from, limit                            int
}

// parseFilter reads the query of /devices.
func parseFilter(q url.Values, devices int) (filter, error) {
	f := filter{limit: usualPage}
	for name, values := range q {
		value := values[len(values)-1]
		var err error
		switch name {
		case "state":
			f.state, err = value, oneOf(value, States())
		case "result":
			f.result, err = value, oneOf(value, append(Results(), NoResult))
		case "behaviour":
			f.behaviour = value
		case "group":
			f.group = value
		case "owner":
			f.owner, err = parseOwner(value)
		case "cursor":
			f.from, err = number(value, 0, devices)
		case "limit":
			f.limit, err = number(value, 1, mostPage)
		default:
			err = errors.New("unknown, expected state, result, behaviour, group, owner, cursor or limit")
		}
		if err != nil {
			return f, fmt.Errorf("%s: %w", name, err)
		}
	}
	return f, nil
}

// nobodysOwner is what owner says to find Devices without one.
const nobodysOwner = "none"

// parseOwner reads a uuid, or that there is none.
func parseOwner(s string) (string, error) {
	if s == nobodysOwner {
		return s, nil
	}
	id, err := ocf.ParseUUID(s)
	if err != nil {
		return "", fmt.Errorf("expected a uuid or %q", nobodysOwner)
	}
	return id.String(), nil
}

func number(s string, least, most int) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < least || n > most {
		return 0, fmt.Errorf("%q: expected a number from %d to %d", s, least, most)
	}
	return n, nil
}

// oneOf is an error if value is the name of none of list.
func oneOf[T fmt.Stringer](value string, list []T) error {
	var names []string
	for _, x := range list {
		if x.String() == value {
			return nil
		}
		names = append(names, x.String())
	}
	return fmt.Errorf("%q: expected one of %v", value, names)
}

// devices returns a page of the Devices that f asks for.
func (s *Server) devices(f *filter) Page {
	p := Page{Devices: []Seen{}}
	end := min(f.from+lookedThrough, s.roster.Len())
	i := f.from
	for ; i < end && len(p.Devices) < f.limit; i++ {
		if seen, ok := s.sees(i, f); ok {
			p.Devices = append(p.Devices, seen)
		}
	}
	if i < s.roster.Len() {
		p.Next = strconv.Itoa(i)
	}
	return p
}

// sees describes Device i if f asks for it. What is cheap to know is asked first.
func (s *Server) sees(i int, f *filter) (Seen, bool) {
	kept := s.board.Device(i)
	if f.state != "" && f.state != kept.State.String() || f.result != "" && f.result != kept.Result.String() ||
		f.behaviour != "" && f.behaviour != s.roster.Behaviour(i) || f.group != "" && f.group != s.roster.group(i) {
		return Seen{}, false
	}
	seen := s.describe(i, kept)
	switch f.owner {
	case "", seen.Owner:
		return seen, true
	case nobodysOwner:
		return seen, !seen.Owned
	}
	return Seen{}, false
}

// describe says what can be seen of Device i.
func (s *Server) describe(i int, kept Kept) Seen {
	look := s.roster.Look(i)
	seen := Seen{
		Device: i, ID: s.roster.ID(i).String(), DI: look.DI.String(), Address: s.roster.Addr(i).String(),
		Group: s.roster.group(i), Behaviour: s.roster.Behaviour(i), State: stateOf(&look.Standing).String(),
		TM: s.roster.mask(i, look.TM), CM: s.roster.mask(i, look.CM), DOS: look.DOS.String(), Owned: look.Owned, Version: sim.VersionText(look.Version),
		Result: kept.Result.String(), Refused: kept.Refused, Observers: look.Observers, Sessions: look.Sessions,
	}
	if !look.Owner.IsNil() {
		seen.Owner = look.Owner.String()
	}
	if look.Running != 0 && look.Running == kept.Running {
		running := (time.Since(s.roster.Began()) - kept.Began).Seconds()
		seen.RunningS = &running
	}
	return seen
}

// find returns the Device that an index, a uuid or an address names. A uuid is looked for
// without keeping the fleet from its work for long.
func (s *Server) find(name string) (int, bool) {
	if i, err := strconv.Atoi(name); err == nil {
		return i, i >= 0 && i < s.roster.Len()
	}
	id, err := ocf.ParseUUID(name)
	if err != nil {
		found, err := s.roster.Find(name)
		if err != nil || len(found) != 1 || name == "" {
			return 0, false
		}
		return found[0], true
	}
	for i := range s.roster.Len() {
		if s.roster.ID(i) == id || s.roster.Look(i).DI == id {
			return i, true
		}
	}
	return 0, false
}

// Kept is what the Board keeps of a Device.
type Kept struct {
	State   State
	Result  Result
	Refused uint32
	Running ocf.DPM
	Began   time.Duration // when Running began
}

// Device is what the Board keeps of a Device.
func (b *Board) Device(i int) Kept {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := b.at(i)
	return Kept{State: stateOf(&c.is), Result: c.last, Refused: c.refused, Running: c.is.Running, Began: c.began}
}
