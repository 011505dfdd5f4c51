package twin

import (
	"fmt"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// chapter is a recorded scenario, as far as a twin needs to know it.
type chapter struct {
	scenario string
	home     string // the uuid of the Device, "" if it has several in turn or none is known
	events   []event
	stimuli  []int // indexes of the events that change something, in order
}

// sort says what an event of a chapter is.
type sort uint8

const (
	request sort = iota + 1 // the harness sent a request, or the next block of one
	saying                  // the Device sent a datagram
	wish                    // the harness asked for a condition
	report                  // the trusted source was asked what it has seen
	meeting                 // a Client was granted a session, or refused one
)

// event is one entry of a chapter.
type event struct {
	sort        sort
	at          time.Duration            // since the chapter began
	client      string                   // whose: "privileged", "second"
	key         string                   // of a request or a wish: what makes two of them the same
	raw         datagram                 // of a request or a saying
	look        bool                     // a request that changes nothing
	begins      bool                     // a request that begins or ends an observation
	of          int                      // of a saying: the request that it answers, -1 for none
	unsupported bool                     // of a wish: it could not be had
	source      conformance.SourceReport // of a report
	granted     bool                     // of a meeting
	state       string                   // of a saying: the pstat that it shows, "" for none
}

// asks reports whether e is something that is answered and changes nothing.
func (e *event) asks() bool { return e.sort == report || e.sort == request && e.look }

// newChapter reads a recorded scenario.
func newChapter(tl conformance.Timeline) *chapter {
	c := &chapter{scenario: tl.Header.Scenario}
	r := reader{chapter: c, place: map[int]int{}, last: map[string]int{}}
	for i := range tl.Observations {
		r.read(tl.Observations, i)
	}
	c.home = c.dwelling()
	held := false
	for i := range c.events {
		e := &c.events[i]
		idle := !held && e.key == wishKey(conformance.Release) // a run begins with one, whatever comes first
		held = (held || e.key == wishKey(conformance.Hold)) && e.key != wishKey(conformance.Release)
		if !idle && (e.sort == wish || e.sort == request && !e.look) {
			c.stimuli = append(c.stimuli, i)
		}
	}
	return c
}

// dwelling is the uuid that the Device has at first, "" if it is reset later.
func (c *chapter) dwelling() string {
	first := ""
	for i := range c.events {
		e := &c.events[i]
		switch {
		case e.key == wishKey(conformance.FactoryReset), strings.Contains(e.state, ocf.RESET.String()+" "), strings.Contains(e.state, ocf.RFOTM.String()):
			return ""
		case first == "" && e.sort == saying && e.raw.whole():
			first = e.raw.device()
		}
	}
	return first
}

// reader turns Observations into events.
type reader struct {
	*chapter
	place map[int]int    // the event of an Observation
	last  map[string]int // the last request, by its Client and its message id or token
}

func (r *reader) read(all []conformance.Observation, i int) {
	o := &all[i]
	switch o.Kind {
	case conformance.Request:
		r.request(i, o)
	case conformance.Response, conformance.Notification:
		r.saying(i, o)
	case conformance.Message:
		r.message(i, o)
	case conformance.Condition:
		if o.Outcome == conformance.Asked {
			r.add(i, event{sort: wish, at: o.At, key: wishKey(o.Name), of: -1, unsupported: outcomeOf(all[i+1:], o.Name) == conformance.Unsupported})
		}
	case conformance.Session:
		if o.Outcome == conformance.Opened || o.Outcome == conformance.Refused {
			r.add(i, event{sort: meeting, at: o.At, client: o.Client, granted: o.Outcome == conformance.Opened, of: -1})
		}
	case conformance.Source:
		if o.Source != nil {
			r.add(i, event{sort: report, at: o.At, key: reportKey, source: *o.Source, of: -1})
		}
	}
}

// outcomeOf is what became of a condition that was asked for before all.
func outcomeOf(all []conformance.Observation, name string) string {
	for i := range all {
		if o := &all[i]; o.Kind == conformance.Condition && o.Name == name {
			return o.Outcome
		}
	}
	return ""
}

func (r *reader) add(i int, e event) {
	r.place[i] = len(r.events)
	r.events = append(r.events, e)
}

func (r *reader) request(i int, o *conformance.Observation) {
	raw := datagram(o.Frame.Raw)
	if !raw.whole() {
		return
	}
	e := event{sort: request, at: o.At, client: o.Client, key: raw.key(), raw: raw, of: -1}
	e.look = raw.code() == codeGET && !raw.observes()
	e.begins = raw.code() == codeGET && raw.observes()
	r.add(i, e)
	r.last[o.Client+raw.midKey()], r.last[o.Client+raw.token()] = r.place[i], r.place[i]
}

// message sorts out which of the two sides sent a datagram that is neither a request nor
// its answer: of a request that is sent again only the first datagram counts.
func (r *reader) message(i int, o *conformance.Observation) {
	if o.Frame == nil {
		return
	}
	raw := datagram(o.Frame.Raw)
	switch {
	case !raw.whole():
		r.saying(i, o)
	case raw.isRequest():
		if o.Text == "next block" || o.Text == "rest of a notification" {
			r.request(i, o)
		}
	case raw.code() == 0 && (raw.kind() == typeACK || raw.kind() == typeRST):
		if _, ours := r.last[o.Client+raw.midKey()]; ours {
			r.saying(i, o)
		}
	default:
		r.saying(i, o)
	}
}

func (r *reader) saying(i int, o *conformance.Observation) {
	if strings.HasPrefix(o.Text, "the latest notification is taken") || len(o.Frame.Raw) == 0 {
		return
	}
	raw := datagram(o.Frame.Raw)
	e := event{sort: saying, at: o.At, client: o.Client, raw: raw, of: -1}
	if p, _, ok := o.Pstat(); ok {
		e.state = shown(p)
	}
	switch {
	case !raw.whole():
	case raw.kind() == typeACK || raw.kind() == typeRST:
		if n, ok := r.last[o.Client+raw.midKey()]; ok {
			e.of = n
		}
	case o.Kind == conformance.Response, o.Text == "one block of the answer":
		if n, ok := r.last[o.Client+raw.token()]; ok {
			e.of = n
		}
	}
	r.add(i, e)
}

// shown is pstat as far as the Device changes it by itself.
func shown(p ocf.Pstat) string { return fmt.Sprintf("%v p=%v isop=%v", p, p.Pending, p.ISOP) }

const reportKey = "report"

// wishKey is the key of a condition.
func wishKey(name string) string { return "condition " + name }
