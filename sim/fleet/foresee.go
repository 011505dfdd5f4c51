package fleet

import "encoding/binary"

// foresee looks at the Devices that packets are for, and at where their requests are to be
// remembered, at all of them before the first one acts. In a large fleet little of that is in the
// processor's cache, which so fetches many side by side and not one after the other.
func (sh *shard) foresee(packets []Packet) {
	var devices [batchSize]int32
	var numbers, tags [batchSize]uint32
	packets = packets[:min(len(packets), batchSize)]
	d, seen := sh.dedup.plain, 0
	// The loops do little but look, so that the processor begins many looks at once.
	for i := range packets {
		if at, ok := sh.book.find(packets[i].Local); ok {
			devices[i], numbers[i] = int32(at), sh.slots.number(at)
		} else {
			devices[i] = -1
		}
	}
	for _, n := range numbers[:len(packets)] {
		if n != 0 {
			s := sh.slots.at(n)
			seen += int(s.index) + s.device.Messages().Block
		}
	}
	for i := range packets {
		p := &packets[i]
		if devices[i] < 0 || len(p.Data) < 4 {
			continue
		}
		s := sh.slot(int(devices[i]))
		key := keyOf(line{local: p.Local, peer: p.Peer}, int(s.index), s.boot, binary.BigEndian.Uint16(p.Data[2:]))
		tags[i] = d.hash(d.askers.find(key.asker()), &key)
	}
	for _, tag := range tags[:len(packets)] {
		seen += d.index.glance(tag)
	}
	sh.scratch.glanced += seen
}
