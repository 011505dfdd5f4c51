package bundle

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/reports"
)

// Verified is a bundle that is what was signed.
type Verified struct {
	Key     PublicKey // that signed it; the zero value where no key was given
	Result  Outcome   // as it was signed
	Files   int       // how many are packed
	Reports []assess.Report
}

func verified(s Statement, by PublicKey, all []entry) Verified {
	v := Verified{Key: by, Result: s.Predicate.Result, Files: len(s.Subject) - 1}
	for _, e := range all {
		v.Reports = append(v.Reports, e.report)
	}
	return v
}

// Verify checks the bundle in the file name: one of the keys signed it, no byte of it was
// changed since, and its timelines, judged again by this version of the program, have the
// verdicts that were signed. Without keys all is checked but who signed it. An
// ErrRefused says what is wrong with the bundle; any other error is of the surroundings.
func Verify(ctx context.Context, name string, keys []PublicKey, version string) (_ Verified, err error) {
	f, err := os.Open(name)
	if err != nil {
		return Verified{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Verified{}, err
	}
	head, err := io.ReadAll(io.LimitReader(f, largestSeal))
	if err != nil {
		return Verified{}, err
	}
	s, by, length, err := unseal(ctx, head, keys)
	if err != nil {
		return Verified{}, err
	}
	p, err := s.packed()
	if err != nil {
		return Verified{}, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	work, err := os.MkdirTemp("", "ocfsim-verify-")
	if err != nil {
		return Verified{}, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	packed := io.NewSectionReader(f, int64(length), info.Size()-int64(length))
	if err := intact(packed, p, work); err != nil {
		return Verified{}, err
	}
	all, err := judged(work, version)
	if err != nil {
		return Verified{}, err
	}
	if err := s.Predicate.same(conclude(all)); err != nil {
		return Verified{}, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return verified(s, by, all), nil
}

// intact checks that packed is what was signed, byte for byte, and unpacks it into dir. If it
// is not, the error names the file that differs, where that can be told.
func intact(packed *io.SectionReader, p packing, dir string) error {
	sum := newMeasure(io.Discard)
	if _, err := io.Copy(sum, packed); err != nil {
		return err
	}
	if _, err := packed.Seek(0, io.SeekStart); err != nil {
		return err
	}
	err := unpack(packed, p, dir)
	if sum.hex() == p.sum {
		return err
	}
	why := "the packed run is not what was signed"
	switch n := sum.n - p.size; {
	case n > 0:
		why = fmt.Sprintf("it is %d bytes longer than what was signed", n)
	case n < 0:
		why = fmt.Sprintf("it is %d bytes shorter than what was signed", -n)
	}
	switch {
	case err == nil:
		return refuse("%s, though each file in it is", why)
	case errors.Is(err, ErrRefused):
		return refuse("%s: %s", why, strings.TrimPrefix(err.Error(), ErrRefused.Error()+": "))
	}
	return err
}

// judged judges the run in dir again, and refuses it where the verdicts are not those
// that were written.
func judged(dir, version string) ([]entry, error) {
	run := filepath.Join(dir, runFolder)
	old, err := suite.Read(run)
	if err != nil {
		return nil, unjudgeable(dir, err)
	}
	results, err := suite.Rejudge(run, suite.Judging{Version: version})
	if err != nil {
		return nil, unjudgeable(dir, err)
	}
	var all []entry
	for i, r := range results {
		folder, err := filepath.Rel(run, r.Dir)
		if err != nil {
			return nil, err
		}
		e := entry{filepath.ToSlash(folder), old[i]}
		if why := differences(e.report, r.Report); why != "" {
			return nil, refuse("judged again, %s has other verdicts: %s", path.Join(runFolder, e.folder), why)
		}
		if old[i].Reason == reports.Incomplete(assess.Report{}).Reason {
			return nil, refuse("%s is not concluded: the run still goes on, or it crashed", path.Join(runFolder, e.folder))
		}
		all = append(all, e)
	}
	return all, allOf(run, all)
}

// unjudgeable is err, of a run that can't be judged, without the name of the folder dir.
func unjudgeable(dir string, err error) error {
	return refuse("%s", strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), ""))
}

// differences are the verdicts that are not what they were. That a requirement is judged for
// the first time, by a newer version, is none.
func differences(old, fresh assess.Report) string {
	var lines []string
	for _, c := range reports.Compare(old, fresh).Changes {
		if c.Of != "requirement" || c.Was.Verdict != conformance.None {
			lines = append(lines, c.Line())
		}
	}
	if len(lines) == 0 {
		return ""
	}
	const enough = 3
	if n := len(lines); n > enough {
		lines = append(lines[:enough], fmt.Sprintf("and %d more", n-enough))
	}
	if old.Tool.Version != fresh.Tool.Version {
		lines = append(lines, fmt.Sprintf("it was recorded by version %s, and judged now by %s", old.Tool.Version, fresh.Tool.Version))
	}
	return strings.Join(lines, "; ")
}

// allOf refuses results in run that are of no target in all: nobody judged them.
func allOf(run string, all []entry) error {
	return filepath.WalkDir(run, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() != reports.ResultsFile {
			return err
		}
		folder, err := filepath.Rel(run, filepath.Dir(name))
		if err != nil {
			return err
		}
		folder = filepath.ToSlash(folder)
		if !slices.ContainsFunc(all, func(e entry) bool { return e.folder == folder }) {
			return refuse("%s is of no target of the run", path.Join(runFolder, folder, reports.ResultsFile))
		}
		return nil
	})
}
