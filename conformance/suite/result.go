package suite

import (
	"cmp"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/reports"
)

// Result is a concluded run against one target. Report.Verdict is what it came
// to. Err is of the harness or its surroundings and stands beside a Report whose
// verdict is error.
//
// Of several targets whose results were written, Report tells what did not pass, and the
// verdict of each requirement: a thousand whole ones would take a gigabyte. Whole reads
// the rest from the disk.
type Result struct {
	Dir         string // where its files are; "" for nowhere
	Report      assess.Report
	Interrupted bool
	Err         error
	Changes     []string                     // of a run that was judged again
	Rerun       func(scenario string) string // the command that runs a scenario again; may be nil

	timelines reports.Timelines // of a run that was not written; else nil
	aside     string            // where its files are until the end of all runs; then ""
	redraw    string            // the command that draws its page whole; "" where the page is
	saved     bool              // its files say what Report says
	shortened bool              // Report tells only what did not pass
}

// Whole is the Report with all findings and all scenarios.
func (r Result) Whole() (assess.Report, error) {
	if !r.shortened {
		return r.Report, nil
	}
	return readReport(filepath.Join(r.place(), reports.ResultsFile))
}

// place is the folder that its files are in.
func (r Result) place() string { return cmp.Or(r.aside, r.Dir) }

// brief is r without what its files tell of what passed, if it is one of several.
func (r Result) brief(several bool) Result {
	if several && r.saved {
		r.Report, r.shortened = reports.Brief(r.Report), true
	}
	return r
}

// idle is r with waivers that name none of the targets, which make it red. If that can't
// be written, the result is an error.
func (r Result) idle(waivers []assess.Waiver) Result {
	if r.Err != nil {
		r.Report = r.Report.Unmatched(waivers)
		return r
	}
	whole, err := r.Whole()
	if err != nil {
		return r.retract(err, r.aside)
	}
	r.Report, r.shortened = whole.Unmatched(waivers), false
	return r.save()
}

// Requirements are the rows of the Report that have one of the verdicts, with
// their findings; all rows where none is given.
func (r Result) Requirements(verdicts ...conformance.Verdict) []assess.RequirementResult {
	var rows []assess.RequirementResult
	for _, row := range r.Report.Requirements {
		if len(verdicts) == 0 || slices.Contains(verdicts, row.Verdict) {
			rows = append(rows, row)
		}
	}
	return rows
}

// Concerns are what did not pass, each with the text that a terminal shows of it:
// first what went wrong with the run as a whole (reports.RunConcluded), then, the
// worst first, the causes for which requirements did not pass, scenarios whose own
// expectations were not met, and waivers that are of no use. Those that only warn, and what is waived, are among
// them; a Concern's Red tells them apart.
func (r Result) Concerns() []reports.Concern { return reports.Concerns(r.entry(), reports.Style{}) }

// Summary is what a terminal shows of the whole run.
func (r Result) Summary() string {
	var b strings.Builder
	style := reports.Style{Rerun: r.Rerun, Timelines: r.Timelines()}
	report, err := r.Whole()
	if err != nil {
		report = r.Report // the files are gone, and this is what is known
	}
	_ = reports.Summary(&b, report, style) // a strings.Builder takes everything
	return b.String()
}

// Timelines reads what was recorded.
func (r Result) Timelines() reports.Timelines {
	if r.timelines != nil {
		return r.timelines
	}
	return timelineReader(r.place())
}

// entry is r as the formats write it.
func (r Result) entry() reports.Entry {
	e := reports.Entry{Report: r.Report, Rerun: r.Rerun, Timelines: r.Timelines(), Redraw: r.redraw}
	if r.shortened {
		e.Whole = r.Whole
	}
	return e
}

// save writes the reports on r aside, if it has a folder. If one of them can't be
// written, the result is an error, and so says every report that still can be.
func (r Result) save() Result {
	if r.Dir == "" {
		return r
	}
	err := reports.Save(r.aside, r.entry())
	if err == nil {
		r.saved = true
		return r
	}
	return r.retract(err, r.aside)
}

// retract is r as the error. The reports on it are removed from the folders and written
// anew into the first, if that is possible.
func (r Result) retract(err error, folders ...string) Result {
	err = errors.Join(r.Err, err)
	if whole, gone := r.Whole(); gone == nil { // else what did not pass is all there is
		r.Report = whole
	}
	r.saved, r.shortened = false, false
	for _, dir := range folders {
		for _, name := range reports.Files() {
			err = errors.Join(err, os.RemoveAll(filepath.Join(dir, name)))
		}
	}
	r = r.failed(err)
	_ = reports.Save(folders[0], r.entry()) // what failed before may fail again
	return r
}

// failed is r as the error that it ended with.
func (r Result) failed(err error) Result {
	r.Report.Verdict, r.Report.Reason = conformance.Error, err.Error()
	r.Err = err
	return r
}

// Entries are the results as the formats of package reports show them; folders are
// relative to dir.
func Entries(dir string, results []Result) ([]reports.Entry, error) {
	var entries []reports.Entry
	for _, r := range results {
		rel, err := filepath.Rel(dir, r.Dir)
		if err != nil {
			return nil, err
		}
		e := r.entry()
		e.Folder = filepath.ToSlash(rel)
		entries = append(entries, e)
	}
	return entries, nil
}
