package fleet

import (
	"encoding/binary"
	"fmt"
	"math"
	"net/netip"
	"sync/atomic"
)

// addressBook says which Device has which address.
type addressBook struct {
	base   netip.AddrPort // of Device 0, if addresses are consecutive
	count  int
	list   []netip.AddrPort // one for each Device, if addresses are not consecutive
	index  map[netip.AddrPort]int
	moves  []atomic.Int32 // where each Device is by now, if they move; see move.go
	ranges *ranges        // nil unless the addresses are several ranges; see ranges.go
}

// newBook gives count Devices consecutive addresses, starting at base. It crosses
// octets and leaves none out: 127.1.0.255 is followed by 127.1.1.0. Where a whole
// prefix is local, both are ordinary host addresses.
func newBook(base netip.AddrPort, count int) (*addressBook, error) {
	b := &addressBook{base: base, count: count}
	last, ok := plus(base.Addr(), count-1)
	if !ok {
		return nil, &ConfigError{fmt.Errorf("listen %v: there are no %d addresses from there on", base, count)}
	}
	if base.Addr().IsLoopback() && !last.IsLoopback() {
		if base.Addr().Is6() {
			return nil, &ConfigError{fmt.Errorf("listen %v: IPv6 has one loopback address; use a routed prefix, or a port for each of the %d devices", base, count)}
		}
		return nil, &ConfigError{fmt.Errorf("listen %v: %d devices do not fit into 127.0.0.0/8 from there on", base, count)}
	}
	if broadcast := netip.AddrFrom4([4]byte{127, 255, 255, 255}); last == broadcast {
		return nil, &ConfigError{fmt.Errorf("listen %v: the last device would be at the broadcast address %v", base, broadcast)}
	}
	return b, nil
}

// listBook gives each Device the address at its index.
func listBook(list []netip.AddrPort) *addressBook {
	b := &addressBook{count: len(list), list: list, index: make(map[netip.AddrPort]int, len(list))}
	for i, a := range list {
		b.index[a] = i
	}
	return b
}

// addr returns the address of Device i.
func (b *addressBook) addr(i int) netip.AddrPort {
	if b.list != nil {
		return b.list[i]
	}
	if b.ranges != nil {
		return netip.AddrPortFrom(b.ranges.addr(i), b.base.Port())
	}
	a, _ := plus(b.base.Addr(), i+b.count*b.place(i))
	return netip.AddrPortFrom(a, b.base.Port())
}

// find returns the Device that is at an address now.
func (b *addressBook) find(at netip.AddrPort) (int, bool) {
	i, ok := b.ever(at)
	return i, ok && (b.moves == nil || b.addr(i) == at)
}

// ever returns the Device that is at an address, or has been there.
func (b *addressBook) ever(at netip.AddrPort) (int, bool) {
	if b.list != nil {
		i, ok := b.index[at]
		return i, ok
	}
	if b.ranges != nil && at.Port() == b.base.Port() {
		return b.ranges.find(at.Addr())
	}
	n, ok := minus(at.Addr(), b.base.Addr())
	if !ok || at.Port() != b.base.Port() {
		return 0, false
	}
	return b.owner(n)
}

// plus returns the n-th address after a.
func plus(a netip.Addr, n int) (netip.Addr, bool) {
	if a.Is4() {
		b := a.As4()
		sum := uint64(binary.BigEndian.Uint32(b[:])) + uint64(n)
		binary.BigEndian.PutUint32(b[:], uint32(sum))
		return netip.AddrFrom4(b), sum <= math.MaxUint32
	}
	b := a.As16()
	low := binary.BigEndian.Uint64(b[8:])
	sum := low + uint64(n)
	binary.BigEndian.PutUint64(b[8:], sum)
	return netip.AddrFrom16(b).WithZone(a.Zone()), sum >= low
}

// minus returns how far a lies after base. It is not ok if a lies before base or is
// of another address family.
func minus(a, base netip.Addr) (int, bool) {
	if a.Is4() != base.Is4() {
		return 0, false
	}
	if a.Is4() {
		x, y := a.As4(), base.As4()
		d := int64(binary.BigEndian.Uint32(x[:])) - int64(binary.BigEndian.Uint32(y[:]))
		return int(d), d >= 0
	}
	x, y := a.As16(), base.As16()
	if [8]byte(x[:8]) != [8]byte(y[:8]) {
		return 0, false
	}
	high, low := binary.BigEndian.Uint64(x[8:]), binary.BigEndian.Uint64(y[8:])
	d := high - low
	return int(d), high >= low && d <= math.MaxInt32
}
