package main

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// state is a digest of every file of the module that its tests may read. If a file changes
// during a run, a test may fail for that reason and seem to kill a mutant: such a run is
// worth nothing.
func state(module string) (string, error) {
	sum := sha256.New()
	err := filepath.WalkDir(module, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == ".git":
			return fs.SkipDir
		case !d.Type().IsRegular():
			return nil
		}
		text, err := os.ReadFile(path)
		fmt.Fprintf(sum, "%s %d %x\n", path, len(text), sha256.Sum256(text))
		return err
	})
	return fmt.Sprintf("%x", sum.Sum(nil)), err
}
