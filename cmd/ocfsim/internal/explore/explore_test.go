package explore

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
	"github.com/ocfsim/ocfsim/conformance/steps"
	"github.com/ocfsim/ocfsim/fixtures"
)

// deviant is an Arena of the named deviation.
func deviant(t *testing.T, name string) *Virtual {
	t.Helper()
	d, err := fixtures.Deviation(name)
	if err != nil {
		t.Fatal(err)
	}
	s, err := lab.Deviant(d)
	if err != nil {
		t.Fatal(err)
	}
	v, err := NewVirtual(s, !d.Secured, false)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestABugIsFoundAndShownAgain checks that a walk finds a bug, that it is shortened to
// what shows the bug and written, and that the written walk shows the bug again.
func TestABugIsFoundAndShownAgain(t *testing.T) {
	v := deviant(t, "zero-starts-check")
	cfg := Config{Arena: v, Seed: 1, Steps: 12, Walks: 200, Tries: 200, Repeat: 1, Only: []string{"SVV-9"}}
	res, err := Run(t.Context(), cfg)
	if err != nil || len(res.Found) != 1 {
		t.Fatalf("%+v, %v", res, err)
	}
	f := res.Found[0]
	want := Walk{Givens: givens()[:1], Whens: []string{"a privileged Client clears every bit of tm"}}
	if f.Walk.key() != want.key() || f.Flaky || f.Requirement != "SVV-9" || len(f.First.Whens) < 2 {
		t.Errorf("found %+v", f)
	}
	again, err := Run(t.Context(), cfg)
	if err != nil || len(again.Found) != 1 || again.Found[0].N != f.N || again.Found[0].Tries != f.Tries {
		t.Errorf("the same seed: %+v, %v", again, err)
	}

	rec := Record{Dir: t.TempDir(), Version: "test", Profile: v.Profile(), Seed: 1, Explore: "ocfsim explore", Again: "ocfsim test"}
	if err := Save(rec, res.Found); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"walk.feature", "results.json", "junit.xml", "report.html", "timelines/walk.a-walk-that-breaks-svv-9.jsonl"} {
		if _, err := os.Stat(filepath.Join(rec.Dir, name)); err != nil {
			t.Error(err)
		}
	}
	cat, err := steps.Load(os.DirFS(rec.Dir), judge.IDs())
	if err != nil {
		t.Fatal(err)
	}
	run, err := v.Play(t.Context(), cat.Scenarios[0])
	if err != nil {
		t.Fatal(err)
	}
	if f := judge.All(run.Timeline)["SVV-9"]; f.Verdict != conformance.Fail {
		t.Errorf("what was written: %+v", f)
	}
	var text bytes.Buffer
	if err := Tell(&text, rec, res); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"FAIL   SVV-9", "seed.txt 40-41", "clears every bit", "ocfsim test"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in\n%s", want, &text)
		}
	}
	if err := Forget(rec.Dir); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(rec.Dir, "*.*")); len(left) != 0 {
		t.Errorf("left %v", left)
	}
}

// fake is an Arena whose Device fails OBS-1 when fails says so. It has no gate.
type fake struct {
	fails  func(n int, s steps.Scenario) bool
	err    string // the reason of every run, if not empty
	played int
}

func (f *fake) Profile() conformance.Profile { return everything() }

func (f *fake) Play(ctx context.Context, s steps.Scenario) (conformance.ScenarioRun, error) {
	if ctx.Err() != nil {
		return conformance.ScenarioRun{}, ctx.Err()
	}
	f.played++
	rec := conformance.NewRecorder(conformance.Header{Schema: conformance.TimelineSchema, Target: f.Profile()}, nil)
	rec.Append(conformance.Observation{Kind: conformance.Condition, Name: conformance.Hold, Outcome: conformance.Unsupported})
	zero := uint32(0)
	n := rec.Append(conformance.Observation{Kind: conformance.Request, Client: conformance.Privileged, Frame: &conformance.Frame{
		Type: "CON", Code: "GET", Path: "/oic/sec/pstat", Observe: &zero,
	}})
	code := "2.05"
	if f.fails(f.played, s) {
		code = "4.05"
	}
	rec.Append(conformance.Observation{Kind: conformance.Response, Client: conformance.Privileged, For: &n, Frame: &conformance.Frame{
		Type: "ACK", Code: code, Path: "/oic/sec/pstat", Observe: &zero,
	}})
	return conformance.ScenarioRun{ID: s.ID, Name: s.Name, Tags: s.Tags, Requirements: s.Requirements, Timeline: rec.Timeline(), Err: f.err}, nil
}

func TestWhatIsNotSeenAgainIsFlaky(t *testing.T) {
	arena := &fake{fails: func(n int, _ steps.Scenario) bool { return n == 3 }}
	res, err := Run(t.Context(), Config{Arena: arena, Only: []string{"OBS-1"}, Steps: 5, Walks: 10, Tries: 10, Repeat: 3})
	if err != nil || len(res.Found) != 1 || !res.Found[0].Flaky || res.Found[0].Tries != 3 || arena.played != 6 {
		t.Errorf("%+v, %v, %d played", res, err, arena.played)
	}
	if !slices.Equal(res.Missing, []string{conformance.Hold}) {
		t.Errorf("missing %v", res.Missing)
	}
	if origin := res.Found[0].Origin(1); !strings.Contains(origin, "not seen again") {
		t.Error(origin)
	}
}

func TestEndsOfAnExploration(t *testing.T) {
	never := func(int, steps.Scenario) bool { return false }
	broken := &fake{fails: never, err: "the Device does not answer"}
	res, err := Run(t.Context(), Config{Arena: broken, Only: []string{"OBS-1"}, Steps: 5, Walks: 100})
	if err != nil || len(res.Trouble) != troubles || broken.played != troubles {
		t.Errorf("a broken bench: %+v, %v", res, err)
	}
	ctx, interrupt := context.WithCancel(t.Context())
	arena := &fake{fails: func(n int, _ steps.Scenario) bool {
		if n == 7 {
			interrupt()
		}
		return n >= 5
	}}
	res, err = Run(ctx, Config{Arena: arena, Only: []string{"OBS-1"}, Steps: 5, Walks: 100, Tries: 10})
	if !errors.Is(err, context.Canceled) || len(res.Found) != 1 {
		t.Errorf("interrupted: %+v, %v", res, err)
	}
	all := &fake{fails: func(int, steps.Scenario) bool { return true }}
	res, err = Run(t.Context(), Config{Arena: all, Only: []string{"OBS-1"}, Steps: 5, Walks: 4, Tries: 10, KeepGoing: true})
	if err != nil || res.Walks != 4 || len(res.Found) != 1 {
		t.Errorf("a requirement is found once: %+v, %v", res, err)
	}
}
