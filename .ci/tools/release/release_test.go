package main

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestPrepareRefuses(t *testing.T) {
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "x"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ version, out, only, want string }{
		{"", "x", "", "--version"},
		{"0.1.0", "x", "", "--version"},
		{"v1.0", "x", "", "--version"},
		{"v0.1.0; rm", "x", "", "--version"},
		{"v0.1.0", "", "", "--out"},
		{"v0.1.0", full, "", "not empty"},
		{"v0.1.0", "x", "plan9/386", "--only"},
	} {
		r := &release{top: "../../..", version: c.version, out: c.out}
		if err := r.prepare(c.only); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v", c, err)
		}
	}
}

func TestPrepareTakesTheTimeOfTheSources(t *testing.T) {
	t.Setenv("SOURCE_DATE_EPOCH", "1700000000")
	r := &release{top: "../../..", version: "v0.1.0", out: "x"}
	if err := r.prepare(""); err != nil {
		t.Fatal(err)
	}
	if len(r.systems) != len(systems()) || !r.at.Equal(time.Unix(1700000000, 0)) {
		t.Errorf("%v at %v", r.systems, r.at)
	}
}

// TestArchivesAreAlike checks that the same files make the same bytes, and that they can
// be read from a zip archive.
func TestArchivesAreAlike(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 6, 0, time.UTC)
	files := []file{{"d/ocfsim.exe", 0o755, []byte("program")}, {"d/LICENSE", 0o644, []byte("text")}}
	for _, pack := range []func([]file, time.Time) ([]byte, error){tarGz, zipped} {
		first, err := pack(files, at)
		if err != nil {
			t.Fatal(err)
		}
		if second, err := pack(files, at); err != nil || !bytes.Equal(first, second) {
			t.Errorf("packed twice, it differs; error %v", err)
		}
	}
	packed, err := zipped(files, at)
	if err != nil {
		t.Fatal(err)
	}
	in, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil || len(in.File) != 2 {
		t.Fatalf("%v, error %v", in, err)
	}
	if f := in.File[0]; f.Name != "d/ocfsim.exe" || f.Mode() != 0o755 || !f.Modified.Equal(at) {
		t.Errorf("%s %v %v", f.Name, f.Mode(), f.Modified)
	}
}
