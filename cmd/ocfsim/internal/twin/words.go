package twin

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/talk"
	"github.com/ocfsim/ocfsim/conformance"
)

// method is the request's method.
func (d datagram) method() string {
	if name, ok := map[byte]string{1: "GET", 2: "POST", 3: "PUT", 4: "DELETE"}[d.code()]; ok {
		return name
	}
	return fmt.Sprintf("0.%02d", d.code())
}

// words is a request as a person reads it.
func (d datagram) words() string {
	text, payload := d.method()+" "+d.path(), d.payload()
	if len(payload) == 0 {
		return text
	}
	if readable, err := talk.ToJSON(payload); err == nil {
		return text + " " + string(readable)
	}
	return text + fmt.Sprintf(" %x", payload)
}

// words is the stimulus that came last.
func (r *reading) words() string {
	e := &r.events[r.latest]
	if e.sort == wish {
		return e.key
	}
	return e.raw.words()
}

// Known is what a Book holds, for people.
type Known struct {
	Scenarios  int      `json:"scenarios"`
	Clients    []string `json:"clients"`
	Requests   []string `json:"requests"`   // "GET /oic/d", "POST /oic/sec/pstat, 31 payloads"
	Conditions []string `json:"conditions"` // "hold"
}

// Known says what b holds.
func (b *Book) Known() Known {
	clients, conditions := map[string]bool{}, map[string]bool{}
	payloads := map[string]map[string]bool{}
	for _, c := range b.chapters {
		for i := range c.events {
			e := &c.events[i]
			switch e.sort {
			case wish:
				conditions[strings.TrimPrefix(e.key, wishKey(""))] = true
			case request:
				clients[e.client] = true
				what := e.raw.method() + " " + e.raw.path()
				if payloads[what] == nil {
					payloads[what] = map[string]bool{}
				}
				payloads[what][string(e.raw.payload())] = true
			}
		}
	}
	k := Known{
		Scenarios: len(b.chapters), Clients: slices.Sorted(maps.Keys(clients)),
		Conditions: slices.Sorted(maps.Keys(conditions)),
	}
	for _, what := range slices.Sorted(maps.Keys(payloads)) {
		if n := len(payloads[what]); n > 1 {
			what += fmt.Sprintf(", %d payloads", n)
		}
		k.Requests = append(k.Requests, what)
	}
	return k
}

// Away is how long the Device did not answer when it was restarted: the median of what
// was recorded, 0 if nobody restarted it.
func (b *Book) Away() time.Duration {
	var all []time.Duration
	for _, c := range b.chapters {
		for _, i := range c.stimuli {
			if c.events[i].key == wishKey(conformance.Reboot) {
				if back := c.back(i); back > 0 {
					all = append(all, back)
				}
			}
		}
	}
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// back is how long after event i the Device answered again, 0 if it never did.
func (c *chapter) back(i int) time.Duration {
	for n := i + 1; n < len(c.events); n++ {
		if e := &c.events[n]; e.sort == saying && e.of > i {
			return e.at - c.events[i].at
		}
	}
	return 0
}
