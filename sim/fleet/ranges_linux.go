package fleet

import (
	"errors"
	"log/slog"
	"net/netip"
)

// listenRanges opens one socket for each address family of b.
func listenRanges(b *addressBook, log *slog.Logger) (Conn, *addressBook, error) {
	var conns []Conn
	for _, first := range b.families() {
		nic, err := interfaceOf(first)
		if err != nil {
			return nil, nil, closeAll(err, conns)
		}
		at := &addressBook{base: netip.AddrPortFrom(first, b.base.Port()), count: 1}
		conn, at, err := listenWildcard(at, groupsOf(first), nic, log)
		if err != nil {
			return nil, nil, closeAll(err, conns)
		}
		b.base = netip.AddrPortFrom(b.base.Addr(), at.base.Port()) // a free port, if none was asked for
		conns = append(conns, conn)
	}
	if len(conns) == 1 {
		return conns[0], b, nil
	}
	if !b.base.Addr().Is4() {
		conns[0], conns[1] = conns[1], conns[0]
	}
	return newBothFamilies(conns[0], conns[1], log), b, nil
}

func closeAll(err error, conns []Conn) error {
	for _, c := range conns {
		err = errors.Join(err, c.Close())
	}
	return err
}
