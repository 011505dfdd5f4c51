package reports

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
)

// Format is one way to report. Each stands in a file of its own and in the list
// of Formats: the values of --format, what Save leaves in the folder of a target,
// and what a new run clears away there follow from that list.
type Format struct {
	// Name is what --format calls it: "json".
	Name string
	// Show writes what stdout has of a run against one or several targets; nil
	// for a format that is only a file.
	Show func(w io.Writer, targets []Entry, style Style) error
	// File is what Save leaves in the folder of each target, written by Write;
	// "" for a format that is only shown.
	File  string
	Write func(w io.Writer, target Entry) error
}

// Formats is every format there is, in the order in which --format names them.
// The slice is the caller's.
func Formats() []Format {
	return []Format{prettyFormat(), jsonFormat(), junitFormat(), pageFormat()}
}

// Shown are the names of the formats that stdout can show, for --format.
func Shown() []string {
	var names []string
	for _, f := range Formats() {
		if f.Show != nil {
			names = append(names, f.Name)
		}
	}
	return names
}

// Named is the format of that name among those that stdout can show. The error
// names them all.
func Named(name string) (Format, error) {
	all := Formats()
	i := slices.IndexFunc(all, func(f Format) bool { return f.Name == name && f.Show != nil })
	if i < 0 {
		return Format{}, fmt.Errorf("unknown format %q, expected %s", name, strings.Join(Shown(), ", "))
	}
	return all[i], nil
}

// Files are the names of what Save leaves in the folder of a target.
func Files() []string {
	var names []string
	for _, f := range Formats() {
		if f.File != "" {
			names = append(names, f.File)
		}
	}
	return names
}

// Save writes the file of each format that has one into dir, which exists, each
// of them whole or not at all. All of them are tried; the errors are joined.
func Save(dir string, target Entry) error {
	var problems []error
	for _, f := range Formats() {
		if f.File != "" {
			write := func(w io.Writer) error { return f.Write(w, target) }
			problems = append(problems, WriteFile(filepath.Join(dir, f.File), write))
		}
	}
	return errors.Join(problems...)
}

// inTurn shows the targets one after another, as write writes each.
func inTurn(write func(io.Writer, Entry) error) func(io.Writer, []Entry, Style) error {
	return func(w io.Writer, targets []Entry, _ Style) error {
		for _, t := range targets {
			if err := write(w, t); err != nil {
				return err
			}
		}
		return nil
	}
}
