package reports

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/conformance/durable"
)

// Format is one way to report. Each is in a file of its own and in the list of
// Formats. The values of --format, the files that Save leaves in the folder of a
// target, and the files that a new run removes from there all follow from that list.
type Format struct {
	// Name is the value of --format: "json".
	Name string
	// Show writes what stdout shows of a run against one or several targets. It is
	// nil for a format that is only a file.
	Show func(w io.Writer, targets []Entry, style Style) error
	// Follow returns what writes to w while the run goes on, before Show writes what it
	// came to. It is nil for a format that says nothing before the end.
	Follow func(w io.Writer) func(ProgressEvent)
	// File is the name of the file that Save leaves in the folder of each target;
	// Write writes it. It is "" for a format that is only shown.
	File  string
	Write func(w io.Writer, target Entry) error
}

// Formats returns all formats, in the order in which --format lists them. The caller
// owns the slice.
func Formats() []Format {
	return []Format{prettyFormat(), jsonFormat(), ndjsonFormat(), cucumberFormat(), githubFormat(), junitFormat(), pageFormat()}
}

// Shown returns the names of the formats that stdout can show, for --format.
func Shown() []string {
	var names []string
	for _, f := range Formats() {
		if f.Show != nil {
			names = append(names, f.Name)
		}
	}
	return names
}

// Named finds the format of that name among those that stdout can show. Its error
// lists all of them.
func Named(name string) (Format, error) {
	all := Formats()
	i := slices.IndexFunc(all, func(f Format) bool { return f.Name == name && f.Show != nil })
	if i < 0 {
		return Format{}, fmt.Errorf("unknown format %q, expected %s", name, strings.Join(Shown(), ", "))
	}
	return all[i], nil
}

// Files returns the names of the files that Save leaves in the folder of a target.
func Files() []string {
	var names []string
	for _, f := range Formats() {
		if f.File != "" {
			names = append(names, f.File)
		}
	}
	return names
}

// Save writes the file of each format that has one into dir, which must exist. Each
// file is written completely or not at all. Save tries all of them and joins the
// errors.
func Save(dir string, target Entry) error {
	var problems []error
	for _, f := range Formats() {
		if f.File != "" {
			write := func(w io.Writer) error { return f.Write(w, target) }
			problems = append(problems, durable.WriteFile(filepath.Join(dir, f.File), durable.Readable, write))
		}
	}
	return errors.Join(problems...)
}

// inTurn shows the targets one after another, each whole and as write writes it.
func inTurn(write func(io.Writer, Entry) error) func(io.Writer, []Entry, Style) error {
	return func(w io.Writer, targets []Entry, _ Style) error {
		for _, t := range targets {
			t, err := t.whole()
			if err != nil {
				return err
			}
			if err := write(w, t); err != nil {
				return err
			}
		}
		return nil
	}
}
