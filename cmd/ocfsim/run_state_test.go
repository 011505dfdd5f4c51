package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// The manufacturer that a directory keeps is for its owner's eyes alone, and
// the same from then on.
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
		t.Error("it is another one, or the only one")
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 || files[0].Name() != makerFile {
		t.Fatalf("%v, %v, want %s alone", files, err, makerFile)
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
		t.Error("kept in a file")
	}
}

// A zero byte would end the key for a tool that reads it as a C string.
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
