package fleet

import (
	"hash/maphash"
	"net/netip"
)

// holders counts how many observations each address holds. An address is kept once,
// however many observations it has.
type holders struct {
	list    []held // by number; 0 is nobody
	free    uint32 // the first free number
	numbers index
}

// held is an address and what it holds. Of a free place, count is the next free one.
type held struct {
	addr  [16]byte
	count uint32
}

// find returns the number of a peer's address, or 0 if it holds nothing.
func (h *holders) find(seed maphash.Seed, p netip.AddrPort) uint32 {
	addr := p.Addr().As16()
	return h.look(maphash.Bytes(seed, addr[:]), addr)
}

func (h *holders) look(hash uint64, addr [16]byte) uint32 {
	tag := uint32(hash)
	part := h.numbers.of(tag)
	for i := part.first(tag); part.places[i].exchange != 0; i = part.after(i) {
		if n := uint32(part.places[i].exchange); part.places[i].tag == tag && h.list[n].addr == addr {
			return n
		}
	}
	return 0
}

// meet returns the number of a peer's address, which holds one more from now on.
func (h *holders) meet(seed maphash.Seed, p netip.AddrPort) uint32 {
	addr := p.Addr().As16()
	hash := maphash.Bytes(seed, addr[:])
	n := h.look(hash, addr)
	if n == 0 {
		n = h.place()
		h.list[n] = held{addr: addr}
		h.numbers.add(uint32(hash), exchange(n))
	}
	h.list[n].count++
	return n
}

// place returns a free number.
func (h *holders) place() uint32 {
	if n := h.free; n != 0 {
		h.free = h.list[n].count
		return n
	}
	if len(h.list) == 0 {
		h.list = make([]held, 1)
	}
	h.list = append(h.list, held{})
	return uint32(len(h.list) - 1)
}

// leave takes one away from what an address holds.
func (h *holders) leave(seed maphash.Seed, n uint32) {
	one := &h.list[n]
	if one.count--; one.count == 0 {
		h.numbers.remove(uint32(maphash.Bytes(seed, one.addr[:])), exchange(n))
		*one = held{count: h.free}
		h.free = n
	}
}

// of is how many an address holds.
func (h *holders) of(n uint32) int {
	if n == 0 {
		return 0
	}
	return int(h.list[n].count)
}
