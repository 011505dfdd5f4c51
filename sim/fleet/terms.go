package fleet

import (
	"net/netip"

	"github.com/ocfsim/ocfsim/sim"
)

// terms are what many observations have in common: what was asked for, and what the line
// has besides the Client's address. They are kept once.
type terms struct {
	path, iface, rt string // of sim.Rep
	accept          uint16
	version         bool // the Client understands OCF-Content-Format-Version
	szx             uint8
	local           netip.AddrPort // zero: the address that the Device has
	is4             bool           // the Client's address is one of IPv4
	zone            string         // of the Client's address
	session         *session
}

// rep is what is encoded of a state.
func (t *terms) rep(state sim.State) sim.Rep {
	return sim.Rep{Path: t.path, Interface: t.iface, RT: t.rt, State: state, Told: true}
}

// on reports whether l is the line, if the Device and the bytes of the Client's address are
// the same. Without a session a Device has one address at a time.
func (t *terms) on(l line) bool {
	peer := l.peer.Addr()
	return t.session == l.session && t.is4 == peer.Is4() && t.zone == peer.Zone()
}

// termsOf returns the terms of an observation that r asks for.
func (sh *shard) termsOf(s *slot, r *request, rep *sim.Rep) terms {
	peer := r.peer.Addr()
	t := terms{
		path: rep.Path, iface: rep.Interface, rt: rep.RT, accept: r.accept, version: r.version != 0, szx: r.block2.szxOr(maxSZX),
		is4: peer.Is4(), zone: peer.Zone(), session: r.session,
	}
	if r.session != nil || r.local != sh.book.addr(int(s.index)) {
		t.local = r.local
	}
	return t
}

// lineOf returns the line of an observation.
func (sh *shard) lineOf(o *observer) line {
	t, addr := sh.audience.terms.of(o.terms), netip.AddrFrom16(sh.audience.holders.at(o.holder).addr)
	if t.is4 {
		addr = addr.Unmap()
	} else if t.zone != "" {
		addr = addr.WithZone(t.zone)
	}
	l := line{local: t.local, peer: netip.AddrPortFrom(addr, o.port), session: t.session}
	if !l.local.IsValid() {
		l.local = sh.book.addr(int(o.device))
	}
	return l
}

// termTable holds each terms once, by number.
type termTable struct {
	list    []sharedTerms // 0 is none
	free    []uint32
	numbers map[terms]uint32
	last    uint32 // the number that share returned last
}

// sharedTerms are terms and how many observations have them.
type sharedTerms struct {
	terms
	uses uint32
}

// share returns the number of terms, and counts one more use of them.
func (tt *termTable) share(t terms) uint32 {
	if tt.last == 0 || tt.list[tt.last].terms != t {
		tt.last = tt.meet(t)
	}
	tt.list[tt.last].uses++
	return tt.last
}

func (tt *termTable) meet(t terms) uint32 {
	if n, ok := tt.numbers[t]; ok {
		return n
	}
	if tt.numbers == nil {
		tt.numbers, tt.list = make(map[terms]uint32), make([]sharedTerms, 1)
	}
	n := uint32(len(tt.list))
	if last := len(tt.free) - 1; last >= 0 {
		n, tt.free = tt.free[last], tt.free[:last]
	} else {
		tt.list = append(tt.list, sharedTerms{})
	}
	tt.list[n] = sharedTerms{terms: t}
	tt.numbers[t] = n
	return n
}

// release counts one use less. Terms go with their last use.
func (tt *termTable) release(n uint32) {
	one := &tt.list[n]
	if one.uses--; one.uses > 0 {
		return
	}
	delete(tt.numbers, one.terms)
	tt.last = 0
	*one = sharedTerms{}
	tt.free = append(tt.free, n)
}

// of returns the terms with that number. They are valid until share is called.
func (tt *termTable) of(n uint32) *terms { return &tt.list[n].terms }
