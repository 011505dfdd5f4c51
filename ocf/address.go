package ocf

import (
	"fmt"
	"net/netip"
)

// CheckAddress says why nothing can be sent from one Client to one Device at a: it stands for
// all of a network (RFC 919 section 7), or it is link-local and does not say on which link (RFC
// 4007 section 6). Groups are for the caller to refuse.
func CheckAddress(a netip.Addr) error {
	switch {
	case a == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return fmt.Errorf("%v stands for all of a network, expected the address of one Device", a)
	case a.Is6() && a.IsLinkLocalUnicast() && a.Zone() == "":
		return fmt.Errorf("%v is link-local, expected it with the name of its interface, such as [%v%%eth0]", a, a)
	}
	return nil
}
