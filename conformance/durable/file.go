// Package durable writes files so that they survive the end of the program and a loss of power.
package durable

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// WriteFile writes the file at path completely or not at all: it writes and syncs a
// temporary file in the same folder, and then renames it. If it returns an error
// (from write, or because the disk is full), path is unchanged. mode is its permissions.
func WriteFile(path string, mode fs.FileMode, write func(io.Writer) error) error {
	dir := filepath.Dir(path)
	tmp, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	err = write(tmp)
	if err == nil {
		err = tmp.Chmod(mode)
	}
	if err == nil {
		err = tmp.Sync()
	}
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", path, err), gone(os.Remove(tmp.Name())))
	}
	return SyncDir(dir)
}

// SyncFile makes a file that was written earlier survive a loss of power.
func SyncFile(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0) // other systems sync only what may be written
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Readable is the mode of a file that everyone may read, Private of one for its owner alone.
const (
	Readable fs.FileMode = 0o644
	Private  fs.FileMode = 0o600
)

// gone returns err, unless err says that there was nothing to remove.
func gone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
