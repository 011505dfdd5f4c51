// Package durable writes files so that they survive the end of the program and a loss of power.
package durable

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// WriteFile writes the file at path completely or not at all: it writes and syncs a
// temporary file in the same folder, and then renames it. If it returns an error
// (from write, or because the disk is full), path is unchanged. mode is its permissions.
// A link stays, and what it leads to is written. What is neither a file nor a folder, such as
// /dev/stdout and a pipe, is written as it is.
func WriteFile(path string, mode fs.FileMode, write func(io.Writer) error) error {
	switch info, err := os.Stat(path); {
	case err == nil && info.IsDir():
		return fmt.Errorf("write %s: %w", path, syscall.EISDIR)
	case err == nil && !info.Mode().IsRegular():
		return through(path, write)
	}
	name := path
	if led, err := filepath.EvalSymlinks(path); err == nil {
		path = led
	}
	dir := filepath.Dir(path)
	tmp, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, bare(err))
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
		return errors.Join(fmt.Errorf("write %s: %w", name, bare(err)), gone(os.Remove(tmp.Name())))
	}
	return SyncDir(dir)
}

// through writes to what can't be renamed.
func through(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(write(f), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, bare(err))
	}
	return nil
}

// bare is err without the name of a temporary file, which says nothing to whoever reads it.
func bare(err error) error {
	var at *fs.PathError
	var from *os.LinkError
	switch {
	case errors.As(err, &from):
		return from.Err
	case errors.As(err, &at):
		return at.Err
	}
	return err
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
