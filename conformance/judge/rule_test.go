package judge

import (
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// TestABreachIsLowered: what lowers a breach leaves every other verdict as it is.
func TestABreachIsLowered(t *testing.T) {
	for v, want := range map[conformance.Verdict]struct{ warned, alone conformance.Verdict }{
		conformance.None:         {conformance.None, conformance.None},
		conformance.Pass:         {conformance.Pass, conformance.Pass},
		conformance.Warn:         {conformance.Warn, conformance.Warn},
		conformance.Fail:         {conformance.Warn, conformance.Inconclusive},
		conformance.Inconclusive: {conformance.Inconclusive, conformance.Inconclusive},
	} {
		f := conformance.Finding{Verdict: v, Reason: "r"}
		if got := warned(f).Verdict; got != want.warned {
			t.Errorf("%q warned: %q, want %q", v, got, want.warned)
		}
		if got := (&story{alone: true}).unlessOwn(f); got.Verdict != want.alone || (got.Reason != "r") != (v == conformance.Fail) {
			t.Errorf("%q, with processes of its own: %+v, want %q", v, got, want.alone)
		}
		if got := (&story{}).unlessOwn(f); got != f {
			t.Errorf("%q, with none: %+v", v, got)
		}
	}
}

// TestWhatIsConcluded: of equals the first, a breach that was seen before one
// that was not, and the time of the witness where there is one.
func TestWhatIsConcluded(t *testing.T) {
	s := &story{tl: conformance.Timeline{Observations: []conformance.Observation{{At: 5 * time.Second}, {At: 7 * time.Second}}}}
	for name, c := range map[string]struct {
		of   []conformance.Finding
		want conformance.Finding
	}{
		"nothing":       {nil, conformance.Finding{Witness: -1}},
		"no witness":    {[]conformance.Finding{{Verdict: conformance.Pass, Witness: -1}}, conformance.Finding{Verdict: conformance.Pass, Witness: -1}},
		"the first":     {[]conformance.Finding{{Verdict: conformance.Pass}, {Verdict: conformance.Pass, Witness: 1}}, conformance.Finding{Verdict: conformance.Pass, AtS: 5}},
		"the worse":     {[]conformance.Finding{{Verdict: conformance.Pass}, {Verdict: conformance.Fail, Witness: 1}}, conformance.Finding{Verdict: conformance.Fail, Witness: 1, AtS: 7}},
		"the seen":      {[]conformance.Finding{{Verdict: conformance.Fail, Silent: true}, {Verdict: conformance.Fail, Witness: 1}}, conformance.Finding{Verdict: conformance.Fail, Witness: 1, AtS: 7}},
		"the seen one":  {[]conformance.Finding{{Verdict: conformance.Fail}, {Verdict: conformance.Fail, Witness: 1, Silent: true}}, conformance.Finding{Verdict: conformance.Fail, AtS: 5}},
		"the worst yet": {[]conformance.Finding{{Verdict: conformance.Fail, Silent: true}, {Verdict: conformance.Pass, Witness: 1}}, conformance.Finding{Verdict: conformance.Fail, Silent: true, AtS: 5}},
	} {
		if got := rule(func(*story) []conformance.Finding { return c.of }).conclude(s); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// TestWhatAWriteIs: the result that it writes, whether it is odd, and what it asks for.
func TestWhatAWriteIs(t *testing.T) {
	for body, want := range map[string]struct {
		result, asks ocf.DPM
		odd, value   bool
	}{
		"tm=V":                       {asks: ocf.SVV},
		"tm=V+U":                     {asks: bothBits},
		"tm=-":                       {},
		"cm=V":                       {result: ocf.SVV},
		"cm=V+U":                     {result: bothBits},
		"cm=U":                       {result: ocf.SSU},
		"cm=-":                       {},
		"cm=0x104":                   {},
		"tm=V cm=U":                  {asks: ocf.SVV},
		"tm=- cm=U":                  {result: ocf.SSU},
		"dos=RFPRO cm=U":             {result: ocf.SSU},
		"dos=RFPRO":                  {},
		"isop=false":                 {},
		"hex:a162746d6156":           {odd: true, value: true}, // tm "V"
		"hex:a162746d20":             {odd: true, value: true}, // tm -1
		"hex:a162746d1a00010000":     {odd: true, value: true}, // tm 65536
		"hex:a262746d615662636d10":   {},                       // and cm 16
		"hex:a262746d615662746d6156": {},                       // twice
		"hex:a162636d6156":           {},                       // cm "V"
		"hex:a262636d1062636d10":     {},                       // cm twice
		"hex:a1617810":               {odd: true},              // x 16
		"hex:a0":                     {odd: true},              // nothing
		"hex:10":                     {odd: true},              // no map
		"hex:80":                     {odd: true},              // an array
	} {
		w := read(play(t, "get tm=- cm=- dos=RFNOP\npost "+body+" 2.04\n")).writes[0]
		if w.result() != want.result || w.asks() != want.asks || w.odd() != want.odd || w.oddValue() != want.value {
			t.Errorf("%s: result %v, asks %v, odd %v, value %v, want %+v", body, w.result(), w.asks(), w.odd(), w.oddValue(), want)
		}
	}
}

// TestOneWitnessSuffices: among the occasions of one Timeline a pass outweighs
// what stayed open, and a breach outweighs a pass.
func TestOneWitnessSuffices(t *testing.T) {
	order := []conformance.Verdict{conformance.None, conformance.Inconclusive, conformance.NotApplicable, conformance.Pass, conformance.Warn, conformance.Fail, conformance.Error}
	for i, a := range order {
		for j, b := range order {
			s := &story{}
			r := rule(func(*story) []conformance.Finding {
				return []conformance.Finding{{Verdict: a, Witness: -1}, {Verdict: b, Witness: -1}}
			})
			if got, want := r.conclude(s).Verdict, order[max(i, j)]; got != want {
				t.Errorf("of %q and %q: %q, want %q", a, b, got, want)
			}
		}
	}
}
