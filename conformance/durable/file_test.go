package durable_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/ocfsim/ocfsim/conformance/durable"
)

func write(path, text string) error {
	return durable.WriteFile(path, durable.Private, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}

// TestTheOldFileStays makes writing fail: what was kept before is still there.
func TestTheOldFileStays(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "f")
	if err := write(name, "old"); err != nil {
		t.Fatal(err)
	}
	if err := write(filepath.Join(dir, "none", "f"), "new"); err == nil {
		t.Error("it wrote into a folder that is not there")
	}
	if err := os.Mkdir(filepath.Join(dir, "d"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := write(filepath.Join(dir, "d"), "new"); err == nil {
		t.Error("it replaced a folder")
	}
	if got, err := os.ReadFile(name); err != nil || string(got) != "old" {
		t.Errorf("%q, %v", got, err)
	}
	left, err := filepath.Glob(filepath.Join(dir, ".*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestWriteFileIsWholeOrNotAtAll(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "results.json")
	writes := func(text string, fails error) error {
		return durable.WriteFile(name, durable.Readable, func(w io.Writer) error {
			if _, err := io.WriteString(w, text); err != nil {
				return err
			}
			return fails
		})
	}
	if err := writes("first", nil); err != nil {
		t.Fatal(err)
	}
	if err := writes("half of the sec", syscall.ENOSPC); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("a full disk was reported as %v", err)
	}
	if got, err := os.ReadFile(name); err != nil || string(got) != "first" {
		t.Errorf("after a full disk the file reads %q, %v", got, err)
	}
	if err := writes("second", nil); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(name); string(got) != "second" {
		t.Errorf("the file reads %q", got)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	missing := filepath.Join(dir, "no", "such", "folder.json")
	if err := durable.WriteFile(missing, durable.Readable, func(io.Writer) error { return nil }); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing folder was reported as %v", err)
	}
}
