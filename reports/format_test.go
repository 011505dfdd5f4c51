package reports

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// TestFormats checks every format in the list for what the rest of the program
// relies on.
func TestFormats(t *testing.T) {
	var names, files []string
	for _, f := range Formats() {
		if f.Name == "" || slices.Contains(names, f.Name) {
			t.Errorf("the name %q is empty or taken", f.Name)
		}
		if f.File != "" && slices.Contains(files, f.File) {
			t.Errorf("%s: the file %s is taken", f.Name, f.File)
		}
		if (f.File == "") != (f.Write == nil) || f.Show == nil && f.Write == nil {
			t.Errorf("%s is neither shown nor a file", f.Name)
		}
		names, files = append(names, f.Name), append(files, f.File)
	}
}

func TestNamed(t *testing.T) {
	for _, name := range Shown() {
		if f, err := Named(name); err != nil || f.Name != name {
			t.Errorf("%s: %q, %v", name, f.Name, err)
		}
	}
	for _, name := range []string{"", "xml", "html"} { // html is only a file
		if _, err := Named(name); err == nil || !strings.Contains(err.Error(), "expected "+strings.Join(Shown(), ", ")) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// everyWriter returns every way in which a format can write about targets.
func everyWriter(targets ...Entry) map[string]func(io.Writer) error {
	all := map[string]func(io.Writer) error{}
	for _, f := range Formats() {
		if f.Show != nil {
			all[f.Name] = func(w io.Writer) error { return f.Show(w, targets, Style{}) }
		}
		if f.Write != nil {
			all[f.File] = func(w io.Writer) error { return f.Write(w, targets[0]) }
		}
	}
	return all
}

func TestFormatsSayWhenTheyCannotWrite(t *testing.T) {
	s := acme()
	for _, targets := range [][]Entry{
		{{Report: s.report, Timelines: s.timeline, Rerun: rerun}},
		{{Report: s.report}, {Report: s.report}},
	} {
		for name, write := range everyWriter(targets...) {
			for _, room := range []int{0, 100} {
				if err := write(&brokenWriter{room: room}); !errors.Is(err, syscall.ENOSPC) {
					t.Errorf("%s of %d targets with room for %d bytes: %v", name, len(targets), room, err)
				}
			}
		}
	}
}

func TestSave(t *testing.T) {
	s := acme()
	dir, target := t.TempDir(), Entry{Report: s.report, Timelines: s.timeline, Rerun: rerun}
	if err := Save(dir, target); err != nil {
		t.Fatal(err)
	}
	for _, name := range Files() {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != len(Files()) {
		t.Errorf("the folder has %v, %v", left, err)
	}
	if err := Save(filepath.Join(dir, "none"), target); err == nil {
		t.Error("a missing folder went unnoticed")
	}
}

// For several targets, the person at the terminal is told how the harness gained
// access to each, and where to read on.
func TestPrettyOfSeveralTargets(t *testing.T) {
	owned, plain := acme().report, acme().report
	owned.Target.Secured, owned.Target.Owning = true, "pin"
	plain.Target.Secured = false
	var b bytes.Buffer
	f, err := Named("pretty")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Show(&b, []Entry{{Report: owned}, {Report: plain}}, Style{Folder: "out/1"}); err != nil {
		t.Fatal(err)
	}
	if want := "targets: 1 owned by Random PIN, 1 unsecured\nresults in out/1\n"; !strings.HasSuffix(b.String(), want) {
		t.Errorf("it does not end with %q:\n%s", want, b.String())
	}
}
