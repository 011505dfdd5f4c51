package suite

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/fixtures/bounded"
	"github.com/ocfsim/ocfsim/reports"
)

// timelinesDir is where in the folder of a run its timelines are.
const timelinesDir = "timelines"

// IsTimeline reports whether the file at path is named like a timeline in the folder of a
// run.
func IsTimeline(path string) bool {
	return filepath.Base(filepath.Dir(path)) == timelinesDir && strings.Contains(filepath.Base(path), ".jsonl")
}

// openTimeline makes the file that an attempt at a scenario is recorded to. The
// first has the scenario's name; no id has a tilde in it.
func openTimeline(dir, scenario string, attempt int) (*os.File, string, error) {
	name := timelineName(scenario, attempt)
	f, err := os.Create(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		return nil, "", err
	}
	return f, name, nil
}

// timelineName is the path of an attempt's file relative to results.json.
func timelineName(scenario string, attempt int) string {
	if attempt > 1 {
		scenario += fmt.Sprintf("~%d", attempt)
	}
	return timelinesDir + "/" + scenario + ".jsonl.gz"
}

// name gives what is remembered alone the names that its files would have, so
// that the reports find it.
func name(runs []conformance.ScenarioRun) {
	attempts := map[string]int{}
	for i := range runs {
		if runs[i].Skipped == "" {
			attempts[runs[i].ID]++
			runs[i].File = timelineName(runs[i].ID, attempts[runs[i].ID])
		}
	}
}

// remembered finds the timelines that were just recorded.
func remembered(runs []conformance.ScenarioRun) reports.Timelines {
	byFile := map[string]conformance.Timeline{}
	for _, r := range runs {
		byFile[r.File] = r.Timeline
	}
	return func(name string) (conformance.Timeline, error) {
		tl, ok := byFile[name]
		if !ok {
			return tl, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
		}
		return tl, nil
	}
}

// timelineReader reads the timelines of a folder, with the numbers of their datagrams in
// the capture, if there is one.
func timelineReader(dir string) reports.Timelines {
	read, packets := timelineFiles(dir), sync.OnceValue(func() packets { return packetsIn(dir) })
	return func(name string) (conformance.Timeline, error) {
		tl, err := read(name)
		packets().number(name, tl)
		return tl, err
	}
}

// timelineFiles reads the timelines of a folder as they are.
func timelineFiles(dir string) reports.Timelines {
	shelf := sync.OnceValues(func() (map[string][]byte, error) { return readShelf(dir) })
	return func(name string) (conformance.Timeline, error) {
		if fileOf(name) == shelfFile && name != shelfFile {
			all, err := shelf()
			if err == nil && all[name] == nil {
				err = fmt.Errorf("%s: %w", name, fs.ErrNotExist)
			}
			if err != nil {
				return conformance.Timeline{}, err
			}
			return conformance.ReadTimeline(name, bytes.NewReader(all[name]))
		}
		f, err := bounded.Open(filepath.Join(dir, filepath.FromSlash(name)), bounded.Timeline)
		if err != nil {
			return conformance.Timeline{}, err
		}
		defer f.Close()
		return conformance.ReadTimeline(name, f)
	}
}

// writeIndex leaves in dir the index above several targets, as of the results in the
// folder of the whole; one target has none.
func writeIndex(dir, whole string, results []Result) error {
	if len(results) == 1 || dir == "" {
		return nil
	}
	entries, err := Entries(whole, results)
	if err != nil {
		return err
	}
	return reports.WriteIndex(dir, entries)
}

var unsafeInNames = regexp.MustCompile(`[^a-z0-9]+`)

// folders gives each target a folder of its own name, made unique.
func folders(cfg Config) []string {
	dirs := make([]string, len(cfg.Targets))
	switch {
	case cfg.Dir == "":
		return dirs
	case len(cfg.Targets) == 1:
		return []string{cfg.Dir}
	}
	taken := map[string]int{}
	for i, t := range cfg.Targets {
		name := strings.Trim(unsafeInNames.ReplaceAllString(strings.ToLower(t.Profile.Name), "-"), "-")
		if name == "" {
			name = "target"
		}
		taken[name]++
		if n := taken[name]; n > 1 {
			name = fmt.Sprintf("%s-%d", name, n)
		}
		dirs[i] = filepath.Join(cfg.Dir, name)
	}
	return dirs
}
