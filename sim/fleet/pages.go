package fleet

import (
	"iter"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
)

// pageSlots is how many neighbours share a page. So many fill pages of memory without a
// rest.
const pageSlots = 1024

// In this file the Devices of a shard stand in pages of neighbours. A Device that does
// nothing when it is started, and has nothing to be kept or told of, is as its model, its
// identity and its seed say. It is made when somebody needs it, and its page when somebody
// needs one of its Devices; until then they take no memory.

// lazy reports whether Devices may be made later than at the start. Where there is a
// Store, a Replay or a Witness, or where stages of processes matter, somebody has to know
// each Device from the start.
func (sh *shard) lazy() bool {
	return sh.store == nil && sh.replay == nil && sh.witness == nil && sh.stages == nil
}

// slot returns Device i. The shard's lock is held.
func (sh *shard) slot(i int) *slot {
	if page := sh.pages[uint(i)/pageSlots]; page != nil {
		if s := &page[uint(i)%pageSlots]; s.is(madeMark) {
			return s
		}
	}
	return sh.needed(i)
}

// needed makes Device i, which does nothing when it is started, and its page if need be.
func (sh *shard) needed(i int) *slot {
	s := sh.place(i)
	*s = sh.newSlot(i)
	s.device.Start(sh.born, nil)
	return s
}

// place returns the place of Device i, in a page that it makes if need be.
func (sh *shard) place(i int) *slot {
	page, first := &sh.pages[i/pageSlots], i/pageSlots*pageSlots
	if *page == nil {
		*page = make([]slot, min(pageSlots, sh.count-first))
	}
	return &(*page)[i-first]
}

// early makes Device i at the start, unless it is there. It does not start it.
func (sh *shard) early(i int) *slot {
	s := sh.place(i)
	if !s.is(madeMark) {
		*s = sh.newSlot(i)
	}
	return s
}

// newSlot makes Device i, which is not started.
func (sh *shard) newSlot(i int) slot {
	seed := sh.seedOf(i)
	s := slot{index: int32(i), mid: scattered(seed), device: sh.models(i).Device(sh.identity(i), seed)}
	s.mark(madeMark, true)
	return s
}

// scattered makes 16 bits of a seed, which are far from those of the next seed.
func scattered(seed uint64) uint16 { return uint16(seed * 0x9e3779b97f4a7c15 >> 48) }

// startPage starts the Devices of a page. A page that was not made stays so, if none of
// them does anything.
func (sh *shard) startPage(page int) {
	first := page * pageSlots
	last := min(first+pageSlots, sh.count)
	if sh.pages[page] == nil && sh.waits(first, last) {
		return
	}
	for i := first; i < last; i++ {
		sh.startFirst(sh.early(i))
	}
}

// waits reports whether no Device from first to before last does anything when it is
// started. If so it tells the Watcher where they stand.
func (sh *shard) waits(first, last int) bool {
	var stand [pageSlots]sim.Standing
	s := &sh.scratch.tried
	for i := first; i < last; i++ {
		s.device = sh.models(i).Device(ocf.UUID{}, sh.seedOf(i))
		if sh.scratch.effects = s.device.Start(sh.born, sh.scratch.effects[:0]); len(sh.scratch.effects) > 0 {
			return false
		}
		stand[i-first] = s.device.Standing()
	}
	if w := sh.watched.watcher; w != nil {
		for i := first; i < last; i++ {
			w.Stands(i, sh.now(), stand[i-first])
		}
	}
	return true
}

// peek returns Device i for somebody who only reads. If the Device was not made, it is one
// that is equal.
func (sh *shard) peek(i int) *slot {
	if s := sh.ifMade(i); s != nil {
		return s
	}
	s := sh.newSlot(i)
	s.device.Start(sh.born, nil)
	return &s
}

// ifMade returns Device i, or nil if it was not made.
func (sh *shard) ifMade(i int) *slot {
	if page := sh.pages[i/pageSlots]; page != nil && page[i%pageSlots].is(madeMark) {
		return &page[i%pageSlots]
	}
	return nil
}

// made are the Devices that were made.
func (sh *shard) made() iter.Seq[*slot] {
	return func(yield func(*slot) bool) {
		for _, page := range sh.pages {
			for k := range page {
				if page[k].is(madeMark) && !yield(&page[k]) {
					return
				}
			}
		}
	}
}
