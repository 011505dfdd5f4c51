package twin

import (
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim/fleet"
)

// Meets is told of a Client that begins a session. It gets one if the Client of the record did
// whose turn it is. The record says who that is by a name; which uuid has that name now shows
// when it first says something that the record has, and until then by the order of the sessions.
func (t *Twin) Meets(m fleet.Met) fleet.Admission {
	if m.DI != t.di { // with its next owner it gets other Clients
		clear(t.names)
		t.di = m.DI
	}
	r, i := t.meeting(t.names[m.Identity])
	if i < 0 {
		return fleet.AsTheDevice
	}
	r.asked[i] = true
	e := &r.events[i]
	t.recognize(m.Identity, e.client)
	if e.granted {
		return fleet.Admitted
	}
	return fleet.TurnedAway
}

// recognize notes who of the record has this uuid.
func (t *Twin) recognize(id ocf.UUID, name string) {
	if !id.IsNil() && name != "" {
		t.names[id] = name
	}
}

// meeting is where the record has the next session of a Client: after what came last, or where
// all of that chapter has come, at the beginning of the next one. name is "" for one that is
// not known yet: it is nobody who is. The event is -1 for none.
func (t *Twin) meeting(name string) (*reading, int) {
	if t.guide != nil {
		if i := t.guide.meets(t.guide.latest, name, t.names); i >= 0 || !t.guide.over() {
			return t.guide, i
		}
	}
	if t.ahead == nil {
		next := (t.last + 1) % len(t.chapters)
		t.ahead = newReading(t.chapters[next], next)
	}
	return t.ahead, t.ahead.meets(0, name, t.names)
}

// meets finds the next session of a Client that was recorded from event i on, and before the next
// stimulus. One that has been answered is answered again the same way where there is no other.
func (r *reading) meets(i int, name string, known map[ocf.UUID]string) int {
	again := -1
	for n := max(i, 0); n < r.until(); n++ {
		e := &r.events[n]
		if e.sort != meeting || e.client != name && (name != "" || named(known, e.client)) {
			continue
		}
		if !r.asked[n] {
			return n
		}
		again = n
	}
	if name == "" {
		return -1
	}
	return again
}

// named reports whether somebody has this name.
func named(known map[ocf.UUID]string, name string) bool {
	for _, n := range known {
		if n == name {
			return true
		}
	}
	return false
}

// met takes over which sessions have been answered before anything else of the chapter came.
func (r *reading) met(ahead *reading) {
	if ahead == nil || ahead.chapter != r.chapter {
		return
	}
	for i := range ahead.asked {
		r.asked[i] = true
	}
}
