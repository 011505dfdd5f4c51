//go:build unix

package durable

import (
	"errors"
	"os"
	"syscall"
)

// SyncDir makes what was renamed in or deleted from dir survive a power loss, if the file system can do that
// for a folder.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		err = nil
	}
	return errors.Join(err, d.Close())
}
