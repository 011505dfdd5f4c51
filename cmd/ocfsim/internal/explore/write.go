package explore

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/conformance/durable"
	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/conformance/judge"
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/reports"
)

// feature is the name of the feature that walks are written as.
const feature = "Walks that break a requirement"

// FeatureFile is the name of the feature file that Save writes beside the usual files
// of a run.
const FeatureFile = "walk.feature"

// Record is what Save needs to know of an exploration besides its result.
type Record struct {
	Dir     string
	Version string // version of this program
	Profile conformance.Profile
	Edition string // that the walks were judged by; "": the first
	Seed    uint64
	Explore string // the command line that finds the same walks again
	Again   string // the command line that runs these walks again
}

// Forget removes what an earlier exploration left in dir, so that nobody takes it for
// the result of this one.
func Forget(dir string) error {
	for _, name := range append(reports.Files(), FeatureFile) {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// Save writes the shortened walks as a feature file, and their Timelines and
// verdicts as a run of the suite would.
func Save(rec Record, found []Found) error {
	var runs []conformance.ScenarioRun
	timelines := map[string]conformance.Timeline{}
	if err := os.MkdirAll(filepath.Join(rec.Dir, "timelines"), 0o755); err != nil {
		return err
	}
	for _, f := range found {
		for i, run := range f.Runs {
			run.File = "timelines/" + run.ID + ".jsonl"
			if i > 0 {
				run.File = fmt.Sprintf("timelines/%s.%d.jsonl", run.ID, i+1)
			}
			timelines[run.File] = run.Timeline
			runs = append(runs, run)
			if err := durable.WriteFile(filepath.Join(rec.Dir, filepath.FromSlash(run.File)), durable.Readable, run.Timeline.Write); err != nil {
				return err
			}
		}
	}
	err := durable.WriteFile(filepath.Join(rec.Dir, FeatureFile), durable.Readable, func(w io.Writer) error { return writeFeature(w, rec, found) })
	if err != nil {
		return err
	}
	report := assess.Run{
		Tool: assess.Tool{Name: "ocfsim", Version: rec.Version}, Edition: edition.Of(rec.Edition).ID, Target: rec.Profile,
		Scenarios: runs, Partial: true,
	}.Assess()
	read := func(name string) (conformance.Timeline, error) { return timelines[name], nil }
	return reports.Save(rec.Dir, reports.Entry{
		Report: report, Timelines: read, Rerun: func(scenario string) string { return rec.Again + " --scenario " + scenario },
	})
}

// writeFeature writes the walks as scenarios, each with the sentence that it breaks and
// where it comes from.
func writeFeature(w io.Writer, rec Record, found []Found) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "# Found by %s\n# Run again by %s\nFeature: %s\n", rec.Explore, rec.Again, feature)
	for _, f := range found {
		q := requirement(f.Requirement)
		fmt.Fprintln(out)
		comment(out, q.ID+source(q)+": "+q.Clause)
		comment(out, "Expected: "+f.Finding.Want)
		comment(out, "Observed: "+f.Finding.Got)
		comment(out, f.Origin(rec.Seed))
		s := f.Walk.Scenario(title(f.Requirement), f.Requirement)
		fmt.Fprintf(out, "  %s\n  Scenario: %s\n", strings.Join(s.Tags, " "), s.Name)
		word := ""
		for _, step := range s.Steps {
			shown := string(step.Word)
			if shown == word {
				shown = "And"
			}
			word = string(step.Word)
			fmt.Fprintf(out, "    %s %s\n", shown, step.Text)
		}
	}
	return out.Flush()
}

// comment writes text as a single line of comment, whatever a Device has put in it.
func comment(w io.Writer, text string) {
	_, _ = fmt.Fprintf(w, "  # %s\n", strings.Join(strings.Fields(text), " ")) // Flush returns the error
}

// Origin says where the walk comes from, and how short it has become.
func (f Found) Origin(seed uint64) string {
	from := fmt.Sprintf("walk %d of seed %d", f.N, seed)
	switch {
	case f.Flaky:
		return fmt.Sprintf("%s, %s; not seen again when the walk was repeated", from, stimuliOf(len(f.First.Whens)))
	case f.Walk.Len() == f.First.Len():
		return fmt.Sprintf("%s, %s; no step of it can be left out", from, stimuliOf(len(f.First.Whens)))
	}
	return fmt.Sprintf("%s, shortened from %s to %d in %s", from, stimuliOf(len(f.First.Whens)), len(f.Walk.Whens), ocf.Count(f.Tries, "try"))
}

func stimuliOf(n int) string {
	if n == 1 {
		return "1 stimulus"
	}
	return fmt.Sprintf("%d stimuli", n)
}

// source says where the clause of q is read; what only a later edition has says so itself.
func source(q judge.Requirement) string {
	if q.Lines == "" {
		return ""
	}
	return " (seed.txt " + q.Lines + ")"
}

// requirement is the requirement with this id.
func requirement(id string) judge.Requirement {
	for _, q := range judge.Every() {
		if q.ID == id {
			return q
		}
	}
	return judge.Requirement{ID: id}
}
