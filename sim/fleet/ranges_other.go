//go:build !linux

package fleet

import (
	"log/slog"
	"net/netip"
)

// listenRanges opens a socket for each Device of b, because on this system one socket
// cannot serve many addresses.
func listenRanges(b *addressBook, log *slog.Logger) (Conn, *addressBook, error) {
	addrs := make([]netip.AddrPort, b.count)
	for i := range addrs {
		addrs[i] = b.addr(i)
	}
	return listenEach(addrs, log)
}
