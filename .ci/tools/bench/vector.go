//go:build linux

package main

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	// vectorSize is how many datagrams one system call moves at most.
	vectorSize = 64
	// datagramSize is room for each datagram that is received, in bytes.
	datagramSize = 1500
	// infoSize is room for the packet info of one datagram, in bytes.
	infoSize = 64
	// bufferSize is the receive buffer that a socket asks for, in bytes. A small datagram is
	// charged 832 of them.
	bufferSize = 64 << 20
)

// vector is the memory of one recvmmsg or sendmmsg call with IP_PKTINFO.
type vector struct {
	headers [vectorSize]unix.Mmsghdr
	parts   [vectorSize]unix.Iovec
	names   [vectorSize]unix.RawSockaddrInet4
	infos   [vectorSize][infoSize / 8]uint64
	n       int // datagrams to be sent
}

func newVector() *vector {
	v := new(vector)
	for i := range v.headers {
		h := &v.headers[i].Hdr
		h.Name, h.Iov = (*byte)(unsafe.Pointer(&v.names[i])), &v.parts[i]
		h.SetIovlen(1)
		h.Control = (*byte)(unsafe.Pointer(&v.infos[i]))
	}
	return v
}

// endpoint is an IPv4 address with a port.
type endpoint struct {
	addr [4]byte
	port uint16
}

func endpointOf(a netip.AddrPort) endpoint { return endpoint{a.Addr().As4(), a.Port()} }

// plus returns the endpoint whose address is i further.
func (e endpoint) plus(i int) endpoint {
	binary.BigEndian.PutUint32(e.addr[:], binary.BigEndian.Uint32(e.addr[:])+uint32(i))
	return e
}

// network converts a port between host and network byte order.
func network(port uint16) uint16 {
	var b [2]byte
	binary.BigEndian.PutUint16(b[:], port)
	return binary.NativeEndian.Uint16(b[:])
}

// add puts one datagram in the vector; data has to stay until it is sent. There has to be
// room for it.
func (v *vector) add(from [4]byte, to endpoint, data []byte) {
	i := v.n
	v.n++
	v.parts[i].Base = unsafe.SliceData(data)
	v.parts[i].SetLen(len(data))
	v.names[i] = unix.RawSockaddrInet4{Family: unix.AF_INET, Port: network(to.port), Addr: to.addr}
	h := &v.headers[i].Hdr
	h.Namelen = unix.SizeofSockaddrInet4
	c := (*unix.Cmsghdr)(unsafe.Pointer(&v.infos[i]))
	c.Level, c.Type = unix.IPPROTO_IP, unix.IP_PKTINFO
	c.SetLen(unix.CmsgLen(unix.SizeofInet4Pktinfo))
	h.SetControllen(unix.CmsgSpace(unix.SizeofInet4Pktinfo))
	*(*unix.Inet4Pktinfo)(unsafe.Add(unsafe.Pointer(c), unix.CmsgLen(0))) = unix.Inet4Pktinfo{Spec_dst: from}
}

// peer is where datagram i came from.
func (v *vector) peer(i int) endpoint {
	return endpoint{v.names[i].Addr, network(v.names[i].Port)}
}

// local is the address that datagram i was sent to.
func (v *vector) local(i int) [4]byte {
	info := (*unix.Inet4Pktinfo)(unsafe.Add(unsafe.Pointer(&v.infos[i]), unix.CmsgLen(0)))
	return info.Addr
}

// wire is a UDP socket at every IPv4 address of this machine. It sends from whichever it
// is told, and knows at which a datagram arrived.
type wire struct {
	fd      int
	port    uint16
	in, out *vector
	buffers [vectorSize][datagramSize]byte
}

// openWire opens the socket at a port; 0 stands for a free one. A wait for datagrams ends
// after patience.
func openWire(port int, patience time.Duration) (*wire, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	w := &wire{fd: fd, in: newVector(), out: newVector()}
	for i := range w.buffers {
		w.in.parts[i].Base = &w.buffers[i][0]
		w.in.parts[i].SetLen(datagramSize)
	}
	if err := w.prepare(port, patience); err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}

func (w *wire) prepare(port int, patience time.Duration) error {
	if unix.SetsockoptInt(w.fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, bufferSize) != nil {
		_ = unix.SetsockoptInt(w.fd, unix.SOL_SOCKET, unix.SO_RCVBUF, bufferSize)
	}
	_ = unix.BindToDevice(w.fd, "lo") // where this is not allowed it listens to more than it need
	wait := unix.NsecToTimeval(patience.Nanoseconds())
	err := errors.Join(
		unix.SetsockoptInt(w.fd, unix.IPPROTO_IP, unix.IP_PKTINFO, 1),
		unix.SetsockoptTimeval(w.fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &wait),
		unix.Bind(w.fd, &unix.SockaddrInet4{Port: port}),
	)
	if err != nil {
		return os.NewSyscallError("prepare a socket", err)
	}
	name, err := unix.Getsockname(w.fd)
	if err != nil {
		return os.NewSyscallError("getsockname", err)
	}
	w.port = uint16(name.(*unix.SockaddrInet4).Port)
	return nil
}

func (w *wire) close() error { return os.NewSyscallError("close", unix.Close(w.fd)) }

// flush sends what was added.
func (w *wire) flush() error {
	v := w.out
	for at := 0; at < v.n; {
		n, _, errno := unix.Syscall6(unix.SYS_SENDMMSG, uintptr(w.fd), uintptr(unsafe.Pointer(&v.headers[at])), uintptr(v.n-at), 0, 0, 0)
		switch errno {
		case 0:
			at += int(n)
		case unix.EINTR, unix.EAGAIN, unix.ENOBUFS:
		default:
			return os.NewSyscallError("sendmmsg", errno)
		}
	}
	v.n = 0
	return nil
}

// receive reads what has arrived. With unix.MSG_WAITFORONE as flags it waits for the
// first datagram; n is 0 if none comes in time. With unix.MSG_DONTWAIT it does not wait.
func (w *wire) receive(flags int) (n int, err error) {
	v := w.in
	for i := range v.headers {
		h := &v.headers[i].Hdr
		h.Namelen = unix.SizeofSockaddrInet4
		h.SetControllen(infoSize)
	}
	for {
		r, _, errno := unix.Syscall6(unix.SYS_RECVMMSG, uintptr(w.fd), uintptr(unsafe.Pointer(&v.headers)), vectorSize, uintptr(flags), 0, 0)
		switch errno {
		case 0:
			return int(r), nil
		case unix.EINTR:
		case unix.EAGAIN:
			return 0, nil
		default:
			return 0, os.NewSyscallError("recvmmsg", errno)
		}
	}
}

// data is datagram i of those received. It stays until the next receive.
func (w *wire) data(i int) []byte {
	return w.buffers[i][:min(int(w.in.headers[i].Len), datagramSize)]
}
