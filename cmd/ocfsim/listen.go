package main

import (
	"fmt"
	"net"
	"net/netip"

	"github.com/ocfsim/ocfsim/ocf"
)

// checkListen says what is wrong with the address of a flag at which this program is to
// listen; it may be empty where the flag was not given.
func checkListen(flag, addr string) error {
	if addr == "" {
		return nil
	}
	_, port, err := net.SplitHostPort(addr)
	if err == nil && port != "0" {
		err = ocf.CheckPort(port)
	}
	if err != nil {
		return fmt.Errorf("%s %q: expected ADDR:PORT, such as 127.0.0.1:9000", flag, addr)
	}
	return nil
}

// parseListen reads ADDR or ADDR:PORT. Without a port it is CoAP's, 5683.
func parseListen(s string) (netip.AddrPort, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		return netip.AddrPortFrom(a, 5683), nil
	}
	ap, err := netip.ParseAddrPort(s)
	if err != nil {
		return ap, fmt.Errorf("--listen %q: expected ADDR or ADDR:PORT, such as 127.1.0.1:5683 or [::1]:5683", s)
	}
	return ap, nil
}
