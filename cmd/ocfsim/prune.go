package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/reports"
)

// A run for which --out names no folder leaves one in runsDir, named by the time of its
// beginning in the form of runName. The newest runsKept stay there whatever they hold.
const (
	runsDir  = "reports/out"
	runName  = "20060102-150405.000"
	runsKept = 20
)

// pruneRuns removes old runs from dir: of the folders that are named by their time and hold
// what a run leaves and nothing else, the newest keep stay, and of the older ones those that
// were not a success. A run that still goes on is none yet.
func pruneRuns(dir string, keep int) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	var runs []string // the oldest first, because ReadDir sorts by name
	for _, e := range entries {
		if _, err := time.Parse(runName, e.Name()); err == nil && e.IsDir() {
			runs = append(runs, filepath.Join(dir, e.Name()))
		}
	}
	var problems []error
	for _, run := range runs[:max(len(runs)-keep, 0)] {
		if ofARunAlone(run) && succeeded(run) {
			problems = append(problems, os.RemoveAll(run))
		}
	}
	return errors.Join(problems...)
}

// ofARunAlone reports whether dir and the folders in it have no file but those that a run
// leaves there.
func ofARunAlone(dir string) bool {
	known := append(reports.Files(), suite.SumsFile, suite.CaptureFile, reports.IndexFile, reports.IndexPageFile, ".ocfsim.lock")
	foreign := errors.New("not of a run")
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		ofRun := e != nil && (e.IsDir() || slices.Contains(known, e.Name()) || suite.IsTimeline(path))
		if err == nil && !ofRun {
			err = foreign
		}
		return err
	})
	return err == nil
}

// succeeded reports whether the run in dir, against one target or several, ended with a
// verdict that exits with 0.
func succeeded(dir string) bool {
	for name, schema := range map[string]string{reports.ResultsFile: reports.ResultsSchema, reports.IndexFile: reports.IndexSchema} {
		if verdict, err := verdictIn(filepath.Join(dir, name), schema); err == nil {
			code, _ := reports.Exit(verdict)
			return code == 0
		}
	}
	return false
}

// verdictIn reads the verdict from the first fields of a file of that schema, which may be
// long.
func verdictIn(name, schema string) (conformance.Verdict, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	var says struct {
		Schema  string              `json:"schema"`
		Verdict conformance.Verdict `json:"verdict"`
	}
	dec := json.NewDecoder(f)
	if _, err := dec.Token(); err != nil { // the opening brace
		return "", err
	}
	for dec.More() && says.Verdict == "" {
		field, err := dec.Token()
		if err != nil {
			return "", err
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return "", err
		}
		switch field {
		case "schema":
			err = json.Unmarshal(value, &says.Schema)
		case "verdict":
			err = json.Unmarshal(value, &says.Verdict)
		}
		if err != nil {
			return "", err
		}
	}
	if says.Schema != schema {
		return "", fmt.Errorf("%s: schema %q, expected %q", name, says.Schema, schema)
	}
	return says.Verdict, nil
}
