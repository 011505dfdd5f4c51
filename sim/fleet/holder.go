package fleet

import (
	"hash/maphash"
	"net/netip"
)

// holders counts how many observations each address holds. An address is kept once,
// however many observations it has.
type holders struct {
	pages   []*[holdersAPage]held // by number; 0 is nobody
	made    uint32                // the last number that was ever given out
	free    uint32                // the first free number
	numbers index
}

// holdersAPage is how many addresses one piece of memory holds.
const holdersAPage = 1 << 8

// held is an address and what it holds. Of a free place, count is the next free one.
type held struct {
	addr  [16]byte
	count uint32
}

// at returns what has that number. It stays where it is.
func (h *holders) at(n uint32) *held { return &h.pages[n/holdersAPage][n%holdersAPage] }

// find returns the number of a peer's address, or 0 if it holds nothing.
func (h *holders) find(seed maphash.Seed, p netip.AddrPort) uint32 {
	addr := p.Addr().As16()
	return h.look(maphash.Bytes(seed, addr[:]), addr)
}

func (h *holders) look(hash uint64, addr [16]byte) uint32 {
	tag := uint32(hash)
	part := h.numbers.of(tag)
	for i := part.first(tag); part.places[i].exchange != 0; i = part.after(i) {
		if n := uint32(part.places[i].exchange); part.places[i].tag == tag && h.at(n).addr == addr {
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
		*h.at(n) = held{addr: addr}
		h.numbers.add(uint32(hash), exchange(n))
	}
	h.at(n).count++
	return n
}

// place returns a free number.
func (h *holders) place() uint32 {
	if n := h.free; n != 0 {
		h.free = h.at(n).count
		return n
	}
	h.made++ // 0 is nobody
	if int(h.made/holdersAPage) == len(h.pages) {
		h.pages = append(h.pages, new([holdersAPage]held))
	}
	return h.made
}

// leave takes one away from what an address holds.
func (h *holders) leave(seed maphash.Seed, n uint32) {
	one := h.at(n)
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
	return int(h.at(n).count)
}
