package fleet

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// poll is where whoever reads a socket waits without keeping a processor: an epoll of its
// own, which tells of what comes and of nothing else, and which Go's poller knows. Were the
// socket itself known to Go's poller, the kernel would wake it for each packet that has
// left, too.
type poll struct {
	file *os.File
	raw  syscall.RawConn
}

func newPoll(fd int) (*poll, error) {
	ep, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	err = errors.Join(
		os.NewSyscallError("epoll_ctl", unix.EpollCtl(ep, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)})),
		os.NewSyscallError("fcntl", unix.SetNonblock(ep, true)), // else Go's poller does not take it
	)
	p := &poll{file: os.NewFile(uintptr(ep), "epoll")}
	if err == nil {
		p.raw, err = p.file.SyscallConn()
	}
	if err != nil {
		return nil, errors.Join(err, p.file.Close())
	}
	return p, nil
}

// wait calls read until it says that it has read, and waits in between until something
// has come. After close it returns os.ErrClosed.
func (p *poll) wait(read func() bool) error {
	return p.raw.Read(func(uintptr) bool { return read() })
}

// close wakes whoever waits. A nil poll has nobody.
func (p *poll) close() error {
	if p == nil {
		return nil
	}
	return p.file.Close()
}

// beside has whoever reads the socket wait in Go's poller. It is called before the first
// ReadBatch.
func (w *wildcard) beside() (err error) {
	w.poll, err = newPoll(w.fd)
	return err
}

// receive reads up to count messages with one system call, once there is one.
func (w *wildcard) receive(count int) (n int, err error) {
	if w.poll == nil {
		return w.in.call(unix.SYS_RECVMMSG, w.fd, 0, count, unix.MSG_WAITFORONE)
	}
	ended := w.poll.wait(func() bool {
		n, err = w.in.call(unix.SYS_RECVMMSG, w.fd, 0, count, unix.MSG_DONTWAIT)
		return !errors.Is(err, unix.EAGAIN)
	})
	if ended != nil {
		return 0, ended
	}
	return n, err
}
