package fleet

import (
	"encoding/binary"
	"net"
	"net/netip"
	"os"
	"strconv"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// controlSize is enough room for the packet info.
const controlSize = 64

// vector is the memory of one recvmmsg or sendmmsg call.
type vector struct {
	mu       *sync.Mutex
	headers  []unix.Mmsghdr
	parts    []unix.Iovec
	names    []unix.RawSockaddrInet6 // large enough for IPv4, too
	controls [][controlSize / 8]uint64
	moved    int // what the last call has read
}

func newVector() vector {
	v := vector{
		mu:       new(sync.Mutex),
		headers:  make([]unix.Mmsghdr, batchSize),
		parts:    make([]unix.Iovec, batchSize),
		names:    make([]unix.RawSockaddrInet6, batchSize),
		controls: make([][controlSize / 8]uint64, batchSize),
	}
	for i := range v.headers {
		h := &v.headers[i].Hdr
		h.Name = (*byte)(unsafe.Pointer(&v.names[i]))
		h.Iov = &v.parts[i]
		h.SetIovlen(1)
		h.Control = (*byte)(unsafe.Pointer(&v.controls[i]))
	}
	return v
}

// part makes message i point at data.
func (v *vector) part(i int, data []byte) {
	v.parts[i].Base = unsafe.SliceData(data)
	v.parts[i].SetLen(len(data))
}

// call makes one system call for n messages, starting at first, and returns how many
// were moved. It may wait.
func (v *vector) call(trap uintptr, fd, first, n int, flags uintptr) (moved int, err error) {
	for {
		r, _, errno := unix.Syscall6(trap, uintptr(fd), uintptr(unsafe.Pointer(&v.headers[first])), uintptr(n), flags, 0, 0)
		switch errno {
		case 0:
			return int(r), nil
		case unix.EINTR:
		default:
			return 0, errno
		}
	}
}

// callAtOnce is call, but returns EAGAIN if it would have to wait. Go's scheduler is not told
// of it, and so does not take the processor away from a thread that is in the kernel for the
// 0.1 ms that a batch takes: whoever wants to stop the world waits as long.
func (v *vector) callAtOnce(trap uintptr, fd, first, n int) (moved int, err error) {
	for {
		r, _, errno := unix.RawSyscall6(trap, uintptr(fd), uintptr(unsafe.Pointer(&v.headers[first])), uintptr(n), unix.MSG_DONTWAIT, 0, 0)
		switch errno {
		case 0:
			return int(r), nil
		case unix.EINTR:
		default:
			return 0, errno
		}
	}
}

// send sends n messages, starting at first, or as many as it can until one fails. It waits
// where the socket's buffer is full.
func (v *vector) send(fd, first, n int) (int, error) {
	moved, err := v.callAtOnce(unix.SYS_SENDMMSG, fd, first, n)
	if err == unix.EAGAIN {
		return v.call(unix.SYS_SENDMMSG, fd, first, n, 0)
	}
	return moved, err
}

// ReadBatch reads what has arrived with one system call.
func (w *wildcard) ReadBatch(packets []Packet) (int, error) {
	v := &w.in
	v.mu.Lock()
	defer v.mu.Unlock()
	count := min(len(packets), batchSize)
	for {
		for i := range packets[:count] {
			v.part(i, packets[i].Data[:cap(packets[i].Data)])
			h := &v.headers[i].Hdr
			h.Namelen, h.Flags = unix.SizeofSockaddrInet6, 0
			h.SetControllen(controlSize)
		}
		if w.closed.Load() {
			return 0, net.ErrClosed
		}
		n, err := w.receive(count)
		if w.closed.Load() {
			return 0, net.ErrClosed
		}
		if err != nil {
			return 0, os.NewSyscallError("recvmmsg", err)
		}
		if kept := w.sort(packets[:n]); kept > 0 {
			return kept, nil
		}
	}
}

// sort fills in the packets that were read, moves the acceptable ones to the front
// in their order, and returns how many there are.
func (w *wildcard) sort(packets []Packet) int {
	v, kept := &w.in, 0
	for i := range packets {
		p, h := &packets[i], &v.headers[i]
		p.Data = p.Data[:min(int(h.Len), cap(p.Data))]
		p.Cut = h.Hdr.Flags&unix.MSG_TRUNC != 0
		p.Peer = w.peer(&v.names[i])
		control := unsafe.Slice(h.Hdr.Control, min(int(h.Hdr.Controllen), controlSize))
		addr, nic := readControl(control)
		if w.only != 0 && nic != w.only || !addr.IsValid() {
			w.foreign.Add(1)
			continue
		}
		p.Local, p.Multicast = netip.AddrPortFrom(addr, w.port), addr.IsMulticast()
		packets[kept], packets[i] = packets[i], packets[kept]
		kept++
	}
	return kept
}

func (w *wildcard) peer(name *unix.RawSockaddrInet6) netip.AddrPort {
	if w.is4 {
		n := (*unix.RawSockaddrInet4)(unsafe.Pointer(name))
		return netip.AddrPortFrom(netip.AddrFrom4(n.Addr), swapped(n.Port))
	}
	a := netip.AddrFrom16(name.Addr)
	if name.Scope_id != 0 {
		a = a.WithZone(strconv.Itoa(int(name.Scope_id)))
	}
	return netip.AddrPortFrom(a, swapped(name.Port))
}

// swapped converts a port between network and host byte order.
func swapped(port uint16) uint16 {
	var b [2]byte
	binary.NativeEndian.PutUint16(b[:], port)
	return binary.BigEndian.Uint16(b[:])
}

// readControl reads the destination and the interface.
func readControl(control []byte) (dst netip.Addr, nic uint32) {
	for len(control) >= unix.CmsgLen(0) {
		h := (*unix.Cmsghdr)(unsafe.Pointer(unsafe.SliceData(control)))
		size := int(h.Len)
		if size < unix.CmsgLen(0) || size > len(control) {
			return dst, nic
		}
		data := control[unix.CmsgLen(0):size]
		switch {
		case h.Level == unix.IPPROTO_IP && h.Type == unix.IP_PKTINFO && len(data) >= unix.SizeofInet4Pktinfo:
			info := (*unix.Inet4Pktinfo)(unsafe.Pointer(unsafe.SliceData(data)))
			dst, nic = netip.AddrFrom4(info.Addr), uint32(info.Ifindex)
		case h.Level == unix.IPPROTO_IPV6 && h.Type == unix.IPV6_PKTINFO && len(data) >= unix.SizeofInet6Pktinfo:
			info := (*unix.Inet6Pktinfo)(unsafe.Pointer(unsafe.SliceData(data)))
			dst, nic = netip.AddrFrom16(info.Addr), info.Ifindex
		}
		control = control[min(unix.CmsgSpace(len(data)), len(control)):]
	}
	return dst, nic
}

// WriteBatch sends the packets in order, with as few system calls as possible.
func (w *wildcard) WriteBatch(packets []Packet) (int, error) {
	v := &w.out
	v.mu.Lock()
	defer v.mu.Unlock()
	if w.closed.Load() {
		return 0, net.ErrClosed
	}
	sent := 0
	var first error
	for len(packets) > 0 {
		count := min(len(packets), batchSize)
		for i := range packets[:count] {
			w.address(i, &packets[i])
		}
		for at := 0; at < count; {
			n, err := v.send(w.fd, at, count-at)
			sent += n
			at += n
			if err != nil {
				if first == nil {
					first = os.NewSyscallError("sendmmsg", err)
				}
				at++ // this packet is lost, but the others are not
			}
		}
		packets = packets[count:]
	}
	return sent, first
}

// address prepares message i of the outgoing vector.
func (w *wildcard) address(i int, p *Packet) {
	v := &w.out
	v.part(i, p.Data)
	h := &v.headers[i].Hdr
	c := (*unix.Cmsghdr)(unsafe.Pointer(&v.controls[i]))
	info := unsafe.Add(unsafe.Pointer(c), unix.CmsgLen(0))
	if w.is4 {
		*(*unix.RawSockaddrInet4)(unsafe.Pointer(&v.names[i])) = unix.RawSockaddrInet4{
			Family: unix.AF_INET, Port: swapped(p.Peer.Port()), Addr: p.Peer.Addr().As4(),
		}
		h.Namelen = unix.SizeofSockaddrInet4
		c.Level, c.Type = unix.IPPROTO_IP, unix.IP_PKTINFO
		c.SetLen(unix.CmsgLen(unix.SizeofInet4Pktinfo))
		h.SetControllen(unix.CmsgSpace(unix.SizeofInet4Pktinfo))
		*(*unix.Inet4Pktinfo)(info) = unix.Inet4Pktinfo{Spec_dst: p.Local.Addr().As4()}
		return
	}
	scope, _ := strconv.Atoi(p.Peer.Addr().Zone())
	v.names[i] = unix.RawSockaddrInet6{
		Family: unix.AF_INET6, Port: swapped(p.Peer.Port()), Addr: p.Peer.Addr().As16(), Scope_id: uint32(scope),
	}
	h.Namelen = unix.SizeofSockaddrInet6
	c.Level, c.Type = unix.IPPROTO_IPV6, unix.IPV6_PKTINFO
	c.SetLen(unix.CmsgLen(unix.SizeofInet6Pktinfo))
	h.SetControllen(unix.CmsgSpace(unix.SizeofInet6Pktinfo))
	*(*unix.Inet6Pktinfo)(info) = unix.Inet6Pktinfo{Addr: p.Local.Addr().As16()}
}
