package assess

import (
	"fmt"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
)

// unheardOften is how many requests have to go unheard before that is said to be sleep. One
// that the network lost looks the same.
const unheardOften = 3

// asleep measures after which silence a Device that sleeps hears nothing any more, though by
// what the target declares it is awake.
type asleep struct {
	declared time.Duration // sleep.awake of the target
	heard    time.Duration // the longest silence after which a request was heard at once
	unheard  time.Duration // the shortest one after which it was not
	times    int           // how many were not
}

// asleep measures all runs.
func (r Run) asleep() asleep {
	a := asleep{declared: r.Target.Sleep.Awake}
	for _, run := range r.Scenarios {
		if run.Skipped == "" {
			a.take(run.Timeline)
		}
	}
	return a
}

// take measures each request of tl that was sent while the Device was to be awake. The
// silence before it began with the latest answer or notification.
func (a *asleep) take(tl conformance.Timeline) {
	again := map[int]bool{} // the requests that were sent more than once, or never answered
	for i := range tl.Observations {
		o := &tl.Observations[i]
		copied := o.Kind == conformance.Message && o.Frame != nil && !strings.Contains(o.Frame.Code, ".") // 0.00 and the like are no requests
		if o.For != nil && (copied || o.Kind == conformance.Lost) {
			again[*o.For] = true
		}
	}
	last, known := time.Duration(0), false
	for i := range tl.Observations {
		switch o := &tl.Observations[i]; o.Kind {
		case conformance.Response, conformance.Notification:
			last, known = o.At, true
		case conformance.Condition: // a restart wakes it, and keeps it from hearing
			known = false
		case conformance.Request:
			if silence := o.At - last; known && silence < a.declared {
				a.count(silence, again[i])
			}
		}
	}
}

// count takes a request that was sent after a silence.
func (a *asleep) count(silence time.Duration, again bool) {
	switch {
	case !again:
		a.heard = max(a.heard, silence)
	case a.times == 0:
		a.unheard, a.times = silence, 1
	default:
		a.unheard, a.times = min(a.unheard, silence), a.times+1
	}
}

// remarks says where the Device sleeps earlier than it declares: every request after some
// silence went unheard, and every one before that was heard.
func (a asleep) remarks() []Remark {
	if a.times < unheardOften || a.heard >= a.unheard {
		return nil
	}
	return []Remark{{About: AboutTiming, Says: fmt.Sprintf(
		"sleep.awake is declared as %v, and %d requests that came %v or more after the Device had last said something went unheard, while all that came within %v were heard: it sleeps earlier than it declares",
		a.declared, a.times, a.unheard.Round(time.Millisecond), a.heard.Round(time.Millisecond))}}
}
