package main

import (
	"os"
	"path/filepath"

	"github.com/ocfsim/ocfsim/conformance/ledger"
)

// claimFolder makes the folder if it is not there and locks it for this process, so
// that two runs don't write into one. The error says who has it. The caller calls free
// in the end; if the process is killed, the folder is free too.
func claimFolder(dir string) (free func(), err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	lock, err := ledger.Acquire(filepath.Join(dir, ".ocfsim"))
	if err != nil {
		return nil, err
	}
	return func() { _ = lock.Release() }, nil
}
