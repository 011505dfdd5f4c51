package twin

import (
	"time"

	"github.com/ocfsim/ocfsim/sim/fleet"
)

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
		data = e.raw.as(r.mid(s, e), r.token(e), who{r.home, s.DI, s.Owner})
	}
	r.due[n] = s.At + after
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
