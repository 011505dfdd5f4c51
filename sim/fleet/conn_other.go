//go:build !linux

package fleet

import (
	"log/slog"
	"net/netip"
)

// listen opens a socket for each Device of b, because on this system one socket
// cannot serve many addresses. The addresses must exist; --port-per-device needs
// only one.
func listen(b *addressBook, _ []netip.Addr, log *slog.Logger) (Conn, *addressBook, error) {
	addrs := make([]netip.AddrPort, b.count)
	for i := range addrs {
		addrs[i] = b.addr(i)
	}
	return listenEach(addrs, log)
}
