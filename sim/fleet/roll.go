package fleet

import (
	"cmp"
	"encoding/binary"
	"slices"
	"sync"

	"github.com/ocfsim/ocfsim/ocf"
)

// roll says which Device was made with a uuid. It is drawn up when it is first asked, and
// takes 8 bytes for each Device: what a uuid is follows from a Device's number, but not the
// number from the uuid, and to compute all of them takes too long to do it each time.
type roll struct {
	fleet *Fleet
	once  sync.Once
	lines []rollLine
}

// rollLine is a Device and how its uuid begins. The lines are in the order of that.
type rollLine struct {
	begins uint32
	device int32
}

func beginning(id ocf.UUID) uint32 { return binary.BigEndian.Uint32(id[:]) }

// find returns the Device that was made with the uuid; ok is false if none was.
func (r *roll) find(id ocf.UUID) (device int, ok bool) {
	r.once.Do(r.draw)
	at, _ := slices.BinarySearchFunc(r.lines, beginning(id), func(l rollLine, begins uint32) int { return cmp.Compare(l.begins, begins) })
	for ; at < len(r.lines) && r.lines[at].begins == beginning(id); at++ {
		if i := int(r.lines[at].device); r.fleet.ID(i) == id {
			return i, true
		}
	}
	return 0, false
}

func (r *roll) draw() {
	r.lines = make([]rollLine, r.fleet.Len())
	for i := range r.lines {
		r.lines[i] = rollLine{beginning(r.fleet.ID(i)), int32(i)}
	}
	slices.SortFunc(r.lines, func(a, b rollLine) int { return cmp.Compare(a.begins, b.begins) })
}

// Made returns the Device that was made with a uuid, which is that of ID; ok is false if
// none was. It may be called while the fleet holds its lock.
func (f *Fleet) Made(id ocf.UUID) (i int, ok bool) { return f.roll.find(id) }

// findID returns the Device whose present or original uuid is id. A present one comes first.
func (f *Fleet) findID(id ocf.UUID) (int, bool) {
	made, ok := f.Made(id)
	f.shard.mu.Lock()
	defer f.shard.mu.Unlock()
	if ok {
		if s := f.shard.ifMade(made); s == nil || s.device.ID() == id {
			return made, true
		}
	}
	for s := range f.shard.made() {
		if s.device.ID() == id {
			return int(s.index), true
		}
	}
	return made, ok
}
