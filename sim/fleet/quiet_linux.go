package fleet

import (
	"errors"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// silence is after how long without a packet a socket counts as quiet.
	silence = 20 * time.Millisecond
	// rush is how many waits in a row, within rushTime, make it busy; so does a read of many.
	rush     = 32
	rushTime = 32 * time.Millisecond
	// rushBatch is how many packets at once mean that there are more.
	rushBatch = batchSize / 4
)

// quietWait waits for packets through Go's poller, at a socket where few come. Waiting in the
// kernel, as at a busy one, would cost more there: after each wait Go's scheduler looks every
// 20 µs, for a while, whether the thread is still in the kernel. The poller does not know the
// socket itself but an epoll instance, which watches the socket only while somebody waits, and
// tells of what comes and not of what has left.
type quietWait struct {
	file  *os.File // the epoll instance
	raw   syscall.RawConn
	keeps bool // it always watches the socket, which never counts as busy
	busy  bool
	waits int
	since time.Time // when waits was 0
}

func newQuietWait() (*quietWait, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		return nil, errors.Join(os.NewSyscallError("fcntl", err), unix.Close(fd))
	}
	q := &quietWait{file: os.NewFile(uintptr(fd), "epoll"), since: time.Now()}
	if q.raw, err = q.file.SyscallConn(); err != nil {
		return nil, errors.Join(err, q.file.Close())
	}
	return q, nil
}

// keep has it watch fd from now on: each wait is through the poller, however short.
func (q *quietWait) keep(fd int) error {
	q.keeps = true
	return q.watch(fd)
}

func (q *quietWait) watch(fd int) error {
	watched := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)}
	return os.NewSyscallError("epoll_ctl", unix.EpollCtl(q.epoll(), unix.EPOLL_CTL_ADD, fd, &watched))
}

// wait returns when fd can be read, when it is shut down, or after wake. It has one caller at
// a time.
func (q *quietWait) wait(fd int) error {
	q.count()
	if err := q.watch(fd); err != nil {
		return err
	}
	err := q.until(func(epoll uintptr) bool {
		var ready [1]unix.EpollEvent
		n, err := unix.EpollWait(int(epoll), ready[:], 0)
		return n > 0 || err != nil && !errors.Is(err, unix.EINTR)
	})
	return errors.Join(err, os.NewSyscallError("epoll_ctl", unix.EpollCtl(q.epoll(), unix.EPOLL_CTL_DEL, fd, nil)))
}

// until calls done until it returns true, and waits in between until something has come. It
// ends with wake, too.
func (q *quietWait) until(done func(epoll uintptr) bool) error {
	err := q.raw.Read(done)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return nil
	}
	return err
}

// count makes the socket busy where waits are short.
func (q *quietWait) count() {
	if q.waits++; q.waits < rush {
		return
	}
	now := time.Now()
	q.busy, q.waits, q.since = now.Sub(q.since) < rushTime, 0, now
}

// epoll is the number of the epoll instance, which is open as long as somebody may wait.
func (q *quietWait) epoll() (fd int) {
	_ = q.raw.Control(func(n uintptr) { fd = int(n) })
	return fd
}

// wake ends each wait, the one under way and those that follow.
func (q *quietWait) wake() { _ = q.file.SetReadDeadline(time.Unix(1, 0)) }

func (q *quietWait) close() error { return q.file.Close() }

// beside has whoever reads the socket always wait through the poller. It is called before the
// first ReadBatch.
func (w *wildcard) beside() error { return w.quiet.keep(w.fd) }

// receiveBeside is receive where the poller always watches the socket.
func (w *wildcard) receiveBeside(n int) (moved int, err error) {
	err = unix.EAGAIN
	ended := w.quiet.until(func(uintptr) bool {
		moved, err = w.in.callAtOnce(unix.SYS_RECVMMSG, w.fd, 0, n)
		return err != unix.EAGAIN
	})
	if ended != nil {
		return 0, ended
	}
	return moved, err
}

// receive waits until there is a packet, and reads at most n into the incoming vector. It
// returns EAGAIN once the socket is closed. Where the last call has brought many, there are
// more most of the time, so it first looks without waiting.
func (w *wildcard) receive(n int) (moved int, err error) {
	v, q := &w.in, w.quiet
	if q.keeps {
		return w.receiveBeside(n)
	}
	defer func() {
		v.moved = moved
		q.busy = q.busy || moved >= rushBatch
	}()
	if !q.busy || v.moved >= rushBatch {
		if moved, err = v.callAtOnce(unix.SYS_RECVMMSG, w.fd, 0, n); err != unix.EAGAIN {
			return moved, err
		}
	}
	for !w.closed.Load() {
		if q.busy {
			moved, err = v.call(unix.SYS_RECVMMSG, w.fd, 0, n, unix.MSG_WAITFORONE)
			if err != unix.EAGAIN {
				return moved, err
			}
			q.busy, q.waits, q.since = false, 0, time.Now() // silence has passed
		}
		if err := q.wait(w.fd); err != nil {
			return 0, err
		}
		if moved, err = v.callAtOnce(unix.SYS_RECVMMSG, w.fd, 0, n); err != unix.EAGAIN {
			return moved, err
		}
	}
	return 0, unix.EAGAIN
}
