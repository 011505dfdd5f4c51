package lab

import (
	"context"
	"net"
	"net/netip"

	"github.com/ocfsim/ocfsim/sim/memnet"
)

// VirtualAddr is the address of the first Device of OpenVirtual.
var VirtualAddr = netip.MustParseAddrPort("127.2.0.1:5683")

// OpenVirtual runs cfg's specimens on an in-memory network instead of sockets, the
// first one at cfg.Listen, or at VirtualAddr if that is the zero value. In a bubble they live in
// its virtual time. OpenVirtual itself sets Conn, Secure and Dial of cfg.
func OpenVirtual(cfg Config, network *memnet.Net) (*Lab, error) {
	if !cfg.Listen.IsValid() {
		cfg.Listen = VirtualAddr
	}
	cfg.Dial = func(_ context.Context, address string) (net.Conn, error) {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return nil, err
		}
		return network.Dial(at)
	}
	conn, err := network.Wildcard(cfg.Listen.Port())
	if err != nil {
		return nil, err
	}
	cfg.Conn = conn
	if !cfg.Unsecured {
		secure, err := network.Wildcard(cfg.Listen.Port() + 1)
		if err != nil {
			return nil, err
		}
		cfg.Secure = secure
	}
	return Open(cfg)
}
