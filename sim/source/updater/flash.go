package updater

import (
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
)

// Flash keeps what Devices have of an image that is not whole yet, so that its transfer goes
// on when this process has ended and another one has begun. Its methods may be called from
// any goroutine, for one Device by one at a time.
type Flash interface {
	// Load is what Save has kept for a Device last; nil for nothing.
	Load(device string) ([]byte, error)
	// Save keeps part for a Device in place of what was kept before; nil erases that.
	Save(device string, part []byte) error
}

// Folder is a Flash of files, one for each Device with an image that is not whole. It is made
// when there is something to keep.
type Folder string

// Load reads a Device's file.
func (f Folder) Load(device string) ([]byte, error) {
	data, err := os.ReadFile(f.file(device))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

// Save writes a Device's file, or removes it. Whoever reads it finds all of it, or what was
// there before.
func (f Folder) Save(device string, part []byte) error {
	name := f.file(device)
	if part == nil {
		if err := os.Remove(name); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	if err := os.MkdirAll(string(f), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(name+".new", part, 0o600); err != nil {
		return err
	}
	return os.Rename(name+".new", name)
}

// file is where the part of a Device is, whatever its name.
func (f Folder) file(device string) string {
	return filepath.Join(string(f), url.PathEscape(device)+".part")
}
