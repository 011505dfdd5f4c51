package target

import (
	"os"
	"syscall"
)

// The request of termios(3) that drops what was typed and not read yet, and its argument.
const (
	tcflsh   = 0x540b
	tciflush = 0
)

// dropTyped drops what was typed at f and not read yet. It reports false if f is no
// terminal: what waits in a file or a pipe are answers.
func dropTyped(f *os.File) bool {
	raw, err := f.SyscallConn()
	if err != nil {
		return false
	}
	var failed syscall.Errno
	err = raw.Control(func(fd uintptr) {
		_, _, failed = syscall.Syscall(syscall.SYS_IOCTL, fd, tcflsh, tciflush)
	})
	return err == nil && failed == 0
}
