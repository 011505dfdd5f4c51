//go:build unix

package fleet_test

import (
	"time"

	"golang.org/x/sys/unix"
)

// busy is the processors' time that this process has taken so far.
func busy() time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
