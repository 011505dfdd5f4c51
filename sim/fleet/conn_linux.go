package fleet

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	// receiveBuffer is the buffer size that a socket asks the kernel for. It holds 40,000
	// small datagrams, and takes no memory while they are read in time.
	receiveBuffer = 16 << 20
	// smallBuffer is the size below which bursts are lost. It holds 5,000 small datagrams.
	smallBuffer = 4 << 20
)

// wildcard is one UDP socket for every address of its family. IP_PKTINFO, or
// IPV6_RECVPKTINFO, carries the Device's address with each packet in both
// directions.
//
// The socket blocks, and while it is busy, whoever reads it waits in the kernel. Were it known
// to Go's poller, the kernel would call the poller for every packet that comes and for every
// one that has left. For how it is waited at a quiet one, and beside other work, see quietWait.
type wildcard struct {
	fd       int
	is4      bool
	port     uint16
	only     uint32     // index of the only interface to accept packets from; 0: any
	in, out  vector     // whoever holds either lock may use fd
	quiet    *quietWait // whoever holds in's lock may use it
	closed   atomic.Bool
	released bool   // fd is closed
	overflow uint64 // packets that the kernel has dropped, as it last said
	foreign  atomic.Uint64
}

// listen opens the sockets of the Devices of b, and joins groups: one each for a few
// Devices that stay where they are, and one for all of them otherwise.
func listen(b *addressBook, groups []netip.Addr, log *slog.Logger) (Conn, *addressBook, error) {
	nic, err := interfaceOf(b.base.Addr())
	if err != nil {
		return nil, nil, err
	}
	if b.moves == nil && (b.count == 1 || b.count <= few && b.base.Port() != 0) {
		conn, book, err := listenFew(b, groups, nic, log)
		if !errors.Is(err, unix.EADDRNOTAVAIL) || b.base.Addr().Is4() {
			return conn, book, err
		}
		// An IPv6 prefix that is routed here: no interface has its addresses.
	}
	return listenWildcard(b, groups, nic, log)
}

// listenWildcard opens one socket for all Devices of b. If Device 0 is at a loopback
// address, the socket accepts packets only from the loopback interface.
func listenWildcard(b *addressBook, groups []netip.Addr, nic *net.Interface, log *slog.Logger) (Conn, *addressBook, error) {
	if nic == nil {
		log.Warn("no interface of this machine has the address: nothing reaches the Devices unless it is routed here", "address", b.base.Addr())
	}
	w := &wildcard{is4: b.base.Addr().Is4(), in: newVector(), out: newVector()}
	family := unix.AF_INET6
	if w.is4 {
		family = unix.AF_INET
	}
	var err error
	if w.fd, err = unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0); err != nil {
		return nil, nil, os.NewSyscallError("socket", err)
	}
	if w.quiet, err = newQuietWait(); err != nil {
		return nil, nil, errors.Join(err, unix.Close(w.fd))
	}
	if err := w.prepare(b.base.Addr(), nic, log); err != nil {
		return nil, nil, errors.Join(err, w.Close())
	}
	if err := w.bind(b.base.Port()); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("listen for %v: %w", b.base, err), w.Close())
	}
	w.join(groups, nic, log)
	b.base = netip.AddrPortFrom(b.base.Addr(), w.port)
	return w, b, nil
}

// bind takes the port at every address; 0 stands for any free one.
func (w *wildcard) bind(port uint16) error {
	at := unix.Sockaddr(&unix.SockaddrInet6{Port: int(port)})
	if w.is4 {
		at = &unix.SockaddrInet4{Port: int(port)}
	}
	if err := unix.Bind(w.fd, at); err != nil {
		return os.NewSyscallError("bind", err)
	}
	at, err := unix.Getsockname(w.fd)
	if err != nil {
		return os.NewSyscallError("getsockname", err)
	}
	switch at := at.(type) {
	case *unix.SockaddrInet4:
		w.port = uint16(at.Port)
	case *unix.SockaddrInet6:
		w.port = uint16(at.Port)
	}
	return nil
}

// interfaceOf returns the interface that has addr, or nil if no single interface
// does.
func interfaceOf(addr netip.Addr) (*net.Interface, error) {
	all, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	for i := range all {
		if addr.IsLoopback() {
			if all[i].Flags&net.FlagLoopback != 0 {
				return &all[i], nil
			}
			continue
		}
		addrs, err := all[i].Addrs()
		if err != nil {
			return nil, err
		}
		for _, a := range addrs {
			if prefix, err := netip.ParsePrefix(a.String()); err == nil && prefix.Contains(addr.WithZone("")) {
				return &all[i], nil
			}
		}
	}
	if addr.IsLoopback() {
		return nil, errors.New("there is no loopback interface")
	}
	return nil, nil
}

// prepare sets the options of the socket before it is bound.
func (w *wildcard) prepare(base netip.Addr, nic *net.Interface, log *slog.Logger) error {
	fd := w.fd
	if base.IsLoopback() {
		if err := unix.BindToDevice(fd, nic.Name); err != nil {
			log.Info("packets from other interfaces are dropped one by one", "reason", err)
		}
		w.only = uint32(nic.Index)
	}
	type option struct{ level, name, value int }
	options := []option{
		{unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 1},
		{unix.IPPROTO_IPV6, unix.IPV6_RECVPKTINFO, 1},
		{unix.IPPROTO_IPV6, unix.IPV6_FREEBIND, 1},
		{unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_ALL, 0},
	}
	if w.is4 {
		options = []option{
			{unix.IPPROTO_IP, unix.IP_PKTINFO, 1},
			{unix.IPPROTO_IP, unix.IP_MULTICAST_ALL, 0},
		}
		if base.IsLoopback() { // nothing is fragmented there, so no packet needs a number (RFC 6864)
			options = append(options, option{unix.IPPROTO_IP, unix.IP_MTU_DISCOVER, unix.IP_PMTUDISC_DO})
		}
	}
	for _, o := range options {
		if err := unix.SetsockoptInt(fd, o.level, o.name, o.value); err != nil {
			return os.NewSyscallError(fmt.Sprintf("setsockopt %d/%d", o.level, o.name), err)
		}
	}
	wait := unix.NsecToTimeval(silence.Nanoseconds())
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &wait); err != nil {
		return os.NewSyscallError("setsockopt SO_RCVTIMEO", err)
	}
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, receiveBuffer) != nil {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, receiveBuffer)
	}
	if got, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF); err == nil && got < smallBuffer {
		log.Warn("small receive buffer: bursts will be lost; raise net.core.rmem_max", "bytes", got, "wanted", smallBuffer)
	}
	return nil
}

// join makes the socket a member of groups on one interface.
func (w *wildcard) join(groups []netip.Addr, nic *net.Interface, log *slog.Logger) {
	if nic == nil {
		return
	}
	for _, g := range groups {
		if err := joinGroup(w.fd, g, nic.Index); err != nil {
			log.Info("no multicast discovery", "group", g, "interface", nic.Name, "reason", err)
		}
	}
}

func joinGroup(fd int, group netip.Addr, nic int) error {
	if group.Is4() {
		return unix.SetsockoptIPMreqn(fd, unix.IPPROTO_IP, unix.IP_ADD_MEMBERSHIP,
			&unix.IPMreqn{Multiaddr: group.As4(), Ifindex: int32(nic)})
	}
	return unix.SetsockoptIPv6Mreq(fd, unix.IPPROTO_IPV6, unix.IPV6_JOIN_GROUP,
		&unix.IPv6Mreq{Multiaddr: group.As16(), Interface: uint32(nic)})
}

// Losses returns how many packets the kernel has dropped, and how many came from
// another interface.
func (w *wildcard) Losses() (overflow, foreign uint64) {
	w.out.mu.Lock()
	defer w.out.mu.Unlock()
	w.countDropped()
	return w.overflow, w.foreign.Load()
}

// countDropped asks the kernel how many packets it has dropped, if the socket is open. A
// kernel before Linux 4.12 does not say. The caller holds out.mu.
func (w *wildcard) countDropped() {
	if w.released {
		return
	}
	var counts [skMemInfoDrops + 1]uint32
	size := uint32(unsafe.Sizeof(counts))
	_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(w.fd), unix.SOL_SOCKET, unix.SO_MEMINFO,
		uintptr(unsafe.Pointer(&counts)), uintptr(unsafe.Pointer(&size)), 0)
	if errno == 0 && uintptr(size) == unsafe.Sizeof(counts) {
		w.overflow = uint64(counts[skMemInfoDrops])
	}
}

// skMemInfoDrops is where SO_MEMINFO has the dropped packets: SK_MEMINFO_DROPS of
// linux/sock_diag.h.
const skMemInfoDrops = 8

// Close closes the socket. A read under way returns net.ErrClosed. It may be called more
// than once.
func (w *wildcard) Close() error {
	if w.closed.Swap(true) {
		return nil
	}
	_ = unix.Shutdown(w.fd, unix.SHUT_RD) // says that there is no connection, and wakes whoever reads
	w.quiet.wake()
	w.in.mu.Lock()
	defer w.in.mu.Unlock()
	w.out.mu.Lock()
	defer w.out.mu.Unlock()
	w.countDropped()
	w.released = true
	return errors.Join(os.NewSyscallError("close", unix.Close(w.fd)), w.quiet.close())
}
