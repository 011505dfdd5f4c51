package fleet

// foresee looks at the Devices that packets are for, at all of them before the first one
// acts. In a large fleet a Device is seldom in the processor's cache, which so fetches many
// side by side and not one after the other.
func (sh *shard) foresee(packets []Packet) {
	for i := range packets {
		if d, ok := sh.book.find(packets[i].Local); ok {
			s := sh.slot(d)
			sh.scratch.glanced += int(s.index) + s.device.Messages().Block
		}
	}
}
