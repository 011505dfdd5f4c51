package assess

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
	"github.com/ocfsim/ocfsim/ocf"
)

// A Device that dies of a request breaks no sentence of the seed that says so, and
// every one that says what has to become of the request (docs/adr/0063).

// DiedOf begins the Reason of a finding that says that the Device died of a request.
const DiedOf = "the Device died of "

// fall is a request after which the Device was silent.
type fall struct {
	request int  // the Observation
	lost    int  // the one that says that no answer came
	whole   bool // something else went unanswered as well, or nobody listens any more
	revived bool // the Device was restarted before it answered anything
	excused bool // there is another reason for the silence
	back    bool // the Device has answered since
}

// falls are the requests at which the Device, which had answered before, fell
// silent: of those that went unanswered in a row, the first.
func falls(tl conformance.Timeline) []fall {
	var all []fall
	heard, down := false, false
	for i := range tl.Observations {
		o := &tl.Observations[i]
		switch {
		case o.Kind == conformance.Response || o.Kind == conformance.Notification:
			heard = true
			if n := len(all); n > 0 {
				all[n-1].back = true
			}
			down = false
		case down && o.Restarted():
			all[len(all)-1].revived = true
		case o.For == nil || o.Gone() || !tl.Unanswered(i):
		case down:
			all[len(all)-1].whole = true
		case heard:
			all = append(all, fall{request: *o.For, lost: i, whole: o.Closes(), excused: o.Text == conformance.GivenUp || mayRestart(tl, *o.For)})
			down = true
		}
	}
	return all
}

// death finds the request that the Device died of in tl, and the requirement that
// this breaks. ok is false where there is none. The Device died of a request if it
// fell silent at it twice, the second time at least until it was restarted; or if
// the port closed on it for good, and neither a restart, nor an update, nor what a
// hook did in between explains that.
func death(tl conformance.Timeline) (id string, f conformance.Finding, ok bool) {
	tl = tl.Kept() // what the Device sent afterwards is not known
	all := falls(tl)
	for i, x := range all {
		for _, y := range all[i+1:] {
			if x.whole && (y.whole || y.revived) && !x.excused && same(tl, x.request, y.request) {
				return breaks(tl, x.request), died(tl, y, "no answer, and silence; the same again when it was repeated after a restart"), true
			}
		}
	}
	if n := len(all) - 1; n >= 0 && !all[n].back && !all[n].excused && tl.Observations[all[n].lost].Closes() && undisturbed(tl, all[n].request) {
		return breaks(tl, all[n].request), died(tl, all[n], "no answer, and nobody listens at the port since"), true
	}
	if x, ok := restarts(tl); ok {
		return breaks(tl, x.request), died(tl, x, fmt.Sprintf("no answer, and the session forgotten; the same %d times in a row", conformance.Restarts)), true
	}
	return "", f, false
}

// restarts finds a request at which the Device restarted each time, and was back
// before a Client gave it up: no answer, and a session that it no longer knew, while
// it takes new ones. That a network lost as much would show elsewhere.
func restarts(tl conformance.Timeline) (first fall, ok bool) {
	var row []fall
	for i := range tl.Observations {
		o := &tl.Observations[i]
		switch {
		case o.Kind == conformance.Response && o.For != nil && len(row) > 0 && same(tl, *o.For, row[0].request):
			row = nil
		case !o.Forgets() || o.For == nil || !tl.Unanswered(i) || mayRestart(tl, *o.For) || moves(&tl.Observations[*o.For]):
		case len(row) > 0 && !same(tl, row[0].request, *o.For):
			row = []fall{{request: *o.For, lost: i}}
		default:
			row = append(row, fall{request: *o.For, lost: i})
		}
		if len(row) == conformance.Restarts {
			return row[0], !tl.Lossy()
		}
	}
	return first, false
}

// moves reports whether o writes dos, at which a Device may end its sessions.
func moves(o *conformance.Observation) bool {
	return written(o).Set.Has(ocf.PropDOS)
}

// grave remembers that the Device died of a request and has not answered since.
type grave struct{ why string }

// after says why run, which follows on others, could not be: the Device had died
// before and answered nothing. "" where that is not why.
func (g *grave) after(run conformance.ScenarioRun) (why string) {
	answered := slices.ContainsFunc(run.Timeline.Observations, func(o conformance.Observation) bool {
		return o.Kind == conformance.Response || o.Kind == conformance.Notification
	})
	if answered {
		g.why = ""
	}
	if g.why != "" && run.Skipped == "" {
		return g.why
	}
	if all := falls(run.Timeline.Kept()); len(all) > 0 && !all[len(all)-1].back {
		if _, f, ok := death(run.Timeline); ok {
			g.why = "not testable: " + f.Reason + ", in " + run.ID + ", and stays away"
		}
	}
	return ""
}

// same reports whether two requests are alike.
func same(tl conformance.Timeline, a, b int) bool {
	x, y := &tl.Observations[a], &tl.Observations[b]
	return x.Frame != nil && y.Frame != nil && x.Client == y.Client && x.Frame.Code == y.Frame.Code &&
		x.Frame.Path == y.Frame.Path && x.Frame.Query == y.Frame.Query && bytes.Equal(x.Frame.Payload, y.Frame.Payload) &&
		(x.Frame.Observe == nil) == (y.Frame.Observe == nil)
}

// mayRestart reports whether the Device has a reason to be away from request n on:
// it was restarted, or an update was asked for that restarts it.
func mayRestart(tl conformance.Timeline, n int) bool {
	target := tl.Header.Target
	for i := range tl.Observations[:n+1] {
		o := &tl.Observations[i]
		switch {
		case o.Restarted():
			if tl.Observations[n].At-o.At <= target.Timing.Reboot {
				return true
			}
		case o.Kind == conformance.Request && target.Update.Reboots && asks(o).Has(ocf.SSU):
			return true
		}
	}
	return target.Supports.Autonomous && target.Update.Reboots
}

// undisturbed reports whether the Device has answered since its surroundings were
// last asked for anything before request n: a hook may switch it off, too.
func undisturbed(tl conformance.Timeline, n int) bool {
	refused := "" // the condition that nobody brought about
	for i := n; i >= 0; i-- {
		switch o := &tl.Observations[i]; {
		case o.Kind == conformance.Response:
			return true
		case o.Kind == conformance.Condition && (o.Outcome == conformance.Unsupported || o.Outcome == conformance.Learned):
			refused = o.Name
		case o.Kind == conformance.Condition && o.Name == refused && o.Outcome == conformance.Asked: // its beginning
			refused = ""
		case o.Kind == conformance.Condition || o.Kind == conformance.Source:
			return false
		}
	}
	return false
}

// asks are the processes that a write of pstat asks for.
func asks(o *conformance.Observation) ocf.DPM {
	if o.Frame == nil || o.Frame.Code != conformance.MethodPOST {
		return 0
	}
	return written(o).TM & (ocf.SVV | ocf.SSU)
}

// written is what o writes to pstat: nothing where it is no write of it, or can't be read.
func written(o *conformance.Observation) (u ocf.PstatUpdate) {
	if o.Frame != nil && o.Frame.Path == ocf.PathPstat {
		u, _ = ocf.DecodePstatUpdate(o.Frame.Payload)
	}
	return u
}

// breaks is the requirement that says what has to become of request n, or DPM-1 where
// the target is not judged by that one: whatever a Client writes, the Device answers.
func breaks(tl conformance.Timeline, n int) string {
	id := callsUpon(tl, n)
	for q := range judge.Each() {
		if q.ID == id && q.Excluded(tl.Header.Target) != "" {
			return "DPM-1"
		}
	}
	return id
}

// callsUpon is the requirement that says what has to become of request n: a check or
// an update is begun, where the Client may ask for it; what is no request is refused
// and changes nothing; pstat can be observed, and read.
func callsUpon(tl conformance.Timeline, n int) string {
	o := &tl.Observations[n]
	bits, may := asks(o), conformance.MayWrite(o.Client)
	switch {
	case o.Frame.Code == conformance.MethodGET && o.Frame.Observe != nil:
		return "OBS-1"
	case o.Frame.Code == conformance.MethodGET:
		return "DPM-13"
	case bits.Has(ocf.SVV) && may:
		return "SVV-1"
	case bits.Has(ocf.SVV):
		return "SVV-3"
	case bits.Has(ocf.SSU) && may:
		return "SSU-1"
	case bits.Has(ocf.SSU):
		return "SSU-3"
	}
	return "DPM-1"
}

// died is the finding of x.
func died(tl conformance.Timeline, x fall, got string) conformance.Finding {
	o := &tl.Observations[x.request]
	what := fmt.Sprintf("%s %s", o.Frame.Code, o.Frame.Path)
	if len(o.Frame.Payload) > 0 {
		what += fmt.Sprintf(" with the payload %.64x", []byte(o.Frame.Payload))
	}
	if step := stepOf(tl, x.request); step != "" {
		what += fmt.Sprintf(" (%s)", step)
	}
	return conformance.Finding{
		Verdict: conformance.Fail, Want: "an answer, whatever it is", Got: got, Reason: DiedOf + what,
		AtS: tl.Observations[x.lost].At.Seconds(), Witness: x.lost, Request: x.request,
	}
}
