package twin

import (
	"slices"
	"time"

	"github.com/ocfsim/ocfsim/sim/fleet"
)

// reading is a place in a chapter that a conversation may have reached.
type reading struct {
	*chapter
	index   int   // of the chapter in the book
	next    int   // the stimulus that comes next, an index of stimuli
	skipped []int // stimuli before next that have not come yet
	clients map[fleet.Line]string
	lines   map[string]fleet.Line
	tokens  map[string]string // by Client and recorded token
	mids    map[string]uint16 // by Client and recorded message id

	began  time.Duration         // when the last stimulus came
	at     int                   // its event
	said   int                   // the sayings of the events before this are said, or will be
	latest int                   // the event of the stimulus that came last
	due    map[int]time.Duration // when each saying is said
	asked  map[int]bool          // the looks that have been answered
}

func newReading(c *chapter, index int) *reading {
	return &reading{
		chapter: c, index: index, at: -1,
		clients: map[fleet.Line]string{}, lines: map[string]fleet.Line{},
		tokens: map[string]string{}, mids: map[string]uint16{}, asked: map[int]bool{}, due: map[int]time.Duration{},
	}
}

// over reports whether everything of the chapter has come.
func (r *reading) over() bool { return r.next == len(r.stimuli) }

// furthest is how many observations may begin or end in another order than they did.
const furthest = 8

// find returns the event that a stimulus is, if it may come now. Requests that begin or
// end observations may change places: several Clients send them at the same time. A
// chapter begins with its first.
func (r *reading) find(key string, line fleet.Line) (event int, ok bool) {
	for _, i := range r.skipped {
		if r.is(i, key, line) {
			return i, true
		}
	}
	for n := r.next; n < min(len(r.stimuli), r.next+furthest); n++ {
		i := r.stimuli[n]
		if r.is(i, key, line) && (n == r.next || r.events[i].begins) {
			return i, true
		}
		if !r.events[i].begins || r.next == 0 {
			break
		}
	}
	return -1, false
}

// is reports whether event i has the key, and is of the Client on the line. A new line may
// be that of any Client who has none: what an owner does beside the scenarios, over a
// session of its own, is not recorded.
func (r *reading) is(i int, key string, line fleet.Line) bool {
	e := &r.events[i]
	if e.key != key || e.sort != request {
		return e.key == key
	}
	if who, known := r.clients[line]; known {
		return who == e.client
	}
	has, known := r.lines[e.client]
	return !known || has.Over() || !has.Secured()
}

// take moves on behind event i, which was found.
func (r *reading) take(i int) {
	if n := slices.Index(r.skipped, i); n >= 0 {
		r.skipped = slices.Delete(r.skipped, n, n+1)
		return
	}
	for r.stimuli[r.next] != i {
		r.skipped = append(r.skipped, r.stimuli[r.next])
		r.next++
	}
	r.next++
}

// bind notes who is on the line, and what token and message id this request has.
func (r *reading) bind(i int, line fleet.Line, live datagram) {
	e := &r.events[i]
	r.clients[line], r.lines[e.client] = e.client, line
	r.tokens[e.client+e.raw.token()] = live.token()[len(" token "):]
	r.mids[e.client+e.raw.midKey()] = live.mid()
}

// until is the event of the next stimulus, or the end of the chapter.
func (r *reading) until() int {
	if r.over() {
		return len(r.events)
	}
	return r.stimuli[r.next]
}

// state is the pstat that the chapter has shown before event i, "" if none.
func (r *reading) state(i int) string {
	for ; i > 0; i-- {
		if s := r.events[i-1].state; s != "" {
			return s
		}
	}
	return ""
}

// opening is the first pstat that the chapter shows.
func (c *chapter) opening() string {
	for i := range c.events {
		if s := c.events[i].state; s != "" {
			return s
		}
	}
	return ""
}

// before is the pstat that the chapter had shown before the latest stimulus; where it had
// shown none, the first that it shows.
func (r *reading) before() string {
	if s := r.state(max(r.latest, 0)); s != "" {
		return s
	}
	return r.opening()
}

// refused reports whether the Device refused the request i, or did not answer at all.
func (r *reading) refused(i int) bool {
	for n := i + 1; n < len(r.events); n++ {
		if e := &r.events[n]; e.of == i {
			return e.raw.fails()
		}
	}
	return !r.events[i].begins
}

// knows reports whether a Client of the chapter is on the line.
func (r *reading) knows(line fleet.Line) bool {
	if r == nil {
		return false
	}
	_, known := r.clients[line]
	return known
}

// passes takes what comes before the latest stimulus as said: another chapter was followed
// up to there.
func (r *reading) passes(now time.Duration) {
	for n := r.said; n < r.latest; n++ {
		if r.spontaneous(n) {
			r.due[n] = now
		}
	}
	r.said = max(r.said, r.latest)
}

// asksNext reports whether a look with this key was recorded before the next stimulus.
func (r *reading) asksNext(key string, line fleet.Line) bool {
	for i := max(r.latest, 0); i < r.until(); i++ {
		if r.events[i].asks() && r.is(i, key, line) {
			return true
		}
	}
	return false
}

// takeOver follows r in the place of another reading whose last stimulus came at began. It
// returns what r has the Device say later; what would have been said by now is over.
func (r *reading) takeOver(s fleet.Scene, began time.Duration) []fleet.Saying {
	var says []fleet.Saying
	r.passes(s.At)
	r.began, r.at = began, r.latest
	for n := r.latest + 1; n < r.until(); n++ {
		if !r.spontaneous(n) {
			continue
		}
		if after := began + r.events[n].at - r.events[r.at].at - s.At; after > 0 {
			says = r.say(says, s, n, after, false)
		} else {
			r.due[n] = s.At
		}
	}
	r.said = max(r.said, r.until())
	return says
}

// mayBe reports whether a stimulus may belong to r or to another reading in its place. What
// comes over a new line, which an owner may use beside the scenario, has to be the next of r.
func (r *reading) mayBe(key string, line fleet.Line) bool {
	if r.knows(line) || line == (fleet.Line{}) {
		return true
	}
	_, ok := r.find(key, line)
	return ok
}
