package conformance

import (
	"testing"
)

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

func TestClassesOfCodes(t *testing.T) {
	for code, want := range map[string][3]bool{
		"2.05": {true, false, false}, "4.01": {false, true, false}, "5.03": {false, false, true},
		"2.0": {}, "2.055": {}, "": {}, "GET": {}, "POST": {}, "3.01": {}, "4": {},
	} {
		if got := [3]bool{Success(code), Refusal(code), Fault(code)}; got != want {
			t.Errorf("%q: %v, want %v", code, got, want)
		}
	}
}
