//go:build unix

package reports

import (
	"errors"
	"os"
	"syscall"
)

// syncDir makes a rename in dir survive a power loss, if the file system can do that
// for a folder.
func syncDir(dir string) error {
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
