package campaign

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/update"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/durable"
	"github.com/ocfsim/ocfsim/fixtures/bounded"
	"github.com/ocfsim/ocfsim/ocf"
)

// The files in the folder of a run.
const (
	ResultsFile  = "results.ndjson" // a Result a line; of two for one Device the later one counts
	SummaryFile  = "summary.json"
	ReportFile   = "report.md"
	PageFile     = "report.html"
	CampaignFile = "campaign.yaml" // as it was read
	AboutFile    = "drive.json"
	SampleDir    = "sample"      // what the suite found, of the Devices that were judged
	SampleFile   = "sample.json" // the same in short, once the suite has ended
	OwnersDir    = "owners"      // credentials of Devices that were owned by the run
	// AskedFile has a line for each Device that was to be asked for an update, and is there
	// while a campaign runs, and after one that was killed.
	AskedFile = "asked.ndjson"
)

// About says what a run is of, so that it can be resumed.
type About struct {
	Schema   string    `json:"schema"` // "ocfsim.drive/1"
	Version  string    `json:"version"`
	Fleet    []string  `json:"fleet"`
	Campaign string    `json:"campaign"`          // the name of the file that CampaignFile is a copy of
	Edition  string    `json:"edition,omitempty"` // that the campaign is told by; "" where none was named
	Began    time.Time `json:"began"`
	Judged   *Judging  `json:"judged,omitempty"` // nil where the suite is run on no Device
}

// Judging says on which Devices the suite is run, and how. They are left out of the campaign.
type Judging struct {
	Devices []string `json:"devices"` // their endpoints
	As      string   `json:"as,omitempty"`
	Tags    string   `json:"tags,omitempty"`
}

// aboutSchema is the form of AboutFile.
const aboutSchema = "ocfsim.drive/1"

// Record keeps what became of each Device, in a folder. It is safe for concurrent use.
type Record struct {
	dir            string
	run            int // which run of the campaign this is, from 1
	mu             sync.Mutex
	results, asked journal
}

// journal is a file of lines of JSON that is being written.
type journal struct {
	file *os.File
	w    *bufio.Writer
}

// openJournal opens a file of lines, to be read and then to be gone on with.
func openJournal(path string) (journal, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return journal{}, err
	}
	return journal{file, bufio.NewWriterSize(file, 64<<10)}, nil
}

// put adds a line.
func (j journal) put(one Result) error {
	line, err := json.Marshal(one)
	if err != nil {
		return err
	}
	_, err = j.w.Write(append(line, '\n'))
	return err
}

// flush writes what is in memory; the zero journal has nothing.
func (j journal) flush() error {
	if j.w == nil {
		return nil
	}
	return j.w.Flush()
}

// read calls see with each line, in order. What the end of a program has left of the last one
// is cut off.
func (j journal) read(see func(Result)) error {
	lines, whole := bufio.NewReaderSize(j.file, 64<<10), int64(0)
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		var one Result
		if err := json.Unmarshal(line, &one); err != nil {
			return conformance.LineError(j.file.Name(), n, err)
		}
		whole += int64(len(line))
		see(one)
	}
	if err := j.file.Truncate(whole); err != nil {
		return err
	}
	_, err := j.file.Seek(whole, io.SeekStart)
	return err
}

// TakenError says what keeps Create from using a folder.
type TakenError struct{ why string }

// Error is the reason, with the name of the folder or the file.
func (e *TakenError) Error() string { return e.why }

// Create begins the record of a run in dir, which must not have one.
func Create(dir string, about About, plan []byte) (*Record, error) {
	if _, err := os.Stat(filepath.Join(dir, ResultsFile)); !errors.Is(err, fs.ErrNotExist) {
		return nil, &TakenError{dir + " has the record of an earlier run: give another folder, or --resume"}
	}
	was, err := bounded.ReadFile(filepath.Join(dir, CampaignFile), bounded.Text)
	if err == nil && !bytes.Equal(was, plan) {
		return nil, &TakenError{filepath.Join(dir, CampaignFile) + " is another campaign file: give another folder"}
	}
	if err := errors.Join(describe(dir, about), writeFile(filepath.Join(dir, CampaignFile), plan)); err != nil {
		return nil, err
	}
	return open(dir)
}

// describe writes what a run is of.
func describe(dir string, about About) error {
	about.Schema = aboutSchema
	return writeJSON(filepath.Join(dir, AboutFile), about)
}

// Describe replaces what the run is of.
func (r *Record) Describe(about About) error { return describe(r.dir, about) }

// KeepSample keeps what the suite found, when it has ended.
func (r *Record) KeepSample(s *Sample) error { return writeJSON(filepath.Join(r.dir, SampleFile), s) }

// Sample is what the suite found in this run or in one before; nil where it has not ended.
func (r *Record) Sample() (*Sample, error) {
	text, err := bounded.ReadFile(filepath.Join(r.dir, SampleFile), bounded.Results)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	}
	var s Sample
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(r.dir, SampleFile), err)
	}
	return &s, nil
}

// Resume opens the record of a run that is to go on, and returns what it is of.
func Resume(dir string) (*Record, About, error) {
	var about About
	text, err := bounded.ReadFile(filepath.Join(dir, AboutFile), bounded.Text)
	if err != nil {
		return nil, about, fmt.Errorf("no campaign can be resumed there: %w", err)
	}
	if err := json.Unmarshal(text, &about); err != nil || about.Schema != aboutSchema {
		return nil, about, fmt.Errorf("%s: expected schema %q: %v", filepath.Join(dir, AboutFile), aboutSchema, err)
	}
	r, err := open(dir)
	return r, about, err
}

func open(dir string) (*Record, error) {
	r := &Record{dir: dir, run: 1}
	var err error
	if r.results, err = openJournal(filepath.Join(dir, ResultsFile)); err != nil {
		return nil, err
	}
	if r.asked, err = openJournal(filepath.Join(dir, AskedFile)); err != nil {
		return nil, errors.Join(err, r.results.file.Close())
	}
	return r, nil
}

// Earlier calls see with each Result of the record, in order. A Device that a run which was
// killed had asked for an update is UnderWay.
func (r *Record) Earlier(see func(Result)) error {
	ended := map[string]int{} // in which run, by Device
	last := 0
	err := r.results.read(func(one Result) {
		run := max(one.Run, 1)
		ended[one.Device], last = run, max(last, run)
		see(one)
	})
	if err != nil {
		return err
	}
	err = r.asked.read(func(one Result) {
		run := max(one.Run, 1)
		if last = max(last, run); ended[one.Device] < run {
			see(one)
		}
	})
	r.run = last + 1
	return err
}

// Append keeps a Result, from the next Flush on.
func (r *Record) Append(one Result) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.results.put(r.Numbered(one))
}

// Asking keeps, from the next Flush on, that a Device is about to be asked for an update.
func (r *Record) Asking(one Result) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.asked.put(r.Numbered(one))
}

// Numbered is a Result of this run; that it is of the first goes without saying.
func (r *Record) Numbered(one Result) Result {
	if r.run > 1 {
		one.Run = r.run
	}
	return one
}

// Flush gives the system what was kept: the end of this program can't undo it any more.
func (r *Record) Flush() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return errors.Join(r.results.flush(), r.asked.flush())
}

// Conclude writes the summary, and the reports for people. All that is to be known of Devices
// is in their Results by then.
func (r *Record) Conclude(s *Summary) error {
	if err := errors.Join(r.Flush(), r.results.file.Sync()); err != nil {
		return err
	}
	if err := errors.Join(r.asked.file.Close(), os.Remove(r.asked.file.Name())); err != nil {
		return err
	}
	r.asked = journal{}
	var report, page bytes.Buffer
	if err := errors.Join(s.Markdown(&report), s.Page(&page)); err != nil {
		return err
	}
	return errors.Join(
		writeJSON(filepath.Join(r.dir, SummaryFile), s),
		writeFile(filepath.Join(r.dir, ReportFile), report.Bytes()),
		writeFile(filepath.Join(r.dir, PageFile), page.Bytes()),
	)
}

// Close writes what is still in memory.
func (r *Record) Close() error {
	err := errors.Join(r.Flush(), r.results.file.Sync(), r.results.file.Close())
	if r.asked.file != nil {
		err = errors.Join(err, r.asked.file.Close())
	}
	return err
}

func writeJSON(path string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(path, append(text, '\n'))
}

func writeFile(path string, data []byte) error {
	return durable.WriteFile(path, 0o644, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// remember has a Result of a run that has asked its Device for nothing tell what an earlier run
// knew.
func (r *Result) remember(k update.Known) {
	if k.Asked == 0 {
		return
	}
	r.From, r.Asked = k.From, k.Asked.String()
	if k.Before.Present != 0 {
		r.Before = k.Before.String()
	}
}

// Known is what a Result of an earlier run says that helps to go on with its Device.
func (r Result) Known() update.Known {
	k := update.Known{From: r.From}
	if asked, err := ocf.ParseDPM(r.Asked); err == nil && r.Asked != "" {
		k.Asked = asked
	}
	if before, err := ocf.ParsePstatText(r.Before); err == nil && r.Before != "" {
		k.Before = before
	}
	return k
}
