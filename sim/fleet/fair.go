package fleet

import "net/netip"

// Where many want what a fleet has little of, it is shared out by address: whoever has
// most gives way, with what has been silent for the longest time. A peer's port does not
// count, since one machine has all ports.

// tally counts what each address holds.
type tally map[netip.Addr]int

// holder is the address that counts.
func holder(p netip.AddrPort) netip.Addr { return p.Addr().Unmap().WithZone("") }

func (t tally) add(p netip.AddrPort) { t[holder(p)]++ }

func (t tally) remove(p netip.AddrPort) {
	if a := holder(p); t[a] > 1 {
		t[a]--
	} else {
		delete(t, a)
	}
}

func (t tally) of(p netip.AddrPort) int { return t[holder(p)] }

// greedier reports whether the holder at p has more than another would have after it
// has got one more. Taking one from the greedier of the two makes the shares more equal.
func (t tally) greedier(p, than netip.AddrPort) bool { return t.of(p) > t.of(than)+1 }
