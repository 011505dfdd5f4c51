//go:build unix

package target

import (
	"os/exec"
	"syscall"
)

// ownGroup runs cmd in a process group of its own, which dies as a whole.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
