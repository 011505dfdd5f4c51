package fleet

import (
	"iter"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
)

// pageSlots is how many neighbours share a page of numbers, and how many Devices a page of
// slots. So many fill pages of memory without a rest.
const pageSlots = 1024

// In this file a Device that does nothing when it is started, and has nothing to be kept or told
// of, is as its model, its identity and its seed say. It is made when somebody needs it; until then
// it takes no memory. Devices stand in the order in which they are made. So requests to Devices
// that are scattered over a fleet meet new memory once for many of them: it is dear where a
// virtual machine has to provide it. A page of numbers, made when one of its Devices is, says where each
// of its neighbours stands.

// slots are where the Devices of a shard stand.
type slots struct {
	pages [][]uint32 // by Device: the number of its slot; 0: it is not made
	list  [][]slot   // by number
	made  uint32     // slots in use; the last number
	count int        // of Devices
}

func newSlots(devices int) slots {
	return slots{pages: make([][]uint32, (devices+pageSlots-1)/pageSlots), count: devices}
}

// number returns the number of Device i's slot, or 0 if it is not made.
func (ss *slots) number(i int) uint32 {
	if page := ss.pages[uint(i)/pageSlots]; page != nil {
		return page[uint(i)%pageSlots]
	}
	return 0
}

// at returns the slot with that number. It stays where it is.
func (ss *slots) at(n uint32) *slot { return &ss.list[(n-1)/pageSlots][(n-1)%pageSlots] }

// place gives Device i, which has none, a slot.
func (ss *slots) place(i int) *slot {
	page, first := &ss.pages[i/pageSlots], i/pageSlots*pageSlots
	if *page == nil {
		*page = make([]uint32, min(pageSlots, ss.count-first))
	}
	if ss.made%pageSlots == 0 {
		ss.list = append(ss.list, make([]slot, min(pageSlots, ss.count-int(ss.made))))
	}
	ss.made++
	(*page)[i-first] = ss.made
	return ss.at(ss.made)
}

// lazy reports whether Devices may be made later than at the start. Where there is a
// Store, a Replay or a Witness, or where stages of processes matter, somebody has to know
// each Device from the start.
func (sh *shard) lazy() bool {
	return sh.store == nil && sh.replay == nil && sh.witness == nil && sh.stages == nil
}

// slot returns Device i. The shard's lock is held.
func (sh *shard) slot(i int) *slot {
	if n := sh.slots.number(i); n != 0 {
		return sh.slots.at(n)
	}
	return sh.needed(i)
}

// needed makes Device i, which does nothing when it is started.
func (sh *shard) needed(i int) *slot {
	s := sh.slots.place(i)
	*s = sh.newSlot(i)
	s.device.Start(sh.born, nil)
	return s
}

// early makes Device i at the start, unless it is there. It does not start it.
func (sh *shard) early(i int) *slot {
	s := sh.ifMade(i)
	if s == nil {
		s = sh.slots.place(i)
		*s = sh.newSlot(i)
	}
	return s
}

// newSlot makes Device i, which is not started.
func (sh *shard) newSlot(i int) slot {
	seed := sh.seedOf(i)
	return slot{index: int32(i), mid: scattered(seed), device: sh.models(i).Device(sh.identity(i), seed)}
}

// scattered makes 16 bits of a seed, which are far from those of the next seed.
func scattered(seed uint64) uint16 { return uint16(seed * 0x9e3779b97f4a7c15 >> 48) }

// startPage starts the Devices of a page. A page that was not made stays so, if none of
// them does anything.
func (sh *shard) startPage(page int) {
	first := page * pageSlots
	last := min(first+pageSlots, sh.count)
	if sh.slots.pages[page] == nil && sh.waits(first, last) {
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
	if n := sh.slots.number(i); n != 0 {
		return sh.slots.at(n)
	}
	return nil
}

// made are the Devices that were made, in their order.
func (sh *shard) made() iter.Seq[*slot] {
	return func(yield func(*slot) bool) {
		for _, page := range sh.slots.pages {
			for _, n := range page {
				if n != 0 && !yield(sh.slots.at(n)) {
					return
				}
			}
		}
	}
}
