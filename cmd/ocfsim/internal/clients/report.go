package clients

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/conformance/durable"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/reports"
)

var unsafeInNames = regexp.MustCompile(`[^a-z0-9]+`)

// folderOf is the folder of a Client. Names are uuids and addresses, which stay distinct.
func folderOf(name string) string {
	return strings.Trim(unsafeInNames.ReplaceAllString(strings.ToLower(name), "-"), "-")
}

// makeFolder makes the folder of a Client. What an earlier run recorded there goes.
func (r *Recording) makeFolder(w *watched) error {
	dir := filepath.Join(r.Dir, w.folder)
	return errors.Join(
		os.RemoveAll(filepath.Join(dir, timelinesDir)), os.RemoveAll(filepath.Join(dir, suite.SumsFile)),
		os.MkdirAll(filepath.Join(dir, timelinesDir), 0o755),
	)
}

// pack ends the file of a conversation and packs it. While it is written it is plain, so
// that it can be read if the program is killed.
func (r *Recording) pack(w *watched, t *talk) error {
	plain := filepath.Join(r.Dir, w.folder, filepath.FromSlash(t.name))
	if err := t.file.Close(); err != nil {
		return err
	}
	in, err := os.Open(plain)
	if err != nil {
		return err
	}
	defer in.Close()
	t.name += ".gz"
	sum := sha256.New()
	err = durable.WriteFile(plain+".gz", durable.Readable, func(out io.Writer) error {
		zip := gzip.NewWriter(io.MultiWriter(out, sum))
		_, err := io.Copy(zip, in)
		return errors.Join(err, zip.Close())
	})
	if err != nil {
		return err
	}
	t.sum = hex.EncodeToString(sum.Sum(nil))
	return os.Remove(plain)
}

// saveSums writes the sums of a Client's records, as those of a test are.
func (r *Recording) saveSums(w *watched) error {
	return durable.WriteFile(filepath.Join(r.Dir, w.folder, suite.SumsFile), durable.Readable, func(out io.Writer) error {
		var problems []error
		for _, t := range w.order {
			_, err := fmt.Fprintf(out, "%s  %s\n", t.sum, t.name)
			problems = append(problems, err)
		}
		return errors.Join(problems...)
	})
}

// report judges every Client and writes the reports.
func (r *Recording) report(version, commit string) ([]suite.Result, error) {
	var results []suite.Result
	for _, w := range r.order {
		var talks []conformance.ScenarioRun
		for _, t := range w.order {
			talks = append(talks, assess.Conversation(t.recorder.Timeline(), t.name))
		}
		results = append(results, suite.Result{
			Dir: filepath.Join(r.Dir, w.folder),
			Report: assess.ClientRun{
				Tool: assess.Tool{Name: "ocfsim", Version: version, Commit: commit}, Edition: r.Edition, Client: w.profile, Conversations: talks,
			}.Assess(),
		})
	}
	entries, err := suite.Entries(r.Dir, results)
	if err != nil || len(results) == 0 {
		return results, err
	}
	for i, e := range entries {
		if err := errors.Join(r.saveSums(r.order[i]), reports.Save(results[i].Dir, e)); err != nil {
			return results, err
		}
	}
	return results, reports.WriteIndex(r.Dir, entries)
}
