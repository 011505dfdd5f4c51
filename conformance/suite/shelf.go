package suite

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
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

// shelving reports whether there will be a shelf. Then each Device records to its reel, and
// what is on the reels is packed when the run has ended, most of it together.
func (r run) shelving() bool { return len(r.Targets) > drawn && !r.Capture }

// shelve puts the timelines of what passed on the shelf, if there are many targets, and
// has the report and the runs name them there. Each of the others gets a file of its own. The
// reels are removed once all that was on them is on disk.
func (r run) shelve(report *assess.Report, runs []conformance.ScenarioRun) error {
	if !r.shelving() {
		return nil
	}
	s := shelver{run: r, out: gzip.NewWriter(nil)}
	if report.Verdict != conformance.Error {
		names, err := s.fill(report)
		if err != nil {
			return err
		}
		r.rename(names, report, runs)
	}
	for _, name := range r.evidence.onReels() {
		if err := s.unreel(name); err != nil {
			return err
		}
	}
	return r.evidence.removeReels()
}

// shelver packs the timelines of a run. Its memory is used for each of them again.
type shelver struct {
	run
	in     gzip.Reader
	packed bytes.Buffer // a timeline as it was recorded
	text   bytes.Buffer // of a scenario
	out    *gzip.Writer
}

// fill makes the shelf, and returns the names of the timelines that are on it; without any
// there is no shelf.
func (s *shelver) fill(report *assess.Report) (names []string, err error) {
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
		names = append(names, of...)
	}
	return names, s.end(w)
}

// end ends what is packed to w; nil for nothing.
func (s *shelver) end(w io.Closer) error {
	if w == nil {
		return nil
	}
	return errors.Join(s.out.Close(), w.Close())
}

// scenario reads the timelines of a scenario into s.text, unpacked, and returns their names;
// none where the scenario did not pass, or an attempt at it has a long one.
func (s *shelver) scenario(row assess.ScenarioResult) (names []string, err error) {
	s.text.Reset()
	if row.Verdict != conformance.Pass {
		return nil, nil
	}
	for i, attempt := range row.Each() {
		name := attempt.Timeline
		if name != timelineName(row.ID, i+1) || attempt.Verdict != conformance.Pass {
			return nil, nil
		}
		strip, err := s.evidence.strip(name)
		if err != nil {
			return nil, err
		}
		if strip.length > shelvedBytes { // it was not packed
			return nil, nil
		}
		s.packed.Reset()
		if err := strip.load(&s.packed); err != nil {
			return nil, err
		}
		if err := s.in.Reset(&s.packed); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if _, err := s.text.ReadFrom(&s.in); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		names = append(names, name)
	}
	return names, nil
}

// unreel packs a timeline into a file of its own. One that could not be written to its end
// is copied as it is.
func (s *shelver) unreel(name string) error {
	strip, err := s.evidence.strip(name)
	if err != nil {
		return err
	}
	if err := strip.copy(io.Discard); err != nil {
		return err
	}
	err = s.file(name, func(w io.Writer) error { return s.repack(strip, w) })
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		err = s.file(name, strip.copy)
	}
	if err == nil {
		s.evidence.leave(name)
	}
	return err
}

// file makes a file whose sum the evidence has.
func (s *shelver) file(name string, write func(io.Writer) error) error {
	sum := sha256.New()
	err := durable.WriteFile(filepath.Join(s.aside, filepath.FromSlash(name)), durable.Readable, func(w io.Writer) error {
		return write(io.MultiWriter(w, sum))
	})
	if err == nil {
		s.evidence.put(name, sum)
	}
	return err
}

// repack writes a timeline to w, packed.
func (s *shelver) repack(recorded strip, w io.Writer) error {
	if err := s.in.Reset(bufio.NewReader(recorded.reader())); err != nil {
		return err
	}
	s.out.Reset(w)
	_, err := io.Copy(s.out, &s.in)
	return errors.Join(err, s.out.Close())
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

// rename has the report and the runs name what has these names on the shelf.
func (r run) rename(names []string, report *assess.Report, runs []conformance.ScenarioRun) {
	moved := map[string]string{}
	for _, name := range names {
		moved[name] = onShelf(name)
		r.evidence.leave(name)
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
