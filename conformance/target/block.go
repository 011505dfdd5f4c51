package target

import (
	"fmt"
	"math/bits"

	"github.com/plgd-dev/go-coap/v3/message"
)

// defaultBlock is the block size of payloads that need more than one datagram.
const defaultBlock = 1024

// block is a Block1 or Block2 option (RFC 7959 section 2.2).
type block struct {
	num  int
	more bool
	size int // bytes, a power of two from 16 to 1024
}

// value is the option's number.
func (b block) value() uint32 {
	v := uint32(b.num)<<4 | uint32(bits.TrailingZeros(uint(b.size))-4)
	if b.more {
		v |= 8
	}
	return v
}

// blockOption reads a Block option of m; ok is false where m has none, one with
// the reserved size, or one of more than 3 bytes, which go-coap hands on
// because it is critical.
func blockOption(m message.Message, id message.OptionID) (b block, ok bool) {
	value, err := m.Options.GetBytes(id)
	if err != nil || len(value) > 3 {
		return block{}, false
	}
	v, err := m.Options.GetUint32(id)
	if err != nil || v&7 == 7 {
		return block{}, false
	}
	return block{num: int(v >> 4), more: v&8 != 0, size: 16 << (v & 7)}, true
}

// checkBlockSize refuses a size that a Block option can't say.
func checkBlockSize(size int) error {
	if size < 16 || size > 1024 || bits.OnesCount(uint(size)) != 1 {
		return fmt.Errorf("block size %d, expected a power of two from 16 to 1024", size)
	}
	return nil
}
