package conformance

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"slices"
	"testing"
)

// many is how many random Timelines are judged twice; 20,000 take some minutes.
var many = flag.Int("worlds", 200, "random Timelines that are judged twice")

// Both judges agree. What the slow one fails the other does not pass, unless on
// another occasion of the same Timeline; and most of what the other fails, the
// slow one can't explain either. The other differences are counted with the
// rule that they are by: -v shows them.
func TestBothJudgesAgree(t *testing.T) {
	judges := slowJudges()
	ids := slices.Sorted(maps.Keys(judges))
	counts, fails, confirmed := map[string]int{}, 0, 0
	for seed := range uint64(*many) {
		tl, life, net := timelineOf(seed, seed%8 != 0)
		if tl.Header.Target.Supports.Autonomous {
			continue // then nothing is known of why a bit rises
		}
		r, fast := annalsOf(tl), JudgeAll(tl)
		for _, id := range ids {
			slow, f := judges[id](r), fast[id]
			counts[fmt.Sprintf("%-6s %-12s slow: %-12s %s", id, cmp.Or(f.Verdict, "none"), cmp.Or(slow, "none"), differs(slow, f.Verdict))]++
			if slow == Fail && f.Verdict == Pass && r.occasions() <= 1 {
				t.Errorf("seed %d: %s is %q (%s), slowly judged %q\n%+v %+v", seed, id, f.Verdict, f.Reason, slow, life, net)
			}
			if slow == Fail && life.bug == "" && net.loses+net.late == 0 {
				t.Errorf("seed %d: a compliant Device fails %s, slowly judged\n%+v %+v", seed, id, life, net)
			}
			if f.Verdict == Fail {
				fails++
				if slow != None {
					confirmed++
				}
			}
		}
	}
	for _, k := range slices.Sorted(maps.Keys(counts)) {
		t.Log(k, counts[k])
	}
	t.Logf("%d of %d fails can't be explained by the slow judge either", confirmed, fails)
	if confirmed*3 < fails*2 {
		t.Errorf("the slow judge explains %d of %d fails", fails-confirmed, fails)
	}
}

// differs says why the verdicts slow and fast differ. The slow judge says None
// or Fail, and Inconclusive where something is wrong of which it can't tell what.
func differs(slow, fast Verdict) string {
	switch {
	case (slow == Fail) == (fast == Fail):
		return ""
	case slow == Fail && fast == Pass:
		return "the witness is of another occasion"
	case slow == Fail:
		return "the judge looks at plain occasions only: undisturbed, held, seen by a GET at the end"
	case slow == Inconclusive:
		return "more than one thing is wrong"
	}
	return "the slow judge lets more go on unseen: a process behind a 0 that was written, a late request, a restart"
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
