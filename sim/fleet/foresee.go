package fleet

import "encoding/binary"

// foresee looks at the Devices that packets are for, and at where their requests are to be
// remembered, at all of them before the first one acts. In a large fleet little of that is in the
// processor's cache, which so fetches many side by side and not one after the other.
func (sh *shard) foresee(packets []Packet) {
	var tags [batchSize]uint32
	d, requests, seen := sh.dedup.plain, 0, 0
	for i := range packets[:min(len(packets), batchSize)] {
		p := &packets[i]
		at, ok := sh.book.find(p.Local)
		if !ok {
			continue
		}
		s := sh.slot(at)
		seen += int(s.index) + s.device.Messages().Block
		if len(p.Data) < 4 {
			continue
		}
		key := keyOf(line{local: p.Local, peer: p.Peer}, at, s.boot, binary.BigEndian.Uint16(p.Data[2:]))
		tags[requests] = d.hash(d.askers.find(key.asker()), &key)
		requests++
	}
	for _, tag := range tags[:requests] { // nothing but looks, so that the processor begins many at once
		seen += d.index.glance(tag)
	}
	sh.scratch.glanced += seen
}
