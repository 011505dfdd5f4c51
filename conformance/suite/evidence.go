package suite

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/durable"
	"github.com/ocfsim/ocfsim/fixtures/bounded"
	"github.com/ocfsim/ocfsim/reports"
)

// SumsFile has the sum of each timeline of a run, in the form of sha256sum. The
// sums are of what was written, whatever the disk made of it.
const SumsFile = "SHA256SUMS"

// ledger keeps the sums of what is written to the timelines of a run.
type ledger struct {
	mu     sync.Mutex
	sums   map[string]string // by path relative to the folder
	strips map[string]strip  // by the path that each will have; those on a reel alone
	reels  []*reel
}

// watch is f, with the sum of all that was written to it in the ledger once it is
// closed, and on disk.
func (l *ledger) watch(f *os.File, name string) io.WriteCloser {
	return &watched{file: f, sum: sha256.New(), ledger: l, name: name}
}

type watched struct {
	file   *os.File
	sum    hash.Hash
	ledger *ledger
	name   string
}

func (w *watched) Write(p []byte) (int, error) {
	_, _ = w.sum.Write(p) // never fails
	return w.file.Write(p)
}

func (w *watched) Close() error {
	err := errors.Join(w.file.Sync(), w.file.Close())
	w.ledger.put(w.name, w.sum)
	return err
}

// put has the ledger say the sum of a file.
func (l *ledger) put(name string, sum hash.Hash) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.sums == nil {
		l.sums = map[string]string{}
	}
	l.sums[name] = hex.EncodeToString(sum.Sum(nil))
}

// save writes the sums into the folder of the run.
func (l *ledger) save(dir string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return durable.WriteFile(filepath.Join(dir, SumsFile), durable.Readable, func(w io.Writer) error {
		for _, name := range slices.Sorted(maps.Keys(l.sums)) {
			if _, err := fmt.Fprintf(w, "%s  %s\n", l.sums[name], name); err != nil {
				return err
			}
		}
		return nil
	})
}

// intact is an error where the timelines in dir are not what was recorded there: the
// ones that the results name and no others, each with its sum, where there are sums.
func intact(dir string, runs []conformance.ScenarioRun) error {
	sums, err := readSums(dir)
	if err != nil {
		return err
	}
	named, files := map[string]bool{}, map[string]bool{}
	for _, run := range runs {
		if run.File == "" {
			continue
		}
		if named[run.File] {
			return fmt.Errorf("%s: two scenarios name %s", dir, run.File)
		}
		named[run.File] = true
		if h := run.Timeline.Header; h.Scenario != run.ID || !slices.Equal(h.Tags, run.Tags) {
			return fmt.Errorf("%s: %s was recorded of scenario %q %v, not of %q %v", dir, run.File, h.Scenario, h.Tags, run.ID, run.Tags)
		}
		file := fileOf(run.File)
		if !files[file] {
			if err := sums.check(dir, file); err != nil {
				return err
			}
		}
		files[file] = true
	}
	for name := range sums {
		if !files[name] {
			return fmt.Errorf("%s: %s names %s, and %s does not: not every scenario that was recorded would be judged", dir, SumsFile, name, reports.ResultsFile)
		}
	}
	return nothingElse(dir, named, files)
}

// nothingElse is an error where dir has a timeline that is not named, in a file of its own
// or on the shelf.
func nothingElse(dir string, named, files map[string]bool) error {
	found, err := filepath.Glob(filepath.Join(dir, timelinesDir, "*.jsonl*"))
	if err != nil {
		return err
	}
	var all []string
	for _, path := range found {
		if name := timelinesDir + "/" + filepath.Base(path); !files[name] {
			all = append(all, name)
		}
	}
	if files[shelfFile] {
		shelf, err := readShelf(dir)
		if err != nil {
			return err
		}
		all = slices.AppendSeq(all, maps.Keys(shelf))
	}
	for _, name := range all {
		if !named[name] {
			return fmt.Errorf("%s: no scenario of %s names %s: not everything that was recorded would be judged", dir, reports.ResultsFile, name)
		}
	}
	return nil
}

// sums are what SumsFile says, by path; nil where there is no such file: an
// older version has none, and neither has a run that crashed.
type sums map[string]string

func readSums(dir string) (sums, error) {
	name := filepath.Join(dir, SumsFile)
	f, err := bounded.Open(name, bounded.Text)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	defer f.Close()
	all, lines := sums{}, bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		sum, path, ok := strings.Cut(lines.Text(), "  ")
		if _, err := hex.DecodeString(sum); err != nil || !ok || len(sum) != 2*sha256.Size {
			return nil, fmt.Errorf("%s:%d:1: expected a sum, two spaces and a path", name, n)
		}
		all[path] = sum
	}
	return all, lines.Err()
}

func (s sums) check(dir, name string) error {
	if s == nil {
		return nil
	}
	f, err := bounded.Open(filepath.Join(dir, filepath.FromSlash(name)), bounded.Timeline)
	if err != nil {
		return err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return err
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != s[name] {
		return fmt.Errorf("%s: %s is not what was recorded: its sum differs from the one in %s", dir, name, SumsFile)
	}
	return nil
}
