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

// asker is a socket from which requests are multicast, and to which the answers come.
type asker struct {
	family
	ifi  *net.Interface
	port uint16
	conn *coapnet.UDPConn
}

// open opens a socket at an address of ifi. It listens on that address alone.
func (f family) open(ifi *net.Interface, port uint16) (asker, error) {
	from, err := f.source(ifi)
	if err != nil {
		return asker{}, err
	}
	socket, err := net.ListenUDP(f.network, from)
	if err != nil {
		return asker{}, fmt.Errorf("listen on %v: %w", from, err)
	}
	if err := socket.SetReadBuffer(answerBuffer); err != nil {
		socket.Close()
		return asker{}, fmt.Errorf("receive buffer of %v: %w", from, err)
	}
	return asker{f, ifi, port, coapnet.NewUDPConn(f.network, socket, coapnet.WithErrors(func(error) {}))}, nil
}

// ask multicasts request to every group that takes it.
func (a asker) ask(ctx context.Context, request []byte) (err error) {
	from := a.conn.LocalAddr().(*net.UDPAddr)
	sent := 0
	for _, group := range a.groups {
		to := &net.UDPAddr{IP: net.ParseIP(group), Port: int(a.port)}
		if a.network == "udp6" {
			to.Zone = a.ifi.Name
		}
		if e := a.conn.WriteMulticast(ctx, to, request, coapnet.WithMulticastInterface(*a.ifi), coapnet.WithMulticastSource(from.IP)); e != nil {
			err = fmt.Errorf("multicast to %s: %w", group, e)
			continue
		}
		sent++
	}
	switch {
	case sent > 0:
		return nil
	case a.network == "udp6" && a.ifi.Flags&net.FlagLoopback != 0:
		return fmt.Errorf("%w; Linux multicasts there after `ip -6 route add local ff00::/8 dev %s`", err, a.ifi.Name)
	}
	return err
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
