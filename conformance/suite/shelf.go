package suite

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/conformance/durable"
	"github.com/ocfsim/ocfsim/fixtures/bounded"
)

// A run against many targets leaves one file with the timelines of all scenarios that
// passed, one after the other, in place of a file for each: they are alike, so together
// they take half of the room, and of 4 KB that a short file takes on most disks they waste
// nothing. results.json names each as "timelines/passed.jsonl.gz#NAME".
const shelfFile = timelinesDir + "/passed.jsonl.gz"

// shelfBytes is how much all timelines on a shelf may have, unpacked, and shelvedBytes how
// much one of them: a longer one stays a file of its own.
const (
	shelfBytes   = 32 << 20
	shelvedBytes = 256 << 10
)

// headerBegins is how each timeline on a shelf begins. Every other line begins otherwise.
const headerBegins = `{"schema":"` + conformance.TimelineSchema + `"`

// onShelf is the name in results.json of a timeline that would have the file of this name.
func onShelf(file string) string {
	return shelfFile + "#" + strings.TrimSuffix(strings.TrimPrefix(file, timelinesDir+"/"), ".jsonl.gz")
}

// fileOf is the file that a timeline of this name is in.
func fileOf(name string) string {
	file, _, _ := strings.Cut(name, "#")
	return file
}

// shelving reports whether there will be a shelf. Then what is recorded is packed when the
// run has ended, and most of it together.
func (r run) shelving() bool { return len(r.Targets) > drawn && !r.Capture }

// shelve puts the timelines of what passed on the shelf, if there are many targets, and
// has the report and the runs name them there. The files that they were recorded to are
// removed once the shelf is on disk. The others are packed where they are.
func (r run) shelve(report *assess.Report, runs []conformance.ScenarioRun) error {
	if !r.shelving() {
		return nil
	}
	s := shelver{run: r, out: gzip.NewWriter(nil)}
	if report.Verdict != conformance.Error {
		files, err := s.fill(report)
		if err != nil {
			return err
		}
		if err := r.rename(files, report, runs); err != nil {
			return err
		}
	}
	for _, name := range r.evidence.names() {
		if name == shelfFile {
			continue
		}
		if err := s.repack(name); err != nil {
			return err
		}
	}
	return nil
}

// shelver packs the timelines of a run. Its memory is used for each of them again.
type shelver struct {
	run
	in   gzip.Reader
	text bytes.Buffer // of a scenario
	out  *gzip.Writer
}

// fill makes the shelf, and returns the files whose timelines are on it; without any there is
// no shelf.
func (s *shelver) fill(report *assess.Report) (files []string, err error) {
	var f *os.File
	var w io.WriteCloser
	left := shelfBytes
	for _, row := range report.Scenarios {
		of, err := s.scenario(row)
		if err != nil {
			return nil, errors.Join(err, s.end(w))
		}
		if len(of) == 0 || s.text.Len() > left {
			continue
		}
		if w == nil {
			if f, err = os.Create(filepath.Join(s.aside, filepath.FromSlash(shelfFile))); err != nil {
				return nil, err
			}
			w = s.evidence.watch(f, shelfFile)
			s.out.Reset(w)
		}
		if _, err := s.out.Write(s.text.Bytes()); err != nil {
			return nil, errors.Join(err, w.Close())
		}
		left -= s.text.Len()
		files = append(files, of...)
	}
	return files, s.end(w)
}

// end ends what is packed to w; nil for nothing.
func (s *shelver) end(w io.Closer) error {
	if w == nil {
		return nil
	}
	return errors.Join(s.out.Close(), w.Close())
}

// scenario reads the timelines of a scenario into s.text, unpacked, and returns their files;
// none where the scenario did not pass, or an attempt at it has no file or a long one.
func (s *shelver) scenario(row assess.ScenarioResult) (files []string, err error) {
	s.text.Reset()
	if row.Verdict != conformance.Pass {
		return nil, nil
	}
	for i, attempt := range row.Each() {
		name, most := attempt.Timeline, int64(s.text.Len()+shelvedBytes)
		if name != timelineName(row.ID, i+1) || attempt.Verdict != conformance.Pass {
			return nil, nil
		}
		packed, err := os.ReadFile(filepath.Join(s.aside, filepath.FromSlash(name)))
		if err != nil {
			return nil, err
		}
		if sum := sha256.Sum256(packed); hex.EncodeToString(sum[:]) != s.evidence.sum(name) {
			return nil, notKept(name)
		}
		if err := s.in.Reset(bytes.NewReader(packed)); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		switch _, err := s.text.ReadFrom(io.LimitReader(&s.in, shelvedBytes+1)); {
		case err != nil:
			return nil, fmt.Errorf("%s: %w", name, err)
		case int64(s.text.Len()) > most:
			return nil, nil
		}
		files = append(files, name)
	}
	return files, nil
}

// repack packs a timeline that was recorded as it is. One without its end stays so.
func (s *shelver) repack(name string) error {
	path := filepath.Join(s.aside, filepath.FromSlash(name))
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	was, is := sha256.New(), sha256.New()
	if err := s.in.Reset(bufio.NewReader(io.TeeReader(f, was))); err != nil {
		return durable.SyncFile(path)
	}
	torn := false
	err = durable.WriteFile(path, durable.Readable, func(to io.Writer) error {
		s.out.Reset(io.MultiWriter(to, is))
		_, err := io.Copy(s.out, &s.in)
		torn = errors.Is(err, io.ErrUnexpectedEOF)
		if err = errors.Join(err, s.out.Close()); err == nil && hex.EncodeToString(was.Sum(nil)) != s.evidence.sum(name) {
			err = notKept(name)
		}
		return err
	})
	if torn {
		return durable.SyncFile(path)
	}
	if err == nil {
		s.evidence.put(name, is)
	}
	return err
}

func notKept(name string) error {
	return fmt.Errorf("%s: the disk has not kept what was recorded", name)
}

// unzip reads up to most bytes of what in has packed.
func unzip(in io.Reader, most int64) ([]byte, error) {
	z, err := gzip.NewReader(in)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(z, most+1))
	if err == nil && int64(len(text)) > most {
		return nil, fmt.Errorf("%w: more than %d bytes", bounded.ErrTooLong, most)
	}
	return text, err
}

// rename has the report and the runs name what was in these files on the shelf, and
// removes the files.
func (r run) rename(files []string, report *assess.Report, runs []conformance.ScenarioRun) error {
	moved := map[string]string{}
	for _, file := range files {
		moved[file] = onShelf(file)
	}
	name := func(at *string) {
		if to, ok := moved[*at]; ok {
			*at = to
		}
	}
	for i := range report.Scenarios {
		s := &report.Scenarios[i]
		name(&s.Timeline)
		for k := range s.Attempts {
			name(&s.Attempts[k].Timeline)
		}
	}
	for i := range runs {
		name(&runs[i].File)
	}
	for _, file := range files {
		r.evidence.drop(file)
		if err := os.Remove(filepath.Join(r.aside, filepath.FromSlash(file))); err != nil {
			return err
		}
	}
	return nil
}

// readShelf reads the shelf in dir: each timeline as it was recorded, by its name in
// results.json.
func readShelf(dir string) (map[string][]byte, error) {
	name := filepath.Join(dir, filepath.FromSlash(shelfFile))
	f, err := bounded.Open(name, bounded.Timeline)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := unzip(f, shelfBytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	all, attempts := map[string][]byte{}, map[string]int{}
	for len(text) > 0 {
		one := text
		if next := bytes.Index(text, []byte("\n"+headerBegins)); next >= 0 {
			one = text[:next+1]
		}
		text = text[len(one):]
		var header struct {
			Scenario string `json:"scenario"`
		}
		first, _, _ := bytes.Cut(one, []byte("\n"))
		if err := json.Unmarshal(first, &header); err != nil {
			return nil, fmt.Errorf("%s: no header: %w", name, err)
		}
		attempts[header.Scenario]++
		all[onShelf(timelineName(header.Scenario, attempts[header.Scenario]))] = one
	}
	return all, nil
}
