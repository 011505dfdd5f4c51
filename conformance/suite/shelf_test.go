package suite

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/conformance/target"
)

// shelved records two scenarios that passed, one of them in two attempts, and one that
// failed, and puts what passed on the shelf.
func shelved(t *testing.T, targets int) (run, assess.Report, []conformance.ScenarioRun) {
	t.Helper()
	r := run{Config: Config{Targets: make([]target.Config, targets)}, aside: t.TempDir(), evidence: &ledger{}, packers: &packers{plain: true}}
	if err := os.Mkdir(filepath.Join(r.aside, timelinesDir), 0o755); err != nil {
		t.Fatal(err)
	}
	report := assess.Report{Verdict: conformance.Fail, Scenarios: []assess.ScenarioResult{
		{ID: "one", Verdict: conformance.Pass, Timeline: timelineName("one", 1)},
		{ID: "broken", Verdict: conformance.Fail, Timeline: timelineName("broken", 1)},
		{ID: "twice", Verdict: conformance.Pass, Timeline: timelineName("twice", 2), Attempt: 2, Attempts: []assess.Attempt{
			{Verdict: conformance.Pass, Timeline: timelineName("twice", 1)}, {Verdict: conformance.Pass, Timeline: timelineName("twice", 2)},
		}},
	}}
	var runs []conformance.ScenarioRun
	for _, s := range report.Scenarios {
		for i := range s.Each() {
			f, name, err := openTimeline(r.aside, s.ID, i+1)
			if err != nil {
				t.Fatal(err)
			}
			w := r.packers.pack(r.evidence.watch(f, name))
			rec := conformance.NewRecorder(conformance.Header{Scenario: s.ID}, w)
			rec.Append(conformance.Observation{Kind: conformance.Note, Text: fmt.Sprintf("%s\n%s%d", name, headerBegins, i)})
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			runs = append(runs, conformance.ScenarioRun{ID: s.ID, Timeline: rec.Timeline(), File: name})
		}
	}
	if err := r.shelve(&report, runs); err != nil {
		t.Fatal(err)
	}
	if err := r.evidence.save(r.aside); err != nil {
		t.Fatal(err)
	}
	return r, report, runs
}

// TestWhatPassedIsOnTheShelf reads each timeline of one target among many as it was
// recorded, and finds none missing or added.
func TestWhatPassedIsOnTheShelf(t *testing.T) {
	r, report, runs := shelved(t, drawn+1)
	var names, files []string
	read := timelineFiles(r.aside)
	for _, run := range runs {
		names = append(names, run.File)
		tl, err := read(run.File)
		if err != nil || tl.Header.Scenario != run.ID || tl.Observations[0].Text != run.Timeline.Observations[0].Text {
			t.Errorf("%s: %+v, %v", run.File, tl, err)
		}
	}
	want := []string{shelfFile + "#one", "timelines/broken.jsonl.gz", shelfFile + "#twice", shelfFile + "#twice~2"}
	if !slices.Equal(names, want) || report.Scenarios[2].Timeline != want[3] || report.Scenarios[2].Attempts[0].Timeline != want[2] {
		t.Errorf("named %q, %+v", names, report.Scenarios)
	}
	left, err := filepath.Glob(filepath.Join(r.aside, timelinesDir, "*"))
	for _, name := range left {
		files = append(files, filepath.Base(name))
	}
	if err != nil || !slices.Equal(files, []string{"broken.jsonl.gz", "passed.jsonl.gz"}) {
		t.Errorf("files %q, %v", files, err)
	}
	if err := intact(r.aside, runs); err != nil {
		t.Error(err)
	}
	if _, err := read(shelfFile + "#other"); err == nil {
		t.Error("a timeline was read that nobody recorded")
	}
}

// TestAShelfThatIsNotWhatWasRecorded holds the shelf to its sum, and to the names in the
// results.
func TestAShelfThatIsNotWhatWasRecorded(t *testing.T) {
	r, _, runs := shelved(t, drawn+1)
	if err := intact(r.aside, runs[1:]); err == nil || !strings.Contains(err.Error(), "#one") {
		t.Errorf("a timeline on the shelf that no scenario names: %v", err)
	}
	if err := intact(r.aside, runs[1:2]); err == nil {
		t.Error("a shelf that no scenario names is not missed")
	}
	name := filepath.Join(r.aside, filepath.FromSlash(shelfFile))
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	text[len(text)/2] ^= 1
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := intact(r.aside, runs); err == nil || !strings.Contains(err.Error(), "sum") {
		t.Errorf("a changed shelf: %v", err)
	}
}

// TestFewTargetsHaveAFileForEachScenario leaves the timelines of few targets where they
// were recorded.
func TestFewTargetsHaveAFileForEachScenario(t *testing.T) {
	r, _, runs := shelved(t, drawn)
	for _, run := range runs {
		if strings.Contains(run.File, "#") {
			t.Errorf("%s is on the shelf", run.File)
		}
	}
	if err := intact(r.aside, runs); err != nil {
		t.Error(err)
	}
}

// TestPackedAnew packs what was recorded as it is, with its sum, and leaves alone what has
// lost its end.
func TestPackedAnew(t *testing.T) {
	r, _, _ := shelved(t, drawn+1)
	s := shelver{run: r, out: gzip.NewWriter(nil)}
	text := strings.Repeat("what a Device said\n", 1000)
	for _, name := range []string{"timelines/whole.jsonl.gz", "timelines/torn.jsonl.gz"} {
		path := filepath.Join(r.aside, filepath.FromSlash(name))
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		w := r.packers.pack(r.evidence.watchLate(f, name))
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		recorded, err := os.ReadFile(path)
		if err != nil || len(recorded) < len(text) {
			t.Fatalf("recorded %d bytes of %d, %v", len(recorded), len(text), err)
		}
		torn := strings.Contains(name, "torn")
		if torn {
			recorded = recorded[:len(recorded)-100]
			if err := os.WriteFile(path, recorded, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.repack(name); err != nil {
			t.Error(err)
		}
		packed, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if torn {
			if !slices.Equal(packed, recorded) {
				t.Error("what was torn is not as it was")
			}
			continue
		}
		got, err := unzip(bytes.NewReader(packed), shelvedBytes)
		if err != nil || string(got) != text || len(packed) > len(text)/10 {
			t.Errorf("%d bytes, packed to %d, %v", len(got), len(packed), err)
		}
		if sum := sha256.Sum256(packed); hex.EncodeToString(sum[:]) != r.evidence.sum(name) {
			t.Error("the ledger has another sum")
		}
	}
}

// TestTheDiskHasToKeepIt tells a recording that is whole and another one from its own.
func TestTheDiskHasToKeepIt(t *testing.T) {
	r, _, _ := shelved(t, drawn+1)
	name := timelineName("broken", 1)
	path := filepath.Join(r.aside, filepath.FromSlash(name))
	other, err := os.ReadFile(filepath.Join(r.aside, filepath.FromSlash(shelfFile)))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, other, 0o600); err != nil {
		t.Fatal(err)
	}
	s := shelver{run: r, out: gzip.NewWriter(nil)}
	if err := s.repack(name); err == nil || !strings.Contains(err.Error(), "the disk has not kept") {
		t.Errorf("a recording of something else: %v", err)
	}
}
