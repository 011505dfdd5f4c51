package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/ocfsim/ocfsim/conformance/durable"
)

// newFile makes the file of --out, which must not be there yet. A name that can't be that of a
// new file is wrong usage; a disk that is full, or may only be read, is of the surroundings.
func newFile(name string) (*os.File, error) {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil, usage(fmt.Errorf("--out %s: expected the name of a new file", name))
	case errors.Is(err, fs.ErrNotExist):
		return nil, usage(fmt.Errorf("--out: %w", err))
	case err != nil:
		return nil, harness(fmt.Errorf("--out: %w", err))
	}
	return file, nil
}

// writeWhole writes data to a file completely or not at all: on a full disk a file that was there
// stays as it was.
func writeWhole(name string, mode fs.FileMode, data []byte) error {
	return durable.WriteFile(name, mode, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}
