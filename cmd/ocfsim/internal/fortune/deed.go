package fortune

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
)

// Deed is one thing that may have changed a Device. All Deeds of a Device, in their order, make
// it again.
type Deed struct {
	Event  string        `json:"event"` // "deed"
	At     time.Duration `json:"at_ns"` // since the start of the run
	Group  string        `json:"group"`
	Device int           `json:"device"`             // its number
	What   string        `json:"what"`               // one of deeds
	Clock  time.Duration `json:"clock_ns,omitempty"` // by the Device's clock
	Is     string        `json:"is"`                 // how the Device was afterwards, as Ends says it

	Asks    *asked     `json:"asks,omitempty"`    // of what a Client has asked for, or of its session
	Starts  string     `json:"starts,omitempty"`  // of autonomous: V, U or V+U
	Answer  *answered  `json:"answer,omitempty"`  // of the trusted source
	Outcome uint8      `json:"outcome,omitempty"` // of arrange
	Saved   *sim.Saved `json:"saved,omitempty"`   // of on: what the Store had
}

// asked is a request, or the session that was opened or closed.
type asked struct {
	Peer      string  `json:"peer,omitempty"` // address of the Client
	Path      string  `json:"path,omitempty"`
	Interface string  `json:"if,omitempty"`
	RT        string  `json:"rt,omitempty"`
	Owned     string  `json:"owned,omitempty"`
	Payload   []byte  `json:"payload,omitempty"`
	Format    uint16  `json:"format,omitempty"`
	Multicast bool    `json:"multicast,omitempty"`
	ID        uint32  `json:"id,omitempty"`
	PIN       string  `json:"pin,omitempty"`
	Way       sim.Way `json:"way,omitempty"`
	Session   uint32  `json:"session,omitempty"`
	Subject   string  `json:"subject,omitempty"`
	OTM       bool    `json:"otm,omitempty"`
	OwnerKey  []byte  `json:"owner_key,omitempty"`
}

// answered is an answer of the trusted source.
type answered struct {
	Ask       uint32   `json:"ask"`
	Available bool     `json:"available,omitempty"`
	Version   string   `json:"version,omitempty"`
	Declared  int64    `json:"declared,omitempty"`
	Received  int64    `json:"received,omitempty"`
	Failed    bool     `json:"failed,omitempty"`
	Flaw      sim.Flaw `json:"flaw,omitempty"`
}

// deeds are what may change a Device, and their names.
func deeds() []deed {
	return []deed{
		{sim.Post, "post"},
		{sim.Delete, "delete"},
		{sim.Due, "due"},
		{sim.Autonomous, "autonomous"},
		{sim.PowerCycle, "power-cycle"},
		{sim.FactoryReset, "factory-reset"},
		{sim.SourceAnswer, "answer"},
		{sim.Arrange, "arrange"},
		{sim.SessionOpened, "session-opened"},
		{sim.SessionClosed, "session-closed"},
	}
}

type deed struct {
	kind sim.EventKind
	name string
}

// The names of what is no event of a Device.
const (
	turnedOn  = "on"
	turnedOff = "off"
)

// nameOf is what an event of a Device is called.
func nameOf(kind sim.EventKind) string {
	for _, d := range deeds() {
		if d.kind == kind {
			return d.name
		}
	}
	return ""
}

// kindNamed is the event of a Device with a name.
func kindNamed(name string) (sim.EventKind, error) {
	for _, d := range deeds() {
		if d.name == name {
			return d.kind, nil
		}
	}
	return 0, fmt.Errorf("unknown deed %q", name)
}

// deedOf is what a fleet tells of a Device.
func (c *Fortune) deedOf(e fleet.Entry) Deed {
	g, _, _ := c.groupOf(e.Device)
	d := Deed{Event: "deed", At: c.now(), Group: g.Name, Device: c.first + e.Device, Clock: e.At, Is: endOf(e.State, e.Version, e.Off)}
	switch e.Kind {
	case fleet.LostPower:
		d.What = turnedOff
	case fleet.Started:
		d.What, d.Saved = turnedOn, e.Saved
	case fleet.Applied:
		d.What = nameOf(e.Event.Kind)
		d.take(e.Event)
		if d.Asks != nil && e.Peer.IsValid() {
			d.Asks.Peer = e.Peer.String()
		}
	}
	return d
}

// take takes what an event says.
func (d *Deed) take(ev *sim.Event) {
	switch ev.Kind {
	case sim.Post, sim.Delete, sim.SessionOpened, sim.SessionClosed:
		r := &ev.Request
		d.Asks = &asked{
			Path: r.Path, Interface: r.Interface, RT: r.RT, Owned: r.Owned, Payload: r.Payload, Format: r.Format, Multicast: r.Multicast,
			ID: r.ID, PIN: r.PIN, Way: r.Way, Session: r.Via.Session, OTM: r.Via.OTM,
		}
		if !r.Via.Subject.IsNil() {
			d.Asks.Subject = r.Via.Subject.String()
		}
		if r.Via.OwnerKey != [16]byte{} {
			d.Asks.OwnerKey = r.Via.OwnerKey[:]
		}
	case sim.Autonomous:
		d.Starts = ev.Bits.String()
	case sim.SourceAnswer:
		a := answered(ev.Answer)
		d.Answer = &a
	case sim.Arrange:
		d.Outcome = uint8(ev.Outcome)
	case sim.Get, sim.Due, sim.PowerCycle, sim.FactoryReset: // there is nothing more to say
	}
}

// entry is the Deed in the words of a fleet whose first Device has a number.
func (d *Deed) entry(first int) (fleet.Entry, error) {
	e := fleet.Entry{Device: d.Device - first, At: d.Clock}
	switch d.What {
	case turnedOff:
		e.Kind = fleet.LostPower
		return e, nil
	case turnedOn:
		e.Kind, e.Saved = fleet.Started, d.Saved
		return e, nil
	}
	kind, err := kindNamed(d.What)
	if err != nil {
		return e, err
	}
	e.Kind, e.Event = fleet.Applied, &sim.Event{Kind: kind, At: d.Clock, Outcome: sim.UpdateOutcome(d.Outcome)}
	if d.Starts != "" {
		e.Event.Bits = bitsOf(d.Starts)
	}
	if d.Answer != nil {
		e.Event.Answer = sim.Answer(*d.Answer)
	}
	if d.Asks == nil {
		return e, nil
	}
	if d.Asks.Peer != "" {
		if e.Peer, err = netip.ParseAddrPort(d.Asks.Peer); err != nil {
			return e, err
		}
	}
	e.Event.Request, err = d.Asks.request()
	return e, err
}

// request is what was asked, in the words of a Device.
func (a *asked) request() (sim.Request, error) {
	r := sim.Request{
		Path: a.Path, Interface: a.Interface, RT: a.RT, Owned: a.Owned, Payload: a.Payload, Format: a.Format, Multicast: a.Multicast,
		ID: a.ID, PIN: a.PIN, Way: a.Way, Via: sim.Via{Session: a.Session, OTM: a.OTM},
	}
	copy(r.Via.OwnerKey[:], a.OwnerKey)
	if a.Subject == "" {
		return r, nil
	}
	var err error
	r.Via.Subject, err = ocf.ParseUUID(a.Subject)
	return r, err
}

// Enter records what has happened to a Device. It is for the fleet, which calls it while it
// holds its lock.
func (c *Fortune) Enter(e fleet.Entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.record.write(c.deedOf(e))
}
