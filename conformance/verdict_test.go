package conformance

import "testing"

// TestTheWorstVerdictWins: from none to error, each yields to all behind it.
func TestTheWorstVerdictWins(t *testing.T) {
	order := []Verdict{None, NotApplicable, Pass, Warn, Waived, Inconclusive, Fail, Error}
	for i, a := range order {
		for j, b := range order {
			if got, want := Worst(a, b), order[max(i, j)]; got != want {
				t.Errorf("of %q and %q: %q, want %q", a, b, got, want)
			}
		}
	}
}

// TestOneWitnessSuffices: among the occasions of one Timeline a pass outweighs
// what stayed open, and a breach outweighs a pass.
func TestOneWitnessSuffices(t *testing.T) {
	order := []Verdict{None, Inconclusive, NotApplicable, Pass, Warn, Fail, Error}
	for i, a := range order {
		for j, b := range order {
			s := &story{}
			r := rule(func(*story) []Finding { return []Finding{{Verdict: a, Witness: -1}, {Verdict: b, Witness: -1}} })
			if got, want := r.conclude(s).Verdict, order[max(i, j)]; got != want {
				t.Errorf("of %q and %q: %q, want %q", a, b, got, want)
			}
		}
	}
}

func TestExitCodes(t *testing.T) {
	for v, want := range map[Verdict]int{
		Pass: 0, Warn: 0, Fail: 1, Inconclusive: 3, Error: 4, None: 4, NotApplicable: 4, Waived: 0,
	} {
		if got := (Report{Verdict: v}).ExitCode(); got != want {
			t.Errorf("%q: exit %d, want %d", v, got, want)
		}
	}
}

func TestClassesOfCodes(t *testing.T) {
	for code, want := range map[string][3]bool{
		"2.05": {true, false, false}, "4.01": {false, true, false}, "5.03": {false, false, true},
		"2.0": {}, "2.055": {}, "": {}, "GET": {}, "POST": {}, "3.01": {}, "4": {},
	} {
		if got := [3]bool{success(code), refusal(code), fault(code)}; got != want {
			t.Errorf("%q: %v, want %v", code, got, want)
		}
	}
}
