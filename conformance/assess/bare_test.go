package assess

import (
	"fmt"
	"slices"
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
)

// bared is tl with o in front of entry n. o has no frame and belongs to no request: so may
// what others recorded.
func bared(tl conformance.Timeline, n int, o conformance.Observation) conformance.Timeline {
	tl.Observations = slices.Insert(slices.Clone(tl.Observations), n, o)
	for i := range tl.Observations {
		x := &tl.Observations[i]
		if x.N = i; x.For != nil && *x.For >= n {
			later := *x.For + 1
			x.For = &later
		}
	}
	return tl
}

// TestBareEntriesTellNothing: an entry without a frame and without a request is passed over,
// wherever it stands.
func TestBareEntriesTellNothing(t *testing.T) {
	const get, write = "get tm=- cm=- dos=RFNOP\n", "post tm=V lost\n"
	for _, script := range []string{
		get + "post tm=V 2.04\nget tm=V cm=- dos=RFNOP\nsleep 1s\nget tm=- cm=V dos=RFNOP\nreboot\nget tm=- cm=V dos=RFNOP",
		get + write + "get lost\nreboot\n" + get + write + "get lost",
		get + "post tm=V gone\npost tm=V gone\npost tm=V gone\n" + get,
		"post dos=RFPRO gone\npost dos=RFPRO gone\n" + get,
	} {
		tl := play(t, script)
		want := told(tl)
		for _, kind := range []conformance.Kind{conformance.Request, conformance.Lost, conformance.Message, conformance.Condition, conformance.Note, conformance.Session} {
			for n := range tl.Observations {
				o := conformance.Observation{Kind: kind, At: tl.Observations[n].At}
				if kind == conformance.Lost {
					o.Text = conformance.Forgotten
				}
				if got := told(bared(tl, n, o)); got != want {
					t.Errorf("a bare %s at %d of\n%s\ngot  %s\nwant %s", kind, n, script, got, want)
				}
			}
		}
		for _, kind := range []conformance.Kind{conformance.Response, conformance.Notification} { // these are heard, and say nothing else
			for n := range tl.Observations {
				told(bared(tl, n, conformance.Observation{Kind: kind, At: tl.Observations[n].At}))
			}
		}
	}
}

// told is what is made of tl without its judges.
func told(tl conformance.Timeline) string {
	id, f, dead := death(tl)
	says := ""
	if m := (Run{Target: defaults, Scenarios: []conformance.ScenarioRun{{ID: "a", Timeline: tl}}}).measured(); m != nil {
		says = fmt.Sprint(m.Validation != nil, m.Update != nil, m.Settle != nil, m.Reboot != nil)
	}
	sent := 0
	for n := range tl.Observations {
		if AskedBy(tl, conformance.Finding{Witness: n}).N >= 0 {
			sent++
		}
	}
	return fmt.Sprintf("%s %s %v, measured %s, %v begun", id, f.Reason, dead, says, sent > 0)
}
