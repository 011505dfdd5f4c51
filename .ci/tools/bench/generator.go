//go:build linux

package main

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// window is how many requests are in flight.
	window = 64
	// clientCount is how many addresses the requests come from.
	clientCount = 256
	// patience is how long an answer is waited for before a request counts as lost.
	patience = 2 * time.Second
	// observing marks the tokens of observations. No token of another request has it.
	observing = 0xff << 24
)

// firstClient is the address of the first Client.
var firstClient = endpoint{addr: [4]byte{127, 224, 0, 1}}

// generator is a set of Clients with requests in flight, at consecutive addresses and
// one port. Client c has slot c modulo window, so an answer finds its slot.
type generator struct {
	wire  *wire
	mids  []uint16 // the last one of each Client
	slots [window]slot
	acks  [vectorSize][4]byte // of the notifications in one vector

	told     func(token uint32) // called for each notification; nil for nobody
	answered func(k int, data []byte)
}

// slot is the place of one request in flight.
type slot struct {
	buf    [128]byte
	k      int // number of the request
	token  uint32
	rounds int // requests that had this slot
	busy   bool
}

func newGenerator(clients int) (*generator, error) {
	w, err := openWire(0, patience)
	if err != nil {
		return nil, err
	}
	return &generator{wire: w, mids: make([]uint16, clients)}, nil
}

// request is what a Client asks: whom, with which code, and what follows the token.
type request struct {
	to      endpoint
	code    byte
	rest    []byte
	observe uint32 // token of an observation, or 0
}

// tally is what became of many requests.
type tally struct {
	answers int
	lost    int
	took    time.Duration
}

// errSilent says that a server has stopped answering.
var errSilent = errors.New("no answer to any of the requests in flight")

// drive makes the requests from first on until more returns false, and waits for the
// answers of those in flight.
func (g *generator) drive(first int, more func(k int) bool, ask func(k int) request) (tally, error) {
	var t tally
	k, flying := first, 0
	began := time.Now()
	next := func(i int) {
		if more(k) {
			g.send(i, k, ask(k))
			k++
			flying++
		}
	}
	for i := range window {
		next(i)
	}
	for flying > 0 {
		if err := g.wire.flush(); err != nil {
			return t, err
		}
		n, err := g.wire.receive(unix.MSG_WAITFORONE)
		if err != nil {
			return t, err
		}
		if n == 0 { // everything in flight is lost
			if t.lost += flying; t.answers == 0 || t.lost > 20*window {
				return t, errSilent
			}
			flying = 0
			for i := range window {
				g.slots[i].busy = false
				next(i)
			}
			continue
		}
		for j := range n {
			if i := g.take(j); i >= 0 {
				t.answers++
				flying--
				next(i)
			}
		}
	}
	t.took = time.Since(began)
	return t, g.wire.flush()
}

// send puts request k on its way in slot i.
func (g *generator) send(i, k int, r request) {
	s := &g.slots[i]
	client := i + window*(s.rounds%(len(g.mids)/window))
	s.rounds++
	g.mids[client]++
	s.k, s.busy, s.token = k, true, uint32(i)<<24|uint32(k)&0xffffff
	if r.observe != 0 {
		s.token = r.observe
	}
	if g.wire.out.n == vectorSize { // never more than a window is added between two flushes, but for acknowledgements
		_ = g.wire.flush()
	}
	g.wire.out.add(firstClient.plus(client).addr, r.to, datagram(s.buf[:0], conHead, r.code, g.mids[client], s.token, r.rest))
}

// take looks at datagram j of those received. It returns the slot whose request it
// answers, and -1 if it answers none.
func (g *generator) take(j int) int {
	data := g.wire.data(j)
	token, ok := tokenOf(data)
	local := g.wire.in.local(j)
	slot := g.slotOf(local)
	if s := &g.slots[slot]; ok && s.busy && s.token == token && typeOf(data) == typeACK {
		s.busy = false
		if g.answered != nil {
			g.answered(s.k, data)
		}
		return slot
	}
	if typeOf(data) == typeCON {
		g.acknowledge(j, local, data)
	}
	if ok && token >= observing && g.told != nil {
		g.told(token &^ observing)
	}
	return -1
}

// slotOf is the slot of the Client at an address.
func (g *generator) slotOf(addr [4]byte) int {
	first := firstClient.addr
	offset := int(addr[1])<<16 + int(addr[2])<<8 + int(addr[3]) - int(first[1])<<16 - int(first[2])<<8 - int(first[3])
	return ((offset % window) + window) % window
}

// acknowledge answers a confirmable notification, and a ping by a reset.
func (g *generator) acknowledge(j int, local [4]byte, data []byte) {
	if g.wire.out.n == vectorSize {
		_ = g.wire.flush()
	}
	typ := byte(typeACK)
	if data[1] == 0 {
		typ = typeRST
	}
	g.acks[j] = [4]byte{0x40 | typ<<4, 0, data[2], data[3]}
	g.wire.out.add(local, g.wire.in.peer(j), g.acks[j][:])
}

// listen waits for notifications until done, or until none comes for some time. It returns
// how long after began the last one came.
func (g *generator) listen(began time.Time, done func() bool) (last time.Duration, err error) {
	for !done() {
		n, err := g.wire.receive(unix.MSG_WAITFORONE)
		if err != nil || n == 0 {
			return last, err
		}
		last = time.Since(began)
		for j := range n {
			g.take(j)
		}
		if err := g.wire.flush(); err != nil {
			return last, err
		}
	}
	return last, nil
}

// register starts an observation of pstat for each of count Devices or observers. It returns how many
// were granted.
func (g *generator) register(count int, at func(k int) endpoint) (granted int, err error) {
	g.answered = func(_ int, data []byte) {
		if observed(data) {
			granted++
		}
	}
	defer func() { g.answered = nil }()
	t, err := g.drive(0, func(k int) bool { return k < count }, func(k int) request {
		return request{to: at(k), code: get, rest: observePstat, observe: observing | uint32(k)}
	})
	if err == nil && t.lost > 0 {
		err = fmt.Errorf("%d of %d registrations were lost", t.lost, count)
	}
	return granted, err
}
