package fleet

import (
	"errors"
	"sync/atomic"
)

// places is how many addresses a Device that moves has, one after another; then it
// begins again with the first.
const places = 8

// errFixed is the error for Devices that are to move and have an address each that is
// not one of many at one socket.
var errFixed = errors.New("moves: the devices need one socket for all their addresses, which they have on Linux without a port for each")

// roam lets the Devices of b move: addresses of further places follow those of the
// first, each place in the order of the Devices.
func (b *addressBook) roam() error {
	if b.list != nil {
		return errFixed
	}
	if _, err := newBook(b.base, b.count*places); err != nil {
		return err
	}
	b.moves = make([]atomic.Int32, b.count)
	return nil
}

// move takes Device i to its next place, if the Devices of b move.
func (b *addressBook) move(i int) {
	if b.moves != nil {
		b.moves[i].Store((b.moves[i].Load() + 1) % places)
	}
}

// place is where Device i is now, counted from its first place.
func (b *addressBook) place(i int) int {
	if b.moves == nil {
		return 0
	}
	return int(b.moves[i].Load())
}

// owner is the Device that has, had or will have the n-th address after the first.
func (b *addressBook) owner(n int) (int, bool) {
	if b.moves == nil {
		return n, n < b.count
	}
	return n % b.count, n < b.count*places
}

// move takes a Device that comes back from a restart to its next address.
func (sh *shard) move(s *slot) {
	i := int(s.index)
	sh.book.move(i)
	if sh.demux != nil {
		sh.demux.book.move(i)
	}
}
