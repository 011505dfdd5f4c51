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
	"time"

	"github.com/ocfsim/ocfsim/conformance/durable"
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
	SampleDir    = "sample" // what the suite found, of the Devices that were judged
	OwnersDir    = "owners" // credentials of Devices that were owned by the run
)

// About says what a run is of, so that it can be resumed.
type About struct {
	Schema   string    `json:"schema"` // "ocfsim.drive/1"
	Version  string    `json:"version"`
	Fleet    []string  `json:"fleet"`
	Campaign string    `json:"campaign"` // the name of the file that CampaignFile is a copy of
	Began    time.Time `json:"began"`
}

// aboutSchema is the form of AboutFile.
const aboutSchema = "ocfsim.drive/1"

// Record keeps what became of each Device, in a folder.
type Record struct {
	dir  string
	file *os.File
	w    *bufio.Writer
	told time.Time // when w was flushed last
}

// Create begins the record of a run in dir, which must not have one.
func Create(dir string, about About, plan []byte) (*Record, error) {
	if _, err := os.Stat(filepath.Join(dir, ResultsFile)); !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s has the record of an earlier run: give another folder, or --resume", dir)
	}
	about.Schema = aboutSchema
	text, err := json.MarshalIndent(about, "", "  ")
	if err != nil {
		return nil, err
	}
	for name, data := range map[string][]byte{AboutFile: append(text, '\n'), CampaignFile: plan} {
		if err := writeFile(filepath.Join(dir, name), data); err != nil {
			return nil, err
		}
	}
	return open(dir)
}

// Resume opens the record of a run that is to go on, and returns what it is of.
func Resume(dir string) (*Record, About, error) {
	var about About
	text, err := os.ReadFile(filepath.Join(dir, AboutFile))
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
	file, err := os.OpenFile(filepath.Join(dir, ResultsFile), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	return &Record{dir: dir, file: file, w: bufio.NewWriterSize(file, 64<<10), told: time.Now()}, nil
}

// Earlier calls see with each Result of the record, in order. What the end of a program
// has left of its last line is cut off.
func (r *Record) Earlier(see func(Result)) error {
	lines, whole := bufio.NewReaderSize(r.file, 64<<10), int64(0)
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
			return fmt.Errorf("%s:%d: %w", filepath.Join(r.dir, ResultsFile), n, err)
		}
		whole += int64(len(line))
		see(one)
	}
	if err := r.file.Truncate(whole); err != nil {
		return err
	}
	_, err := r.file.Seek(whole, io.SeekStart)
	return err
}

// Append keeps a Result. It is on its way to the disk within a second of the next one.
func (r *Record) Append(one Result) error {
	line, err := json.Marshal(one)
	if err != nil {
		return err
	}
	if _, err := r.w.Write(append(line, '\n')); err != nil {
		return err
	}
	if time.Since(r.told) < time.Second {
		return nil
	}
	r.told = time.Now()
	return r.w.Flush()
}

// Conclude writes the summary, and the reports for people.
func (r *Record) Conclude(s *Summary) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	var report, page bytes.Buffer
	if err := errors.Join(s.Markdown(&report), s.Page(&page)); err != nil {
		return err
	}
	return errors.Join(
		writeFile(filepath.Join(r.dir, SummaryFile), append(text, '\n')),
		writeFile(filepath.Join(r.dir, ReportFile), report.Bytes()),
		writeFile(filepath.Join(r.dir, PageFile), page.Bytes()),
	)
}

// Close writes what is still in memory.
func (r *Record) Close() error {
	return errors.Join(r.w.Flush(), r.file.Sync(), r.file.Close())
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

// Known is what a Result of an earlier run says that helps to go on with its Device.
func (r Result) Known() Known {
	asked, err := ocf.ParseDPM(r.Asked)
	if err != nil || r.Asked == "" {
		asked = 0
	}
	return Known{From: r.From, Asked: asked}
}
