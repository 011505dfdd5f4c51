package judge

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// walk is a way through an Automaton.
type walk []Edge

// walks are all ways of a compliant Device from a start, of at most n steps.
func (a Automaton) walks(n int) []walk {
	var all []walk
	var on func(at string, so walk)
	on = func(at string, so walk) {
		if len(so) > 0 {
			all = append(all, slices.Clone(so))
		}
		for _, e := range a.Edges {
			if e.From == at && len(e.Breach) == 0 && len(so) < n {
				on(e.To, append(slices.Clone(so), e))
			}
		}
	}
	for _, s := range a.Starts {
		on(s, nil)
	}
	return all
}

// look is how a state is seen.
type look int

const (
	notAtAll look = iota
	byGET
	byNotification
	byBoth
)

// scene writes a walk as a script: what a harness that holds the source, and
// looks as looks says, sends and sees.
type scene struct {
	a      Automaton
	b      strings.Builder
	number int
	asked  int
	held   bool
	at     CourseState
}

func (sc *scene) say(format string, args ...any) { fmt.Fprintf(&sc.b, format+"\n", args...) }

func (sc *scene) look(how look) {
	state := fmt.Sprintf("tm=%v cm=%v dos=RFNOP", sc.at.TM, sc.at.CM)
	if how == byNotification || how == byBoth {
		sc.number++
		sc.say("both %d %s", sc.number, state)
	}
	if how == byGET || how == byBoth {
		sc.say("sleep 105ms\nget %s", state)
	}
}

func (a Automaton) script(w walk, looks func(i int) look) string {
	sc := &scene{a: a, number: 10, held: true, at: a.stateNamed(w[0].From)}
	sc.say("begin tm=%v cm=%v dos=RFNOP", sc.at.TM, sc.at.CM)
	for i, e := range w {
		sc.step(e, w[i:])
		sc.at = a.stateNamed(e.To)
		sc.look(looks(i))
	}
	switch {
	case sc.held && sc.at.Name == "Lost":
		sc.say("release")
	case sc.held: // and the source goes on to withhold its answer
		sc.say("wait seen\nsleep 150ms\nget tm=%v cm=%v dos=RFNOP", sc.at.TM, sc.at.CM)
		return sc.b.String()
	}
	sc.say("end tm=%v cm=%v dos=RFNOP", sc.at.TM, sc.at.CM)
	return sc.b.String()
}

// step is what happens on e; rest are the steps from it on.
func (sc *scene) step(e Edge, rest walk) {
	bit := sc.a.Bit
	question := map[ocf.DPM]string{ocf.SVV: "checks", ocf.SSU: "fetches"}[bit]
	switch e.On {
	case Requested:
		offer := "update-available"
		answers := func(r Edge) bool { return r.On == Available || r.On == Nothing }
		if i := slices.IndexFunc(rest, answers); i >= 0 && rest[i].On == Nothing {
			offer = "no-update"
		}
		if !sc.held {
			sc.say("hold")
		}
		sc.asked++
		sc.held = true
		sc.say("%s\npost tm=%v 2.04\nsource %s=%d holding=1\nsleep 105ms", offer, bit, question, sc.asked)
	case Again:
		sc.say("post tm=%v 2.04", bit)
	case Zero:
		sc.say("post tm=- 2.04")
	case Available, Nothing:
		sc.release()
	case Late:
		sc.release()
		sc.say("sleep 6s")
	case GivesUp:
		sc.say("sleep %v", time.Second+defaults.Timing.Validation/2)
	case Idle:
		sc.say("sleep 105ms")
	}
}

func (sc *scene) release() {
	sc.held = false
	sc.say("release\nsource holding=0")
}

func courses() []Automaton { return []Automaton{AutomatonOf(ocf.SVV), AutomatonOf(ocf.SSU)} }

// spokenOf are the requirements that a speaks of.
func (a Automaton) spokenOf() []string {
	var ids []string
	for _, e := range a.Edges {
		ids = append(append(ids, e.Witness...), e.Breach...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Whatever way a compliant Device takes, and whichever of its states are seen
// and how, the judges of the requirements that the automaton speaks of fail none.
func TestNoWayThroughACourseFails(t *testing.T) {
	for _, a := range courses() {
		n := 0
		rng := rand.New(rand.NewPCG(1, 1))
		for _, w := range a.walks(5) {
			for range 2 {
				n++
				seen := make([]look, len(w))
				for i := range seen {
					seen[i] = look(rng.IntN(4))
				}
				text := a.script(w, func(i int) look { return seen[i] })
				all := All(play(t, text))
				for _, id := range a.spokenOf() {
					if f := all[id]; f.Verdict == conformance.Fail || f.Verdict == conformance.Warn {
						t.Fatalf("%s: %s: %s\n%s", id, f.Verdict, f.Reason, text)
					}
				}
			}
		}
		if n < 500 {
			t.Errorf("%s: %d Timelines only", a.Title, n)
		}
	}
}

// to is a shortest way of a compliant Device to a state, through from where that is given.
func (a Automaton) to(e Edge) []walk {
	var all []walk
	for _, w := range append(a.walks(4), walk{}) {
		if len(w) == 0 && slices.Contains(a.Starts, e.From) || len(w) > 0 && w[len(w)-1].To == e.From {
			all = append(all, append(slices.Clone(w), e))
		}
	}
	slices.SortStableFunc(all, func(v, w walk) int { return len(v) - len(w) })
	return all
}

// rests are the ways on from w until the process is over, so that its end is seen.
func (a Automaton) rests(w walk) walk {
	for range 3 {
		last := w[len(w)-1]
		if s := a.stateNamed(last.To); !s.TM.Has(a.Bit) || len(last.Breach) > 0 {
			return w
		}
		for _, e := range a.Edges {
			if e.From == last.To && len(e.Breach) == 0 && (e.On == Available || e.On == Completes) {
				w = append(w, e)
				break
			}
		}
	}
	return w
}

// Every step that is a breach, looked at, is judged a breach by each of the
// requirements that it names, and a witness is judged one.
func TestStepsAreJudgedAsTheCourseSays(t *testing.T) {
	for _, a := range courses() {
		for _, e := range a.Edges {
			for _, id := range append(slices.Clone(e.Witness), e.Breach...) {
				want := []conformance.Verdict{conformance.Pass}
				if len(e.Breach) > 0 {
					want = []conformance.Verdict{conformance.Fail, conformance.Warn}
				}
				found, text, reason := false, "", ""
				for _, w := range a.to(e) {
					text = a.script(a.rests(w), func(int) look { return byBoth })
					f := All(play(t, text))[id]
					reason = fmt.Sprintf("%q: %s", f.Verdict, f.Reason)
					if found = slices.Contains(want, f.Verdict); found {
						break
					}
				}
				if !found {
					t.Errorf("%s --> %s on %q: want %v of %s, last %s\n%s", e.From, e.To, e.On, want, id, reason, text)
				}
			}
		}
	}
}

func TestAPictureShowsWhatItIsOf(t *testing.T) {
	got := AutomatonOf(ocf.SVV).Mermaid("SVV-4")
	for _, want := range []string{"Found --> Pending: request ✓\n", "Found --> Kept: request ✗\n", "Kept: Kept<br/>tm=V cm=V\n", "[*] --> None\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "Lost") {
		t.Errorf("a breach of another requirement is shown:\n%s", got)
	}
}
