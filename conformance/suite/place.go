package suite

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/conformance/durable"
	"github.com/ocfsim/ocfsim/reports"
)

// UnfinishedDir is the folder, in the folder of a run, that the run writes its files
// to. In the end they are moved out of it, and it is removed. If the program dies it
// stays, with all that was recorded. No target's folder has that name, because the name
// of a folder has no dot.
//
// It is inside the folder of the run, not beside it: so it is on the same file system
// even where the folder is mounted, and what others keep in the folder stays there.
const UnfinishedDir = "unfinished.run"

// withdrawn ends the names of the files that Withdraw has renamed.
const withdrawn = ".old"

// concluded are the names of the files that tell a verdict.
func concluded() []string { return append(reports.Files(), reports.IndexFile, reports.IndexPageFile) }

// asides are where the files are written that will be in folders, of which there is one
// for each target: dir, or one in it.
func asides(dir string, folders []string) []string {
	all := make([]string, len(folders))
	for i, folder := range folders {
		switch {
		case dir == "":
		case len(folders) == 1:
			all[i] = filepath.Join(dir, UnfinishedDir)
		default:
			all[i] = filepath.Join(dir, UnfinishedDir, filepath.Base(folder))
		}
	}
	return all
}

// settle moves all files out of dir's UnfinishedDir into dir, those with the verdict last:
// until then the results that stand in dir say incomplete.
func settle(dir string) error {
	from := filepath.Join(dir, UnfinishedDir)
	var folders, verdicts []string // relative to from
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		switch {
		case err != nil:
			return err
		case d.IsDir():
			if _, err := os.Lstat(filepath.Join(dir, name)); errors.Is(err, fs.ErrNotExist) { // as a whole, which takes no space
				return cmp.Or(os.Rename(path, filepath.Join(dir, name)), fs.SkipDir)
			}
			folders = append(folders, name)
			return nil
		case d.Name() == reports.ResultsFile || d.Name() == reports.IndexFile:
			verdicts = append(verdicts, name)
			return nil
		}
		return os.Rename(path, filepath.Join(dir, name))
	})
	if err != nil {
		return err
	}
	for _, name := range folders {
		if err := durable.SyncDir(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	slices.SortFunc(verdicts, func(a, b string) int { return depth(b) - depth(a) }) // the index in the end
	for _, name := range verdicts {
		to := filepath.Join(dir, name)
		if err := os.Rename(filepath.Join(from, name), to); err != nil {
			return err
		}
		if err := durable.SyncDir(filepath.Dir(to)); err != nil {
			return err
		}
	}
	return os.RemoveAll(from)
}

// depth is how many folders a path leads through.
func depth(path string) int { return strings.Count(path, string(filepath.Separator)) }

// Withdraw takes back what an earlier run concluded in dir, before a new one is begun: if
// the new one can't even begin, nobody takes the verdict of the earlier one for its own.
// The files are renamed (results.json.old), in the folders of its targets too, and what was
// recorded stays. It reports whether there was anything to take back. Run does this itself.
func Withdraw(dir string) (found bool, err error) {
	folders, err := recordedIn(dir)
	if err != nil {
		return false, nil // no run, or none whose verdict anybody can read
	}
	for _, folder := range append(folders, dir) {
		for _, name := range concluded() {
			path := filepath.Join(folder, name)
			err := os.Rename(path, path+withdrawn)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return found, fmt.Errorf("take back what an earlier run concluded: %w", err)
			}
			found = found || err == nil
		}
	}
	return found, nil
}

// forget removes what an earlier run concluded and recorded in dir, so that its
// evidence is not taken for this one's.
func forget(dir string) error {
	folders := []string{dir}
	for _, index := range []string{reports.IndexFile, reports.IndexFile + withdrawn} {
		if of, err := indexed(dir, index); err == nil { // else the earlier run had one target, or there was none
			folders = append(folders, of...)
		}
	}
	for _, folder := range folders {
		paths, err := filepath.Glob(filepath.Join(folder, timelinesDir, "*.jsonl*"))
		if err != nil {
			return err
		}
		for _, name := range append(concluded(), SumsFile) {
			paths = append(paths, filepath.Join(folder, name), filepath.Join(folder, name+withdrawn))
		}
		for _, path := range paths {
			if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
		_ = os.Remove(filepath.Join(folder, timelinesDir)) // where something else is in it, it stays
		if folder != dir {
			_ = os.Remove(folder)
		}
	}
	return os.RemoveAll(filepath.Join(dir, UnfinishedDir))
}
