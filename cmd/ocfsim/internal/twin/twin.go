package twin

import (
	"slices"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim/fleet"
)

// Twin answers as a recorded Device did. It is a fleet.Replay for one Device, and its
// methods are for the fleet alone.
type Twin struct {
	*Book
	tell     func(Unknown)
	readings []*reading // the places that the conversation may have reached
	guide    *reading   // the one that is followed; nil: none yet
	aside    bool       // what came last was in none of them, so the reference answers
	held     bool       // the trusted source was told to hold its answers
	last     int        // the chapter that was followed last
	told     source
	di       ocf.UUID            // the Device's, when a Client began its latest session
	names    map[ocf.UUID]string // the Clients of the record that these have turned out to be, since it has this uuid
	ahead    *reading            // the chapter after the last, before anything of it has come; nil: not looked at yet
}

// Unknown is something that the record does not hold. The reference answers it.
type Unknown struct {
	Asked string // `POST /oic/sec/pstat {"tm":64}`, "condition reboot"
	After string // the scenario that was followed until then, "" for none
	// Other is the scenario that is followed from now on, because it does hold what was
	// asked, though it was recorded in another state than the one that was shown; "" where
	// the reference answers.
	Other string
}

// New makes a twin of a recorded Device. tell is called with what the record does not
// know; it must not call the fleet.
func New(b *Book, tell func(Unknown)) *Twin {
	return &Twin{Book: b, tell: tell, last: -1, names: map[ocf.UUID]string{}}
}

// Hears is told of a request.
func (t *Twin) Hears(h fleet.Heard) fleet.Played {
	live := datagram(h.Data)
	if live.code() == codeGET && !live.observes() {
		return t.looked(h, live)
	}
	i, p := t.follow(h.At, live.key(), h.Line)
	if i < 0 {
		if t.guide.knows(h.Line) {
			t.aside = true
			t.unknown(live.words())
		}
		return p
	}
	for _, r := range t.readings {
		if i := r.latest; i >= 0 {
			r.bind(i, h.Line, live)
		}
	}
	t.recognize(h.Line.Subject(), t.guide.clients[h.Line])
	p.Known, p.Says = true, t.guide.perform(h.Scene, i)
	p.Withheld = t.guide.refused(i)
	return p
}

// looked answers a request that changes nothing.
func (t *Twin) looked(h fleet.Heard, live datagram) fleet.Played {
	if t.guide == nil || t.aside {
		return fleet.Played{}
	}
	if says, ok := t.guide.look(h.Scene, h.Line, live, t.Book); ok {
		return fleet.Played{Known: true, Says: says}
	}
	if p := t.turn(h, live); p.Known {
		return p
	}
	if t.guide.knows(h.Line) {
		t.unknown(live.words())
	}
	return fleet.Played{}
}

// turn answers a look that the guide does not have, where another reading has it: that one
// is followed from now on.
func (t *Twin) turn(h fleet.Heard, live datagram) fleet.Played {
	for _, r := range t.readings {
		if r == t.guide || !r.knows(h.Line) || !r.asksNext(live.key(), h.Line) {
			continue
		}
		says := r.takeOver(h.Scene, t.guide.began)
		more, ok := r.look(h.Scene, h.Line, live, t.Book)
		if !ok {
			continue
		}
		t.guide, t.last = r, r.index
		return fleet.Played{Known: true, Pending: fleet.Forgets, Says: append(says, more...)}
	}
	return fleet.Played{}
}

// Arranges is told of a condition.
func (t *Twin) Arranges(a fleet.Arranged) fleet.Played {
	if a.Condition == reportKey {
		if t.aside {
			return fleet.Played{Report: t.told.report(nil, a)}
		}
		return fleet.Played{Report: t.told.report(t.guide, a)}
	}
	if a.Condition == conformance.Release && !t.held {
		return fleet.Played{}
	}
	t.held = (t.held || a.Condition == conformance.Hold) && a.Condition != conformance.Release
	i, p := t.follow(a.At, wishKey(a.Condition), fleet.Line{})
	if i < 0 {
		t.aside = true
		t.unknown(wishKey(a.Condition))
		return p
	}
	p.Says, p.Unsupported = t.guide.perform(a.Scene, i), t.guide.events[i].unsupported
	return p
}

// follow finds the places that a stimulus leads to, and the event of the one that is
// followed from now on; -1 if no chapter has it.
func (t *Twin) follow(now time.Duration, key string, line fleet.Line) (int, fleet.Played) {
	was := t.guide
	var reached []*reading
	if was != nil && !was.over() && was.mayBe(key, line) {
		reached = advance(t.readings, key, line)
	}
	if was == nil || !slices.Contains(reached, was) {
		reached = append(reached, advance(t.begin(), key, line)...)
	}
	if len(reached) == 0 {
		return -1, fleet.Played{}
	}
	state := ""
	if was != nil && !t.aside {
		state = was.current(now)
	}
	t.readings = reached
	if !slices.Contains(reached, was) {
		t.guide = t.likeliest(state)
		t.guide.passes(now)
		if state != "" && !was.over() && t.guide.before() != state {
			t.say(Unknown{Asked: t.guide.words(), After: was.scenario, Other: t.guide.scenario})
		}
	}
	var p fleet.Played
	switch {
	case was == t.guide:
		p.Pending = fleet.Hurries
		t.guide.hurried(now)
	case was != nil && !was.over():
		p.Pending = fleet.Forgets
	}
	if was != t.guide {
		t.guide.met(t.ahead)
		t.ahead = nil
	}
	t.last, t.aside = t.guide.index, false
	return t.guide.latest, p
}

// begin are readings of all chapters from their beginning.
func (t *Twin) begin() []*reading {
	var all []*reading
	for i, c := range t.chapters {
		all = append(all, newReading(c, i))
	}
	return all
}

// advance moves readings behind a stimulus, and drops those that don't have it there.
func advance(all []*reading, key string, line fleet.Line) []*reading {
	var reached []*reading
	for _, r := range all {
		if i, ok := r.find(key, line); ok {
			r.take(i)
			r.latest = i
			reached = append(reached, r)
		}
	}
	return reached
}

// likeliest is the reading of the chapter that was recorded next; or else one that has the
// state that was shown last, and among such the one that was recorded soonest after.
func (t *Twin) likeliest(state string) *reading {
	best, distance := -1, 0
	for i, r := range t.readings {
		d := (r.index - t.last - 1 + len(t.chapters)) % len(t.chapters)
		if d > 0 && state != "" && r.before() != state {
			d += len(t.chapters)
		}
		if best < 0 || d < distance {
			best, distance = i, d
		}
	}
	return t.readings[best]
}

// unknown says that the record does not hold what was asked.
func (t *Twin) unknown(asked string) {
	after := ""
	if t.last >= 0 {
		after = t.chapters[t.last].scenario
	}
	t.say(Unknown{Asked: asked, After: after})
}

func (t *Twin) say(u Unknown) {
	if t.tell != nil {
		t.tell(u)
	}
}
