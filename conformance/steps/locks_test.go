package steps

import (
	"context"
	"fmt"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// locks are what a secured lamp has besides: sessions that it knows by the
// Clients' names, and the rights of each.
type locks struct {
	boots   int             // how often it was restarted
	open    map[string]bool // who may do what only the privileged may: a deviation
	strange map[string]bool // who is refused a session though it has a credential
	unowned bool
	renewed int
}

// lockedLamp is a lamp of a later edition that the harness owns.
func lockedLamp() *lamp {
	l := newLamp()
	l.pstat.Rowner = ocf.UUID{1}
	l.profile.Secured, l.profile.Owning, l.profile.ICV = true, "justworks", "ocf.2.2.5"
	return l
}

// admit opens the session of c, or refuses it.
func (l *lamp) admit(c *lampClient) error {
	c.boot = l.boots
	if !l.profile.Secured || c.name == conformance.Anonymous {
		return nil
	}
	if c.name == conformance.WrongKey || c.name == conformance.DeletedCredential || l.strange[c.name] || l.unowned {
		c.rec.Append(conformance.Observation{Kind: conformance.Session, Client: c.name, Outcome: conformance.Refused, Text: "unknown identity"})
		return fmt.Errorf("handshake: %w", ErrRefused)
	}
	c.rec.Append(conformance.Observation{Kind: conformance.Session, Client: c.name, Outcome: conformance.Opened, Text: "as " + c.name})
	return nil
}

// forgot reports whether the lamp no longer knows the session of c. It gives it
// a new one if it may have one.
func (l *lamp) forgot(c *lampClient) (text string, forgot bool) {
	switch {
	case !l.profile.Secured || c.name == conformance.Anonymous || c.boot == l.boots && !c.closed:
		return "", false
	case l.admit(c) != nil:
		return "no answer", true
	}
	return conformance.SessionGone + ": the Device takes a new one", true
}

// permits reports whether the named Client may do c.
func (l *lamp) permits(name string, c conformance.Call) bool {
	switch {
	case !l.profile.Secured || l.open[name]:
		return true
	case l.pstat.DOS == ocf.RESET:
		return false
	case l.unowned:
		return c.Method == "GET" && c.Path != ocf.PathACL
	case c.Path == ocf.PathACL:
		return name == privileged
	case c.Path != ocf.PathPstat:
		return true
	case c.Method == "GET":
		return conformance.MayRead(name)
	}
	return conformance.MayWrite(name)
}

// legal reports whether a Client may ask for the move.
func legal(from, to ocf.DOS) bool {
	switch to {
	case ocf.RFOTM:
		return from == ocf.RESET
	case ocf.RFNOP:
		return from != ocf.SRESET
	}
	return true
}

// reset makes the lamp nobody's.
func (l *lamp) reset() {
	l.pstat = ocf.Pstat{DOS: ocf.RESET, Pending: true, TM: 2, CM: 1, OM: 4, SM: 4}
	l.after(300*time.Millisecond, func() {
		l.unowned = true
		for _, c := range l.clients {
			if c.name != conformance.Anonymous && !c.closed {
				c.closed, c.registration = true, -1
				c.rec.Append(conformance.Observation{Kind: conformance.Session, Client: c.name, Outcome: conformance.Closed, Text: "closed by the Device"})
			}
		}
		l.pstat = ocf.Pstat{DOS: ocf.RFOTM, CM: 2, OM: 4, SM: 4}
	})
}

// Renew has the harness own the lamp again.
func (l *ownedLamp) Renew(context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.renewed++
	l.unowned, l.pstat = false, ocf.Pstat{DOS: ocf.RFNOP, ISOP: true, OM: 4, SM: 4, Rowner: ocf.UUID{1}}
	return nil
}

// ownedLamp is a lockedLamp that can be owned again.
type ownedLamp struct{ *lamp }
