package fleet

import (
	"net/netip"
	"slices"
	"time"

	"github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/message/codes"
)

const (
	// maxGatherings bounds the multicast requests that are being answered.
	maxGatherings = 16
	// maxGatheringsOf bounds those of one address.
	maxGatheringsOf = maxGatherings / 4
	// shownPoll is how often it is looked whether a stranger has shown itself.
	shownPoll = 20 * time.Millisecond
)

// The multicast groups that OCF uses for discovery.
var (
	groups4 = []netip.Addr{netip.AddrFrom4([4]byte{224, 0, 1, 187})}
	groups6 = []netip.Addr{
		netip.MustParseAddr("ff02::158"), netip.MustParseAddr("ff03::158"), netip.MustParseAddr("ff05::158"),
	}
)

// groupsOf returns the groups of addr's address family.
func groupsOf(addr netip.Addr) []netip.Addr {
	if addr.Is4() {
		return groups4
	}
	return groups6
}

// gathering is a multicast request. The Devices answer it one after another, spread
// over the leisure (RFC 7252 8.2).
type gathering struct {
	request request
	start   time.Duration
	step    int  // how many Devices have been asked so far
	first   int  // the Device that is asked first
	stride  int  // step from one Device to the next; coprime to the number of Devices
	pinged  bool // its peer was asked to show itself, if it is a stranger
	timer   timer
}

// receiveMulticast begins to answer a request to a group. It ignores anything but a
// GET, anything confirmable, and every error (RFC 7252 8.1).
func (sh *shard) receiveMulticast(p *Packet) {
	sh.sightedByAll(p)
	f := &sh.scratch.frame
	if decode(p.Data, f) != nil || f.typ != message.NonConfirmable || f.code != codes.GET {
		sh.stats.malformed.Add(1)
		return
	}
	on := line{peer: p.Peer}
	key, now := keyOf(on, -1, 0, f.mid), sh.now()
	if _, seen := sh.recall(key); seen {
		sh.stats.duplicates.Add(1)
		return
	}
	if !sh.mayGather(p.Peer) {
		sh.stats.drops.multicast.Add(1)
		return
	}
	sh.meet(key)
	sh.stats.requests.Add(1)
	g := &gathering{start: now, request: request{envelope: envelope{line: on}, multicast: true}}
	if g.request.read(f).code != 0 {
		return
	}
	g.request.token, g.request.body.Payload = slices.Clone(f.token), nil
	g.request.body.Multicast = true
	g.request.observe = observeAbsent
	n := sh.count
	g.first, g.stride = sh.rng.IntN(n), 1+sh.rng.IntN(n)
	for commonDivisor(g.stride, n) != 1 {
		g.stride++
	}
	sh.gatherings = append(sh.gatherings, g)
	sh.schedule(g)
}

// mayGather reports whether a request of peer to a group may be answered beside those
// that are being answered. If there is no room, the oldest request of the address that
// has most of them may give way.
func (sh *shard) mayGather(peer netip.AddrPort) bool {
	of := make(tally)
	for _, g := range sh.gatherings {
		of.add(g.request.peer)
	}
	switch {
	case of.of(peer) >= maxGatheringsOf:
		return false
	case len(sh.gatherings) < maxGatherings:
		return true
	}
	first := slices.MaxFunc(sh.gatherings, func(a, b *gathering) int { return of.of(a.request.peer) - of.of(b.request.peer) })
	if !of.greedier(first.request.peer, peer) {
		return false
	}
	sh.alarm.stop(&first.timer)
	sh.gathered(first)
	sh.stats.drops.multicast.Add(1)
	return true
}

// gathered forgets a multicast request, whose timer is not set.
func (sh *shard) gathered(g *gathering) {
	if i := slices.Index(sh.gatherings, g); i >= 0 {
		sh.gatherings = slices.Delete(sh.gatherings, i, i+1)
	}
}

// schedule picks the time when the next Device answers, somewhere within its share
// of the leisure.
func (sh *shard) schedule(g *gathering) {
	share := sh.leisure / time.Duration(sh.count)
	at := g.start + time.Duration(g.step)*sh.leisure/time.Duration(sh.count)
	if share > 0 {
		at += time.Duration(sh.rng.Int64N(int64(share)))
	}
	sh.alarm.set(&g.timer, at, g)
}

// awaitShown waits until the peer of g has shown itself; one Device has answered and
// pinged it. A peer that does not is answered by no other Device.
func (sh *shard) awaitShown(g *gathering) {
	if sh.now() > g.start+sh.leisure+probeEvery {
		sh.gathered(g)
		sh.stats.drops.unpaid.Add(1)
		return
	}
	sh.alarm.set(&g.timer, sh.now()+shownPoll, g)
}

// expire lets the next Device answer.
func (g *gathering) expire(sh *shard) {
	n := sh.count
	if g.pinged && sh.isStranger(g.request.line) {
		sh.awaitShown(g)
		return
	}
	s := sh.slot((g.first + g.step%n*g.stride) % n)
	if s.reachable() && !sh.asleep(s) {
		r := &sh.scratch.request
		*r = g.request
		r.device, r.local = int(s.index), sh.book.addr(int(s.index))
		sh.ping(r.line)
		g.pinged = true
		sh.perform(s, r)
	}
	if g.step++; g.step < n {
		sh.schedule(g)
		return
	}
	sh.gathered(g)
}

func commonDivisor(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
