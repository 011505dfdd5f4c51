package fleet

import (
	"github.com/plgd-dev/go-coap/v3/message/codes"

	"github.com/ocfsim/ocfsim/sim"
)

const (
	// maxSZX is the largest block size exponent: a block then has 2^(6+4) = 1024
	// bytes.
	maxSZX = sim.MaxSZX
	// maxBody is the largest payload that Block1 may assemble. The longest payload
	// that any resource accepts is far shorter.
	maxBody = 16 << 10
	// maxAssemblies bounds the payloads that are being assembled at a time. A
	// further one replaces the oldest.
	maxAssemblies = 256
)

// block is the value of a Block1 or Block2 option (RFC 7959 2.2). The zero
// value is an absent option.
type block struct {
	present bool
	more    bool
	szx     uint8
	num     uint32
}

func blockOf(value uint32) block {
	return block{present: true, num: value >> 4, more: value&8 != 0, szx: uint8(value & 7)}
}

func (b block) value() uint32 {
	v := b.num<<4 | uint32(b.szx)
	if b.more {
		v |= 8
	}
	return v
}

func (b block) bad() bool { return b.present && b.szx > maxSZX }

// szxOr is the size exponent of b, or szx if b is absent.
func (b block) szxOr(szx uint8) uint8 {
	if b.present {
		return b.szx
	}
	return szx
}

func (b block) size() int { return 1 << (b.szx + 4) }

// cut returns the part of payload that b asks for, and b with more set accordingly.
// ok is false if the payload ends before b begins.
func (b block) cut(payload []byte) (part []byte, at block, ok bool) {
	start := int64(b.num) * int64(b.size())
	if start >= int64(len(payload)) && b.num > 0 {
		return nil, b, false
	}
	end := min(start+int64(b.size()), int64(len(payload)))
	b.more = end < int64(len(payload))
	return payload[start:end], b, true
}

// assemblyKey identifies a payload that arrives in blocks.
type assemblyKey struct {
	line   line
	device int
	path   string
}

// assemblies holds the payloads that are arriving in blocks.
type assemblies struct {
	open  map[assemblyKey]*assembly
	begun uint64 // assemblies begun so far
}

// assembly is a payload that arrives in blocks.
type assembly struct {
	key   assemblyKey
	data  []byte
	order uint64
	timer timer
}

// expire gives up a payload whose next block has not come in time.
func (b *assembly) expire(sh *shard) { delete(sh.assemblies.open, b.key) }

// assemble takes one block of a POST's payload. done says that the payload is
// complete; otherwise answer has the code to answer with, which may be 2.31.
func (sh *shard) assemble(r *request) (payload []byte, done bool, answer refusal) {
	at, part := r.block1, r.body.Payload
	key := assemblyKey{r.line, r.device, r.body.Path}
	b := sh.assemblies.open[key]
	if at.num == 0 {
		sh.dropAssembly(b)
		if !at.more {
			return part, true, refusal{}
		}
		b = sh.newAssembly(key)
	}
	switch {
	case b == nil, int64(len(b.data)) != int64(at.num)*int64(at.size()):
		return nil, false, refusal{codes.RequestEntityIncomplete, "a block is missing"}
	case at.more && len(part) != at.size(), len(part) > at.size():
		sh.dropAssembly(b)
		return nil, false, refusal{codes.BadRequest, "payload is not of the block's size"}
	case len(b.data)+len(part) > maxBody:
		sh.dropAssembly(b)
		return nil, false, refusal{codes.RequestEntityTooLarge, ""}
	}
	b.data = append(b.data, part...)
	if at.more {
		sh.alarm.set(&b.timer, sh.now()+exchangeLifetime, b)
		return nil, false, refusal{codes.Continue, ""}
	}
	sh.dropAssembly(b)
	return b.data, true, refusal{}
}

func (sh *shard) newAssembly(key assemblyKey) *assembly {
	if len(sh.assemblies.open) >= maxAssemblies {
		var oldest *assembly
		for _, b := range sh.assemblies.open {
			if oldest == nil || b.order < oldest.order {
				oldest = b
			}
		}
		sh.dropAssembly(oldest)
		sh.stats.drops.blocks.Add(1)
	}
	sh.assemblies.begun++
	b := &assembly{key: key, order: sh.assemblies.begun}
	sh.assemblies.open[key] = b
	sh.alarm.set(&b.timer, sh.now()+exchangeLifetime, b)
	return b
}

func (sh *shard) dropAssembly(b *assembly) {
	if b != nil {
		sh.alarm.stop(&b.timer)
		delete(sh.assemblies.open, b.key)
	}
}
