package fleet

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/plgd-dev/go-coap/v3/message/codes"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
)

// Watcher counts and tells what a fleet does. Unlike a Witness it is told results, not
// messages, and it costs a fleet little. Its methods are called by any goroutine, mostly
// while the fleet holds its lock: they must be quick, must not wait, and must not call
// the fleet.
type Watcher interface {
	// Wants says what the Watcher wants to be told. Open asks once.
	Wants() Wanted
	// Stands says where a Device stands. It is called from the start, and after whatever
	// could have changed that; often nothing has. At counts from Began.
	Stands(device int, at time.Duration, s sim.Standing)
	// Asked says what became of a Client's request.
	Asked(Asked)
	// Session says what became of a session. Kind is Opened, Refused or Ended.
	Session(at time.Duration, s Sight)
}

// Wanted says what a Watcher wants to be told besides what is cheap.
type Wanted uint8

// What a Watcher may want.
const (
	Reads    Wanted = 1 << iota // Asked is called for each GET too
	Details                     // Asked says what a write asks for, and why it was refused
	Sessions                    // Session is called
)

// Asked is a request, and what became of it.
type Asked struct {
	Device  int
	At      time.Duration // since Began
	Local   netip.AddrPort
	Peer    netip.AddrPort
	Session uint32   // number of the session; 0: in the clear
	Subject ocf.UUID // the Client that the session authenticated; nil: none
	Method  uint8    // CoAP code
	Code    uint8    // CoAP code of the answer; 0: there is none
	Path    string
	Asks    string // with Details, of a write of pstat: what it asks for, such as "tm=V", in the letters of the Device's edition
	Why     string // with Details, of a write that was refused: why, or "" if no rule refuses it
}

// Writes reports whether the request is one that may change the Device.
func (a *Asked) Writes() bool { return codes.Code(a.Method) != codes.GET }

// Accepted reports whether the answer says success.
func (a *Asked) Accepted() bool { return a.Code > 0 && a.Code>>5 == 2 }

// watching is a Watcher and what it wants; the zero value is nobody.
type watching struct {
	watcher Watcher
	wants   Wanted
}

// watchedBy is who watches, with what it wants.
func watchedBy(w Watcher) watching {
	if w == nil {
		return watching{}
	}
	return watching{watcher: w, wants: w.Wants()}
}

// sees reports whether the Watcher is told of what a Sight of that kind says.
func (w *watching) sees(kind SightKind) bool {
	return w.wants&Sessions != 0 && (kind == Opened || kind == Refused || kind == Ended)
}

// stands tells the Watcher where s stands.
func (sh *shard) stands(s *slot) {
	if sh.watched.watcher == nil {
		return
	}
	is := s.device.Standing()
	is.Down = is.Down || !s.reachable()
	sh.watched.watcher.Stands(int(s.index), sh.now(), is)
}

// standsAfter tells the Watcher where s stands after r, which is nil for what no request
// has caused. A GET changes nothing.
func (sh *shard) standsAfter(s *slot, r *request) {
	if r == nil || r.code != codes.GET {
		sh.stands(s)
	}
}

// asked tells the Watcher what became of r, which was answered by re; a code of 0 is no
// answer.
func (sh *shard) asked(s *slot, r *request, re *reply) {
	w := &sh.watched
	if w.watcher == nil || r.code == codes.GET && w.wants&Reads == 0 {
		return
	}
	a := Asked{
		Device: int(s.index), At: sh.now(), Local: r.local, Peer: r.peer, Session: r.session.id(), Subject: r.body.Via.Subject,
		Method: uint8(r.code), Code: uint8(re.code), Path: r.body.Path,
	}
	if w.wants&Details != 0 && a.Writes() && re.code != codes.Continue {
		sh.describe(s, r, re, &a)
	}
	w.watcher.Asked(a)
}

// describe says what a write asks for, and why it was refused if it was.
func (sh *shard) describe(s *slot, r *request, re *reply, a *Asked) {
	if r.code == codes.POST && a.Path == ocf.PathPstat {
		if u, err := ocf.DecodePstatUpdate(r.body.Payload); err == nil {
			a.Asks = asks(&u)
			if s.device.Availability() {
				a.Asks = ocf.Lettered(a.Asks)
			}
		}
	}
	switch {
	case a.Accepted() || re.code == 0:
	case len(re.payload) > 0:
		a.Why = string(re.payload)
	default:
		a.Why = s.device.Why(&sim.Event{Kind: r.event(), At: sh.clock(s), Request: r.body}, a.Code)
	}
}

// unanswered tells the Watcher of a request that the Device does not answer.
func (sh *shard) unanswered(s *slot, r *request) {
	if !r.answered && !r.multicast {
		sh.asked(s, r, &reply{})
	}
}

// asks says what a write of pstat asks for, in the order of the notation of a sample:
// "tm=V cm=- dos=RFNOP om=4", of which it has what u sets.
func asks(u *ocf.PstatUpdate) string {
	var parts []string
	for _, p := range []struct {
		bit   ocf.Properties
		says  string
		value any
	}{
		{ocf.PropTM, "tm", u.TM},
		{ocf.PropCM, "cm", u.CM},
		{ocf.PropDOS, "dos", u.DOS},
		{ocf.PropP, "dos.p", u.P},
		{ocf.PropISOP, "isop", u.ISOP},
		{ocf.PropOM, "om", u.OM},
		{ocf.PropSM, "sm", u.SM},
		{ocf.PropRowner, "rowneruuid", u.Rowner},
	} {
		if u.Set.Has(p.bit) {
			parts = append(parts, fmt.Sprintf("%s=%v", p.says, p.value))
		}
	}
	return strings.Join(parts, " ")
}
