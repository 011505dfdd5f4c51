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
	"github.com/ocfsim/ocfsim/conformance/steps"
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
	if r.shelving() {
		r.reel = r.newReel(1)
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
			w, name, err := r.open(steps.Scenario{ID: s.ID}, i+1)
			if err != nil {
				t.Fatal(err)
			}
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

// exposed records a text on the reel of r, as a timeline of that name.
func exposed(t *testing.T, r run, name, text string) {
	t.Helper()
	w, err := r.reel.record(name)
	if err != nil {
		t.Fatal(err)
	}
	p := r.packers.pack(w)
	if _, err := io.WriteString(p, text); err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestPackedAnew packs what was recorded as it is into a file with its sum, and copies what
// has lost its end.
func TestPackedAnew(t *testing.T) {
	r, _, _ := shelved(t, drawn+1)
	r.reel = r.newReel(2)
	s := shelver{run: r, out: gzip.NewWriter(nil)}
	text := strings.Repeat("what a Device said\n", 1000)
	whole, torn, empty := timelineName("whole", 1), timelineName("torn", 1), timelineName("empty", 1)
	exposed(t, r, whole, text)
	exposed(t, r, torn, text)
	lost := r.evidence.strips[torn]
	lost.length -= 100
	var left bytes.Buffer
	if _, err := left.ReadFrom(lost.reader()); err != nil || left.Len() < len(text)-100 {
		t.Fatalf("recorded %d bytes of %d, %v", left.Len(), len(text), err)
	}
	lost.sum = sha256.Sum256(left.Bytes())
	nothing := lost
	nothing.length, nothing.sum = 0, sha256.Sum256(nil)
	r.evidence.strips[torn], r.evidence.strips[empty] = lost, nothing
	for name, want := range map[string]string{torn: left.String(), empty: "", whole: text} {
		if err := s.unreel(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		packed, err := os.ReadFile(filepath.Join(r.aside, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		got := string(packed)
		if name == whole {
			unpacked, err := unzip(bytes.NewReader(packed), shelvedBytes)
			if got = string(unpacked); err != nil || len(packed) > len(text)/10 {
				t.Errorf("%d bytes are packed to %d, %v", len(text), len(packed), err)
			}
		}
		if got != want {
			t.Errorf("%s has %d bytes, want %d", name, len(got), len(want))
		}
		if sum := sha256.Sum256(packed); hex.EncodeToString(sum[:]) != r.evidence.sums[name] {
			t.Errorf("%s: the ledger has another sum", name)
		}
	}
	if left := r.evidence.onReels(); len(left) > 0 {
		t.Errorf("%q are on a reel, though they have files", left)
	}
}

// TestTheDiskHasToKeepIt tells a recording that is whole and another one from its own.
func TestTheDiskHasToKeepIt(t *testing.T) {
	r, _, _ := shelved(t, drawn+1)
	r.reel = r.newReel(2)
	s := shelver{run: r, out: gzip.NewWriter(nil)}
	name := timelineName("one", 1)
	exposed(t, r, name, "what a Device said")
	exposed(t, r, timelineName("two", 1), "what a Device then ")
	changed := r.evidence.strips[name]
	changed.from += changed.length
	r.evidence.strips[name] = changed
	if err := s.unreel(name); err == nil || !strings.Contains(err.Error(), "the disk has not kept") {
		t.Errorf("a recording of something else is put into a file: %v", err)
	}
	row := assess.ScenarioResult{ID: "one", Verdict: conformance.Pass, Timeline: name}
	if _, err := s.fill(&assess.Report{Scenarios: []assess.ScenarioResult{row}}); err == nil || !strings.Contains(err.Error(), "the disk has not kept") {
		t.Errorf("a recording of something else is put on the shelf: %v", err)
	}
	if err := s.unreel(timelineName("three", 1)); err == nil {
		t.Error("what nobody recorded has a file")
	}
}

// TestAReelIsReadAsAShelf reads what a killed run leaves: the timelines of a Device, one after
// the other, as zcat reads them.
func TestAReelIsReadAsAShelf(t *testing.T) {
	r, _, _ := shelved(t, drawn+1)
	r.reel = r.newReel(2)
	for _, text := range []string{"one\n", "two\n"} {
		exposed(t, r, text, text)
	}
	f, err := os.Open(filepath.Join(r.aside, filepath.FromSlash(reelName(2))))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if text, err := unzip(f, shelvedBytes); string(text) != "one\ntwo\n" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
}
