package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// TestKeptManufacturer checks that a directory keeps one manufacturer, the same from
// run to run, in a file that only its owner may read.
func TestKeptManufacturer(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "state")
	first, err := makerIn(dir)
	if err != nil {
		t.Fatal(err)
	}
	again, err := makerIn(dir)
	if err != nil {
		t.Fatal(err)
	}
	other, err := makerIn("")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first.PEM(), again.PEM()) || bytes.Equal(first.PEM(), other.PEM()) {
		t.Error("the directory does not keep its manufacturer, or one that is not kept is the same")
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 || files[0].Name() != makerFile {
		t.Fatalf("files %v, error %v; want only %s", files, err, makerFile)
	}
	info, err := files[0].Info()
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && info.Mode() != fs.FileMode(0o600) {
		t.Errorf("mode %v", info.Mode())
	}
}

func TestManufacturerThatCannotBeKept(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := makerIn(file); err == nil {
		t.Error("no error for a directory that is a file")
	}
}

// TestOwnersKeyHasNoZero checks the keys that run draws: a tool that reads a key as a
// C string would end it at a zero byte.
func TestOwnersKeyHasNoZero(t *testing.T) {
	for range 64 {
		owner, err := ownerOf(filepath.Join(t.TempDir(), "owner.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		if len(owner.Key) != 16 || bytes.IndexByte(owner.Key, 0) >= 0 {
			t.Fatal("the key has a zero byte, or another length")
		}
	}
}
