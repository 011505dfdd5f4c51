package target

import (
	"context"
	"fmt"
	"net"
	"strings"

	coapnet "github.com/plgd-dev/go-coap/v3/net"
)

// family is where OCF Devices listen for multicast, for one version of IP.
type family struct {
	network string
	groups  []string
}

// families are those of OCF.
func families() []family {
	return []family{
		{network: "udp4", groups: []string{"224.0.1.187"}},
		{network: "udp6", groups: []string{"ff02::158", "ff03::158", "ff05::158"}},
	}
}

// multicastInterface is the named interface, or loopback.
func multicastInterface(name string) (*net.Interface, error) {
	if name != "" {
		ifi, err := net.InterfaceByName(name)
		if err != nil {
			return nil, fmt.Errorf("discover on interface %s: %w", name, err)
		}
		return ifi, nil
	}
	all, err := net.Interfaces()
	if err != nil {
		return nil, fmt.Errorf("discover: %w", err)
	}
	for _, ifi := range all {
		if ifi.Flags&net.FlagLoopback != 0 && ifi.Flags&net.FlagUp != 0 {
			return &ifi, nil
		}
	}
	return nil, fmt.Errorf("discover: no loopback interface, name another")
}

// send multicasts request from an address of ifi, to every group that takes
// it, and returns the socket that the answers come to. It listens on that
// address alone.
func (f family) send(ctx context.Context, ifi *net.Interface, port uint16, request []byte) (*coapnet.UDPConn, error) {
	from, err := f.source(ifi)
	if err != nil {
		return nil, err
	}
	socket, err := net.ListenUDP(f.network, from)
	if err != nil {
		return nil, fmt.Errorf("listen on %v: %w", from, err)
	}
	if err := socket.SetReadBuffer(answerBuffer); err != nil {
		socket.Close()
		return nil, fmt.Errorf("receive buffer of %v: %w", from, err)
	}
	conn := coapnet.NewUDPConn(f.network, socket, coapnet.WithErrors(func(error) {}))
	sent := 0
	for _, group := range f.groups {
		to := &net.UDPAddr{IP: net.ParseIP(group), Port: int(port)}
		if f.network == "udp6" {
			to.Zone = ifi.Name
		}
		if e := conn.WriteMulticast(ctx, to, request, coapnet.WithMulticastInterface(*ifi), coapnet.WithMulticastSource(from.IP)); e != nil {
			err = fmt.Errorf("multicast to %s: %w", group, e)
			continue
		}
		sent++
	}
	if sent == 0 {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

// source is the address of ifi that f's requests leave from: link-local where
// IPv6 has one.
func (f family) source(ifi *net.Interface) (*net.UDPAddr, error) {
	addresses, err := ifi.Addrs()
	if err != nil {
		return nil, fmt.Errorf("addresses of %s: %w", ifi.Name, err)
	}
	var best *net.UDPAddr
	for _, a := range addresses {
		ip, _, err := net.ParseCIDR(a.String())
		if err != nil || (ip.To4() == nil) != (f.network == "udp6") {
			continue
		}
		switch {
		case ip.IsLinkLocalUnicast() && f.network == "udp6":
			return &net.UDPAddr{IP: ip, Zone: ifi.Name}, nil
		case best == nil:
			best = &net.UDPAddr{IP: ip}
		}
	}
	if best == nil {
		return nil, fmt.Errorf("%s has no %s address", ifi.Name, strings.Replace(f.network, "udp", "IPv", 1))
	}
	return best, nil
}
