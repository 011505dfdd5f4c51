package client

import (
	"fmt"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

// Rule is one sentence that Clients are judged by. Each stands in a file that is named for
// its id.
type Rule struct {
	ID       string
	Says     string              // the sentence in short
	Clause   string              // the sentence: quoted from the seed, told of an RFC
	Source   string              // where it stands: "RFC 7252 section 4.4", "seed.txt 58-59"
	Level    judge.Level         // what the sentence demands
	Severity conformance.Verdict // what a breach yields: Fail of a duty, Warn of a recommendation
	Pass     string              // what has to be seen for each verdict
	Fail     string
	Open     string // what is inconclusive; "" for nothing
	Silent   string // when nothing is concluded: not-applicable

	judge func(*story) []conformance.Finding
}

// Rules are all rules, those of the seed first. The slice is the caller's.
func Rules() []Rule {
	return []Rule{
		use1(), dos2(),
		write1(), write2(), write3(), write4(),
		answer1(), answer2(),
		watch1(), watch2(), watch3(), watch4(),
		msg1(), msg2(), msg3(), msg4(), msg5(), msg6(), msg7(), msg8(), msg9(), msg10(), msg11(), msg12(),
		sec1(), sec2(), sec3(),
	}
}

// All judges tl by every rule; the key is the id. A Finding whose verdict is None says
// that the Client did nothing that the rule speaks of.
func All(tl conformance.Timeline) map[string]conformance.Finding {
	s := tell(tl)
	findings := map[string]conformance.Finding{}
	for _, r := range Rules() {
		findings[r.ID] = r.conclude(s)
	}
	return findings
}

// conclude is the gravest of what r finds, and of several that are equally grave the
// first.
func (r Rule) conclude(s *story) conformance.Finding {
	worst := conformance.Finding{Witness: -1}
	for _, f := range r.judge(s) {
		switch strict := s.tl.Header.Target.Policy.Strict; {
		case strict && f.Verdict == conformance.Warn:
			f.Verdict = conformance.Fail
		case !strict && f.Verdict == conformance.Fail:
			f.Verdict = r.Severity
		}
		if conformance.Worst(worst.Verdict, f.Verdict) != worst.Verdict {
			worst = f
		}
	}
	worst.Scenario = s.tl.Header.Scenario
	if worst.Witness >= 0 {
		worst.AtS = s.tl.Observations[worst.Witness].At.Seconds()
	}
	return worst
}

// kept says that the entry n shows the rule kept.
func kept(n int) conformance.Finding {
	return conformance.Finding{Verdict: conformance.Pass, Witness: n}
}

// broken says that the entry n shows the rule broken.
func broken(n int, want, got string, args ...any) conformance.Finding {
	return conformance.Finding{Verdict: conformance.Fail, Witness: n, Want: want, Reason: fmt.Sprintf(got, args...)}
}

// open says that the entry n leaves open whether the rule was kept.
func open(n int, reason string, args ...any) conformance.Finding {
	return conformance.Finding{Verdict: conformance.Inconclusive, Witness: n, Reason: fmt.Sprintf(reason, args...)}
}
