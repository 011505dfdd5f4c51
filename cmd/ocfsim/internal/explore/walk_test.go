package explore

import (
	"bytes"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
	"github.com/ocfsim/ocfsim/conformance/steps"
)

// everything is a target that supports all that a walk can do.
func everything() conformance.Profile {
	return conformance.Profile{
		Secured: true, Owning: "justworks",
		Supports: conformance.Supports{Validation: true, Update: true, Autonomous: true},
	}
}

func drawn(n int) []Walk {
	g := generator{seed: 7, length: 12, profile: everything(), missing: map[string]bool{}}
	var walks []Walk
	for i := range n {
		walks = append(walks, g.walk(i))
	}
	return walks
}

func TestTheSameSeedDrawsTheSameWalks(t *testing.T) {
	if a, b := drawn(50), drawn(50); !reflect.DeepEqual(a, b) {
		t.Error("two draws of one seed differ")
	}
	a := generator{seed: 1, length: 12, profile: everything()}
	b := generator{seed: 2, length: 12, profile: everything()}
	if a.walk(1).key() == b.walk(1).key() || a.walk(1).key() == a.walk(2).key() {
		t.Error("another seed or number draws the same walk")
	}
}

// TestEveryStimulusIsDrawn checks that every sentence is drawn, with each of its values.
func TestEveryStimulusIsDrawn(t *testing.T) {
	all := drawn(20000)
	used := map[string]bool{}
	for _, w := range all {
		if len(w.Whens) == 0 || len(w.Whens) > 12 || len(w.Givens) == 0 {
			t.Fatalf("%q", w)
		}
		for _, text := range slices.Concat(w.Givens, w.Whens) {
			used[text] = true
		}
	}
	for _, s := range slices.Concat(histories(), stimuli()) {
		if s.values == nil && !used[s.text] {
			t.Errorf("never drawn: %s", s.text)
		}
		for _, v := range s.values {
			if !used[s.with(v)] {
				t.Errorf("never drawn: %s", s.with(v))
			}
		}
	}
}

// TestWhatATargetLacksIsLeftOut checks that walks leave out what a target does not
// support, and the conditions that it can't be brought into.
func TestWhatATargetLacksIsLeftOut(t *testing.T) {
	g := generator{seed: 7, length: 12, profile: conformance.Profile{}, missing: map[string]bool{
		conformance.Hold: true, conformance.UpdateAvailable: true, conformance.NoUpdate: true, conformance.UpdateFails: true, conformance.Reboot: true,
	}}
	never := regexp.MustCompile(`requests|checks|by itself|withholds|never answers|has an update|no update|fails|restarted|unprivileged|owner,|reset`)
	for n := range 500 {
		w := g.walk(n)
		for _, text := range slices.Concat(w.Givens, w.Whens) {
			if text != remember && never.MatchString(text) && !strings.Contains(text, "both") && !strings.Contains(text, "validation and update in one") {
				t.Fatalf("drawn: %s", text)
			}
		}
	}
}

// TestAWalkIsAScenario checks that a walk which was written as a feature is read as the
// same scenario that was played.
func TestAWalkIsAScenario(t *testing.T) {
	for n, w := range drawn(200) {
		f := Found{Requirement: "SVV-9", N: n, First: w, Walk: w, Finding: conformance.Finding{Want: "a\nb", Got: "\x1b|#"}}
		var out bytes.Buffer
		if err := writeFeature(&out, Record{Seed: 7, Explore: "ocfsim explore", Again: "ocfsim test"}, []Found{f}); err != nil {
			t.Fatal(err)
		}
		cat, err := steps.Load(fstest.MapFS{FeatureFile: {Data: out.Bytes()}}, judge.IDs())
		if err != nil {
			t.Fatalf("%v\n%s", err, &out)
		}
		want, got := w.Scenario(title("SVV-9"), "SVV-9"), cat.Scenarios[0]
		got.Line, got.Column = 0, 0
		for i := range got.Steps {
			got.Steps[i].Line, got.Steps[i].Column = 0, 0
		}
		if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(steps.Scenario{})); diff != "" { // where its tags stand
			t.Fatalf("what was read is another:\n%s\n%s", diff, &out)
		}
	}
}
