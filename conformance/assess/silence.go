package assess

import (
	"fmt"

	"github.com/ocfsim/ocfsim/conformance"
)

// A notification is one datagram, and nobody sends it again: that it was not
// seen is no proof that it was not sent. A Finding says of itself where it
// rests on such silence alone, and is Fail in the report only where the silence
// came back each time that the scenario was run again.

const (
	// silences is how many attempts in a row have to be silent at the same point.
	silences = 3
	// Most is how many they have to be where a process of the Device's own would explain it:
	// a Device that is often at work begins one in three attempts in a row sooner than the
	// network loses the same datagram three times (docs/adr/0184). Nothing is attempted more often to see
	// whether it comes back.
	Most = 5
)

// enough is how many attempts in a row have to have the breach f.
func enough(f conformance.Finding) int {
	if f.Alone {
		return Most
	}
	return silences
}

// Doubtful reports whether the last attempt at a scenario has a breach that
// rests on silence alone and was not repeated often enough to stand: another
// attempt would tell. What the judges make of the attempts is for memory, which may be nil.
func Doubtful(attempts []conformance.ScenarioRun, memory *Memory) bool {
	last := len(attempts) - 1
	r := Run{Edition: attempts[last].Timeline.Header.Edition, Scenarios: attempts, Memory: memory}
	if last == 0 && !memory.silent(attempts[0].Timeline, r.known()) {
		return false
	}
	judged, _ := r.findings()
	for key := range judged[last] {
		if f := judged[last][key]; f.Silent && f.Verdict == conformance.Fail && trailing(judged, key) < enough(f) {
			return true
		}
	}
	return false
}

// trailing counts the attempts at the end that have a breach under key.
func trailing(judged []map[string]conformance.Finding, key string) int {
	n := 0
	for i := len(judged) - 1; i >= 0 && judged[i][key].Verdict == conformance.Fail; i-- {
		n++
	}
	return n
}

// corroborate leaves open what rests on silence in attempts at a scenario and
// was not repeated.
func (r Run) corroborate(judged []map[string]conformance.Finding) {
	byScenario := map[string][]map[string]conformance.Finding{}
	for i, run := range r.Scenarios {
		byScenario[run.ID] = append(byScenario[run.ID], judged[i])
	}
	for _, attempts := range byScenario {
		corroborate(attempts)
	}
}

func corroborate(attempts []map[string]conformance.Finding) {
	stands := map[string]bool{}
	for n := range attempts {
		for key, f := range attempts[n] {
			if f.Verdict == conformance.Fail && (!f.Silent || trailing(attempts[:n+1], key) >= enough(f)) {
				stands[key] = true
			}
		}
	}
	for _, findings := range attempts {
		for key, f := range findings {
			if f.Verdict == conformance.Fail && !stands[key] {
				findings[key] = notRepeated(f, len(attempts)-1)
			}
		}
	}
}

// notRepeated leaves f open: it rests on a silence that did not come back in so many
// further attempts.
func notRepeated(f conformance.Finding, further int) conformance.Finding {
	f.Verdict = conformance.Inconclusive
	switch {
	case f.Alone:
		f.Reason += fmt.Sprintf("; a process of the Device's own may have begun just then: fewer than %d attempts in a row have it", Most)
	case further == 0:
		f.Reason += "; one datagram may have been lost: the scenario was run once"
	case further == 1:
		f.Reason += "; one datagram may have been lost: not repeated in 1 further attempt"
	default:
		f.Reason += fmt.Sprintf("; one datagram may have been lost: not repeated in %d further attempts", further)
	}
	return f
}
