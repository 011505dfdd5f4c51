package twin

import (
	"time"

	"github.com/ocfsim/ocfsim/sim/fleet"
)

// slack is how much earlier or later than recorded a look may come, besides a quarter of
// the time that had passed, and still be taken for the recorded one.
const slack = 50 * time.Millisecond

// perform says what the chapter has from the stimulus i on, until the next one. The request
// live, which is the stimulus, came at now.
func (r *reading) perform(s fleet.Scene, i int) []fleet.Saying {
	var says []fleet.Saying
	for n := r.said; n < i; n++ { // what came before, though a stimulus was jumped over
		if r.spontaneous(n) {
			says = r.say(says, s, n, 0, false)
		}
	}
	if i < r.said { // it comes later than it did, and all around it is said
		return r.answers(says, s, i)
	}
	r.began, r.at = s.At, i
	end := max(r.until(), i+1)
	for n := i + 1; n < end; n++ {
		if r.spontaneous(n) || r.events[n].of == i {
			says = r.say(says, s, n, r.events[n].at-r.events[i].at, r.events[n].of == i)
		}
	}
	r.said = end
	return says
}

// spontaneous reports whether event n is said whether or not somebody looks.
func (r *reading) spontaneous(n int) bool {
	e := &r.events[n]
	return e.sort == saying && (e.of < 0 || !r.events[e.of].look)
}

// answers says what answers event i, wherever it stands.
func (r *reading) answers(says []fleet.Saying, s fleet.Scene, i int) []fleet.Saying {
	for n := i + 1; n < len(r.events); n++ {
		if r.events[n].of == i {
			says = r.say(says, s, n, r.events[n].at-r.events[i].at, true)
		}
	}
	return says
}

// say adds event n to says. Nothing is added where its Client is not there.
func (r *reading) say(says []fleet.Saying, s fleet.Scene, n int, after time.Duration, answers bool) []fleet.Saying {
	e := &r.events[n]
	line, ok := r.lines[e.client]
	if !ok {
		return says
	}
	data := []byte(e.raw)
	if e.raw.whole() {
		data = e.raw.as(r.mid(s, e), r.token(e), s.DI, s.Owner)
	}
	return append(says, fleet.Saying{After: after, Line: line, Data: data, Answers: answers})
}

// mid is the message id of e in this conversation: that of the request which it
// acknowledges or rejects, or a new one for each that was recorded.
func (r *reading) mid(s fleet.Scene, e *event) uint16 {
	key := e.client + e.raw.midKey()
	if e.raw.kind() != typeACK && e.raw.kind() != typeRST {
		key += " Device"
	}
	mid, ok := r.mids[key]
	if !ok {
		mid = s.NextMID()
		r.mids[key] = mid
	}
	return mid
}

// token is the token of e in this conversation. One that no request had stays as it is.
func (r *reading) token(e *event) string {
	key := e.client + e.raw.token()
	if live, ok := r.tokens[key]; ok {
		return live
	}
	return e.raw.token()[len(" token "):]
}

// look answers a request that changes nothing. ok is false if the chapter does not know.
func (r *reading) look(s fleet.Scene, line fleet.Line, live datagram) (says []fleet.Saying, ok bool) {
	i, ok := r.recorded(s.At, live.key(), line)
	if !ok {
		return nil, false
	}
	r.bind(i, line, live)
	return r.answers(nil, s, i), true
}

// recorded finds the recorded look that answers one which comes now: the next one of its
// kind since the last stimulus, unless it was made much later or there was one much later
// that has passed too. Where there is none, it is the latest one before.
func (r *reading) recorded(now time.Duration, key string, line fleet.Line) (event int, ok bool) {
	found := -1
	for i := max(r.at, 0); i < r.until(); i++ {
		e := &r.events[i]
		if !e.asks() || !r.is(i, key, line) || r.asked[i] {
			continue
		}
		late := now - r.began - (e.at - r.start())
		early := -late
		if early > slack+(now-r.began)/4 {
			break
		}
		if found >= 0 && late < slack+(e.at-r.start())/4 {
			break
		}
		if found >= 0 {
			r.asked[found] = true
		}
		found = i
	}
	if found >= 0 {
		r.asked[found] = true
		return found, true
	}
	for i := r.until() - 1; i >= 0; i-- {
		if r.asked[i] && r.is(i, key, line) {
			return i, true
		}
	}
	return -1, false
}

// start is when the last stimulus came in the chapter.
func (r *reading) start() time.Duration {
	if r.at < 0 {
		return 0
	}
	return r.events[r.at].at
}
