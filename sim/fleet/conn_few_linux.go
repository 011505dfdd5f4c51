package fleet

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"

	"golang.org/x/sys/unix"
)

// few is how many Devices at addresses of their own get a socket each. More share
// one socket, which takes the port at every address of the machine (or of loopback).
const few = 16

// listenFew opens a socket at each address of b, and one for each group, so that the
// port stays free at all other addresses. What the groups receive is for every Device.
func listenFew(b *addressBook, groups []netip.Addr, nic *net.Interface, log *slog.Logger) (Conn, *addressBook, error) {
	addrs := make([]netip.AddrPort, b.count)
	for i := range addrs {
		addrs[i] = b.addr(i)
	}
	conn, book, err := listenEach(addrs, log)
	if err != nil || nic == nil {
		return conn, book, err
	}
	s := conn.(*sockets)
	for _, g := range groups {
		at := netip.AddrPortFrom(g, book.list[0].Port())
		udp, err := listenGroup(at, nic)
		if err != nil {
			log.Info("no multicast discovery", "group", g, "interface", nic.Name, "reason", err)
			continue
		}
		s.list = append(s.list, udp)
		s.done.Go(func() { s.read(udp, at, log) })
	}
	return s, book, nil
}

// listenGroup opens a socket at a group address, which other processes may share. It
// receives what is sent to the group on one interface. Package net would take the port
// at every address.
func listenGroup(at netip.AddrPort, nic *net.Interface) (*net.UDPConn, error) {
	family, to := unix.AF_INET, unix.Sockaddr(&unix.SockaddrInet4{Port: int(at.Port()), Addr: at4(at.Addr())})
	if at.Addr().Is6() {
		family, to = unix.AF_INET6, &unix.SockaddrInet6{Port: int(at.Port()), Addr: at.Addr().As16(), ZoneId: uint32(nic.Index)}
	}
	fd, err := unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	file := os.NewFile(uintptr(fd), at.String())
	defer file.Close()
	err = errors.Join(
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1),
		unix.Bind(fd, to),
		joinGroup(fd, at.Addr(), nic.Index),
	)
	if err != nil {
		return nil, err
	}
	pc, err := net.FilePacketConn(file)
	if err != nil {
		return nil, err
	}
	udp, ok := pc.(*net.UDPConn)
	if !ok {
		return nil, fmt.Errorf("a socket of type %T", pc)
	}
	return udp, nil
}

// at4 is an IPv4 address, or zeros for one of IPv6.
func at4(a netip.Addr) (out [4]byte) {
	if a.Is4() {
		out = a.As4()
	}
	return out
}
