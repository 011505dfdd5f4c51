// Package memnet is a datagram network in memory, with seeded loss, delay,
// duplication and reordering. It has no goroutine of its own and does no real I/O,
// so a whole fleet with its Clients fits in a testing/synctest bubble.
package memnet

import (
	"container/heap"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"sync"
	"time"

	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/impair"
)

// queueLength is how many datagrams can wait at an endpoint, as in a socket's
// receive buffer. Further datagrams are lost and counted.
const queueLength = 4096

// clientQueueLength is the same for a Client. It is shorter, because a run makes
// thousands of Clients.
const clientQueueLength = 256

// Impairment says what happens to each datagram, in either direction.
type Impairment = impair.Impairment

// Counts says what has happened to the datagrams so far.
type Counts struct {
	Sent, Delivered, Lost, Duplicated, Reordered, Corrupted int
	Unreachable                                             int // nobody had the address
	Overflowed                                              int // the receiver's queue was full
}

// Net is a network. Its methods may be called from any goroutine.
type Net struct {
	mu      sync.Mutex
	rng     *rand.Rand
	impair  Impairment
	clients map[netip.AddrPort]*Conn
	fleets  map[uint16]*Wildcard
	next    uint32 // number of the next Client address
	counts  Counts
	flights flights
	order   uint64
	timer   *time.Timer
}

// New makes a network. Its accidents depend on seed alone, as long as the datagrams
// are sent in the same order.
func New(seed uint64, impair Impairment) *Net {
	return &Net{
		rng:     rand.New(rand.NewPCG(seed, 0x6d656d6e6574)),
		impair:  impair,
		clients: make(map[netip.AddrPort]*Conn),
		fleets:  make(map[uint16]*Wildcard),
	}
}

// Impair replaces the impairment for datagrams sent from now on.
func (n *Net) Impair(impair Impairment) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.impair = impair
}

// Counts returns what has happened to the datagrams so far.
func (n *Net) Counts() Counts {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.counts
}

// Dial makes a Client's connection from a fresh local address. If remote is a
// multicast group, the connection receives answers from every address.
func (n *Net) Dial(remote netip.AddrPort) (*Conn, error) {
	if !remote.IsValid() || remote.Port() == 0 {
		return nil, fmt.Errorf("memnet: dial %v: expected an address and a port", remote)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	c := newConn(n, n.freshAddr(remote.Addr().Is4()), remote)
	n.clients[c.local] = c
	return c, nil
}

// DialFrom is Dial from a given local address, which no other Client has now.
func (n *Net) DialFrom(local, remote netip.AddrPort) (*Conn, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.clients[local] != nil || local.Addr().Is4() != remote.Addr().Is4() {
		return nil, fmt.Errorf("memnet: dial %v from %v: the address is taken, or of another family", remote, local)
	}
	c := newConn(n, local, remote)
	n.clients[local] = c
	return c, nil
}

// freshAddr returns an address that no Client has had: 192.0.2.1 to .250 or
// 2001:db8::1 onwards, with ports from 49152.
func (n *Net) freshAddr(is4 bool) netip.AddrPort {
	host, port := byte(n.next%250+1), uint16(49152+n.next/250%16000)
	n.next++
	if is4 {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, host}), port)
	}
	a := [16]byte{0: 0x20, 1: 0x01, 2: 0x0d, 3: 0xb8, 15: host}
	return netip.AddrPortFrom(netip.AddrFrom16(a), port)
}

// Wildcard makes a connection that receives everything sent to port, at any address
// that no Client has. A fleet uses it as its Conn.
func (n *Net) Wildcard(port uint16) (*Wildcard, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.fleets[port] != nil {
		return nil, fmt.Errorf("memnet: port %d is taken", port)
	}
	w := &Wildcard{net: n, port: port, queue: make(chan fleet.Packet, queueLength), closed: make(chan struct{})}
	n.fleets[port] = w
	return w, nil
}

// flight is a datagram under way.
type flight struct {
	at    time.Time
	order uint64
	from  netip.AddrPort
	to    netip.AddrPort
	data  []byte
}

// flights is a heap, ordered by time and then by the order of sending.
type flights []flight

func (f flights) Len() int      { return len(f) }
func (f flights) Swap(i, j int) { f[i], f[j] = f[j], f[i] }
func (f flights) Less(i, j int) bool {
	if !f[i].at.Equal(f[j].at) {
		return f[i].at.Before(f[j].at)
	}
	return f[i].order < f[j].order
}
func (f *flights) Push(x any) { *f = append(*f, x.(flight)) }

func (f *flights) Pop() any {
	last := len(*f) - 1
	x := (*f)[last]
	(*f)[last] = flight{}
	*f = (*f)[:last]
	return x
}

// send puts a copy of data on its way.
func (n *Net) send(from, to netip.AddrPort, data []byte) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.counts.Sent++
	fate := n.impair.Fate(n.rng)
	if fate.Lost() {
		n.counts.Lost++
	}
	if fate.N > 1 {
		n.counts.Duplicated++
	}
	for _, c := range fate.Copies[:fate.N] {
		n.launch(from, to, data, c)
	}
}

// launch puts one copy of data on its way.
func (n *Net) launch(from, to netip.AddrPort, data []byte, c impair.Copy) {
	if c.Reordered {
		n.counts.Reordered++
	}
	if c.Flip != 0 {
		n.counts.Corrupted++
	}
	n.order++
	f := flight{from: from, to: to, data: append([]byte(nil), data...), order: n.order}
	c.Apply(f.data)
	if c.Delay == 0 && len(n.flights) == 0 {
		n.deliver(f)
		return
	}
	f.at = time.Now().Add(c.Delay)
	heap.Push(&n.flights, f)
	n.arm()
}

// arm sets the timer to the time of the first flight.
func (n *Net) arm() {
	if len(n.flights) == 0 {
		return
	}
	wait := max(time.Until(n.flights[0].at), 0)
	if n.timer == nil {
		n.timer = time.AfterFunc(wait, n.land)
		return
	}
	n.timer.Reset(wait)
}

// land delivers the flights that are due, in order.
func (n *Net) land() {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := time.Now()
	for len(n.flights) > 0 && !n.flights[0].at.After(now) {
		n.deliver(heap.Pop(&n.flights).(flight))
	}
	n.arm()
}

func (n *Net) deliver(f flight) {
	if c := n.clients[f.to]; c != nil {
		if c.accepts(f.from) {
			n.count(c.offer(f))
		}
		return
	}
	if w := n.fleets[f.to.Port()]; w != nil {
		n.count(w.offer(f))
		return
	}
	n.counts.Unreachable++
}

func (n *Net) count(taken bool) {
	if taken {
		n.counts.Delivered++
	} else {
		n.counts.Overflowed++
	}
}
