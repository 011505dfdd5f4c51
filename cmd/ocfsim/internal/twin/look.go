package twin

import (
	"time"

	"github.com/ocfsim/ocfsim/sim/fleet"
)

// slack is how much earlier or later than recorded a look may come, besides a quarter of
// the time that had passed, and still be taken for the recorded one.
const slack = 50 * time.Millisecond

// look answers a request that changes nothing. What was recorded since the last stimulus
// comes first; else the state is answered in which the Device was last seen, as it was
// answered elsewhere in the book. ok is false if nothing is known.
func (r *reading) look(s fleet.Scene, line fleet.Line, live datagram, b *Book) (says []fleet.Saying, ok bool) {
	key := live.key()
	if i, ok := r.recorded(s.At, key, line); ok {
		r.bind(i, line, live)
		return r.answers(nil, s, i), true
	}
	client, known := r.clients[line]
	if !known {
		return nil, false
	}
	at := view{client, key, r.current(s.At)}
	if !b.shows[view{client, key, ""}] {
		at.state = ""
	}
	answer, ok := b.answers[at]
	if !ok {
		answer, ok = b.madeOf(r.notification(s.At), at)
	}
	if !ok {
		return nil, false
	}
	mid := live.mid()
	if answer.kind() != typeACK {
		mid = s.NextMID()
	}
	data := answer.as(mid, live.token()[len(" token "):], who{"", s.DI, s.Owner})
	return []fleet.Saying{{Line: line, Data: data, Answers: true}}, true
}

// recorded finds the recorded look that one which comes now repeats: the next of its kind
// since the last stimulus. It is none that comes much earlier than the recorded one or
// before a change that it shows, and none that shows what has changed since.
func (r *reading) recorded(now time.Duration, key string, line fleet.Line) (event int, ok bool) {
	found := -1
	for i := max(r.at, 0); i < r.until(); i++ {
		e := &r.events[i]
		if !e.asks() || r.asked[i] || !r.is(i, key, line) {
			continue
		}
		had := e.at - r.start()
		has := now - r.began
		if had-has > slack+has/4 || r.owes(now, i) {
			break
		}
		if found >= 0 && has-had < slack+had/4 && !r.stale(now, found) {
			break
		}
		if found >= 0 {
			r.asked[found] = true
		}
		found = i
	}
	if found < 0 || r.stale(now, found) && r.events[found].sort == request {
		return -1, false
	}
	r.asked[found] = true
	return found, true
}

// owes reports whether the Device has yet to say something that it said before event i.
func (r *reading) owes(now time.Duration, i int) bool {
	for n := max(r.at, 0); n < i; n++ {
		if r.events[n].state != "" && r.spontaneous(n) && !r.has(now, n) {
			return true
		}
	}
	return false
}

// stale reports whether the Device has said, after it answered the look i, that it is in
// another state.
func (r *reading) stale(now time.Duration, i int) bool {
	state := r.events[i].state
	for n := i + 1; n < r.said; n++ {
		e := &r.events[n]
		switch {
		case e.of == i && e.sort == saying:
			state = e.state
		case e.state != "" && e.state != state && r.spontaneous(n) && r.has(now, n):
			return true
		}
	}
	return false
}

// has reports whether the Device has said event n by now.
func (r *reading) has(now time.Duration, n int) bool {
	at, ok := r.due[n]
	return ok && at <= now
}

// current is the state in which the Device was last seen, "" if it is not known.
func (r *reading) current(now time.Duration) string {
	for n := min(r.until(), len(r.events)) - 1; n >= 0; n-- {
		if e := &r.events[n]; e.state != "" && r.has(now, n) {
			return e.state
		}
	}
	return ""
}

// notification is what the Device has said last that shows a state and answers nothing.
func (r *reading) notification(now time.Duration) datagram {
	for n := min(r.until(), len(r.events)) - 1; n >= 0; n-- {
		if e := &r.events[n]; e.state != "" && e.of < 0 && r.has(now, n) {
			return e.raw
		}
	}
	return nil
}

// hurried notes that everything which was to be said is said now.
func (r *reading) hurried(now time.Duration) {
	for n, at := range r.due {
		r.due[n] = min(at, now)
	}
}

// start is when the last stimulus came in the chapter.
func (r *reading) start() time.Duration {
	if r.at < 0 {
		return 0
	}
	return r.events[r.at].at
}
