package assess

import (
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// Asked says what the Device had been asked to do when it showed what a Finding is
// about, by whom, and in which step of the scenario.
type Asked struct {
	N      int    // the Observation: a request, a refused session or a condition; -1 for none
	Answer int    // the Observation that answers the request, or says that no answer came; -1 for none
	Step   string // the sentence in which it was done, with its word: "Given a check is pending"; "" outside of all
	Client string // who asked; "" where no Client did
}

// AskedBy finds what f, a Finding on tl, is about: the request that the judge names
// or, if the judge names none, the last write to pstat before the deciding
// Observation. Where nobody had written to pstat it is the condition that had the
// Device begin a process or restart, else the last write to another resource.
func AskedBy(tl conformance.Timeline, f conformance.Finding) Asked {
	n := subject(tl, f)
	if n < 0 {
		return Asked{N: -1, Answer: -1, Step: firstStep(tl, "When ")}
	}
	o := &tl.Observations[n]
	return Asked{N: n, Answer: AnswerTo(tl, n), Step: stepOf(tl, n), Client: o.Client}
}

// subject is the Observation that f is about, -1 for none.
func subject(tl conformance.Timeline, f conformance.Finding) int {
	if f.Request > 0 && f.Request < len(tl.Observations) {
		return f.Request
	}
	upto := f.Witness
	if upto < 0 || upto >= len(tl.Observations) { // nothing decided: what the scenario did until it looked back
		upto = looksBack(tl)
	}
	if upto < 0 {
		return -1
	}
	if o := &tl.Observations[upto]; (o.Kind == conformance.Response || o.Kind == conformance.Lost) && o.For != nil && writesPstat(tl, *o.For) {
		return *o.For // another Client may have written meanwhile
	}
	pstat, begun, other := -1, -1, -1
	for i := range tl.Observations[:upto+1] {
		switch o := &tl.Observations[i]; {
		case writesPstat(tl, i):
			pstat, begun = i, -1
		case o.Outcome == conformance.Asked && stirs(o.Name) && tl.Arranges(i):
			begun = i
		case o.Kind == conformance.Request && o.Frame != nil && o.Frame.Code != conformance.MethodGET:
			other = i
		}
	}
	switch {
	case begun >= 0 && (pstat < 0 || begins(tl.Observations[begun].Name)):
		return begun
	case pstat >= 0:
		return pstat
	}
	return other
}

// looksBack is the last Observation before the first Then of the scenario.
func looksBack(tl conformance.Timeline) int {
	for i := range tl.Observations {
		if o := &tl.Observations[i]; o.Kind == conformance.Step && strings.HasPrefix(o.Text, "Then ") {
			return i - 1
		}
	}
	return len(tl.Observations) - 1
}

// writesPstat reports whether Observation n is a request that may change pstat.
func writesPstat(tl conformance.Timeline, n int) bool {
	o := &tl.Observations[n]
	return o.Kind == conformance.Request && o.Frame != nil && o.Frame.Path == ocf.PathPstat && o.Frame.Code != conformance.MethodGET
}

// begins reports whether a condition has the Device begin a process by itself.
func begins(name string) bool {
	return name == conformance.AutonomousValidation || name == conformance.AutonomousUpdate
}

// stirs reports whether a condition has the Device do anything by itself.
func stirs(name string) bool {
	return begins(name) || name == conformance.Reboot || name == conformance.FactoryReset
}

// AnswerTo is the answer to request n, or the Observation that says that none came;
// -1 if there is neither.
func AnswerTo(tl conformance.Timeline, n int) int {
	for i := range tl.Observations {
		o := &tl.Observations[i]
		if (o.Kind == conformance.Response || o.Kind == conformance.Lost) && o.For != nil && *o.For == n {
			return i
		}
	}
	return -1
}

// stepOf is the sentence in which Observation n was made.
func stepOf(tl conformance.Timeline, n int) string {
	for i := n; i >= 0; i-- {
		if o := &tl.Observations[i]; o.Kind == conformance.Step {
			return o.Text
		}
	}
	return ""
}

// firstStep is the first sentence that begins with word.
func firstStep(tl conformance.Timeline, word string) string {
	for i := range tl.Observations {
		if o := &tl.Observations[i]; o.Kind == conformance.Step && strings.HasPrefix(o.Text, word) {
			return o.Text
		}
	}
	return ""
}
