package judge

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
)

// many is how many random Timelines are judged twice; 20,000 take some minutes.
var many = flag.Int("worlds", 200, "random Timelines that are judged twice")

// Both judges agree. What the slow one fails the other does not pass, unless on
// another occasion of the same Timeline. What the other fails, the slow one can't
// explain either: that holds without exception as long as nothing lets it guess
// (see guesses), and of 24 in 25 in all. The other differences are counted with
// the rule that they are by: -v shows them.
func TestBothJudgesAgree(t *testing.T) {
	judges := slowJudges()
	ids := slices.Sorted(maps.Keys(judges))
	counts, fails, explained := map[string]int{}, 0, map[string]int{}
	for seed := range uint64(*many) {
		tl, life, net := timelineOf(seed, seed%8 != 0)
		if tl.Header.Target.Supports.Autonomous {
			continue // then nothing is known of why a bit rises
		}
		r, fast := annalsOf(tl), All(tl)
		for _, id := range ids {
			slow, f := judges[id](r), fast[id]
			counts[fmt.Sprintf("%-6s %-12s slow: %-12s %s", id, cmp.Or(f.Verdict, "none"), cmp.Or(slow, "none"), differs(slow, f.Verdict))]++
			if slow == conformance.Fail && f.Verdict == conformance.Pass && r.occasions() <= 1 {
				t.Errorf("seed %d: %s is %q (%s), slowly judged %q\n%+v %+v", seed, id, f.Verdict, f.Reason, slow, life, net)
			}
			if slow == conformance.Fail && life.bug == "" && net.loses+net.late == 0 {
				t.Errorf("seed %d: a compliant Device fails %s, slowly judged\n%+v %+v", seed, id, life, net)
			}
			if f.Verdict != conformance.Fail {
				continue
			}
			fails++
			if slow == conformance.None {
				why := r.guesses(f.Witness)
				explained[why]++
				if why == "" {
					t.Errorf("seed %d: %s fails (%s), and the slow judge explains it", seed, id, f.Reason)
				}
			}
		}
	}
	for _, k := range slices.Sorted(maps.Keys(counts)) {
		t.Log(k, counts[k])
	}
	all := 0
	for _, why := range slices.Sorted(maps.Keys(explained)) {
		t.Logf("%d fails are explained by %s", explained[why], why)
		all += explained[why]
	}
	t.Logf("%d of %d fails can't be explained by the slow judge either", fails-all, fails)
	if all > 2+fails/25 {
		t.Errorf("the slow judge explains %d of %d fails", all, fails)
	}
}

// guesses says what before entry n lets the slow judge guess that a process
// ran which nobody saw, "" for nothing.
func (r *annals) guesses(n int) string {
	crowded, asked, over := false, false, r.over()
	silent, unreported := false, false // the source, since a request; at the next one
	for i, o := range r.tl.Observations[:n+1] {
		switch {
		case o.Kind == conformance.Lost:
			return "a request without an answer, which may be late"
		case o.Kind == conformance.Condition && o.Name == conformance.Reboot:
			return "a restart, after which a Device may go on or begin again"
		case o.Kind == conformance.Source:
			silent = false
		case over[i]:
			asked = false
		}
		for _, w := range r.writes() {
			if w.n == i && w.effects {
				crowded = crowded || asked
				asked = asked || w.tm&bothBits != 0
				unreported = unreported || silent && w.tm&bothBits != 0
				silent = silent || w.tm&bothBits != 0
			}
		}
	}
	if crowded {
		return "a write that came before what was requested before was seen to be over"
	}
	if unreported {
		return "a source that did not report between two requests"
	}
	return ""
}

// differs says why the verdicts slow and fast differ. The slow judge says None
// or Fail, and Inconclusive where something is wrong of which it can't tell what.
func differs(slow, fast conformance.Verdict) string {
	switch {
	case (slow == conformance.Fail) == (fast == conformance.Fail):
		return ""
	case slow == conformance.Fail && fast == conformance.Pass:
		return "the witness is of another occasion"
	case slow == conformance.Fail:
		return "the judge looks at plain occasions only: undisturbed, held, seen by a GET at the end"
	case slow == conformance.Inconclusive:
		return "more than one thing is wrong, or which cannot be told"
	}
	return "the slow judge lets more go on unseen"
}

// occasions counts the requests for a process.
func (r *annals) occasions() int {
	n := 0
	for _, w := range r.writes() {
		if w.tm&bothBits != 0 && w.effects {
			n++
		}
	}
	return n
}
