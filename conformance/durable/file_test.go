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

// TestWhatIsNoFileStays: a device is written to, and not replaced by a file, and a link stays and
// leads to what is written. An error names the file that was meant.
func TestWhatIsNoFileStays(t *testing.T) {
	dir := t.TempDir()
	null, link, name := filepath.Join(dir, "null"), filepath.Join(dir, "link"), filepath.Join(dir, "f")
	if err := errors.Join(os.Symlink(os.DevNull, null), os.WriteFile(name, []byte("old"), 0o600), os.Symlink("f", link)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(write(null, "new"), write(link, "new")); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(null); err != nil || info.Mode().IsRegular() {
		t.Errorf("%s is a file now: %v", os.DevNull, err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v", err)
	}
	if got, err := os.ReadFile(name); err != nil || string(got) != "new" {
		t.Errorf("the link led to %q, %v", got, err)
	}
	none := filepath.Join(dir, "none", "f")
	if err := write(none, "new"); !errors.Is(err, fs.ErrNotExist) || err.Error() != "write "+none+": "+syscall.ENOENT.Error() {
		t.Errorf("%v", err)
	}
}
