package fleet

import (
	"cmp"

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
	// maxAssemblies bounds the payloads that are being assembled at a time.
	maxAssemblies = 256
	// maxAssembliesOf bounds those of one address.
	maxAssembliesOf = maxAssemblies / 4
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
	open   map[assemblyKey]*assembly
	of     tally
	blocks uint64 // blocks taken so far
}

// assembly is a payload that arrives in blocks.
type assembly struct {
	key    assemblyKey
	data   []byte
	blocks int    // how many have come
	order  uint64 // of the last block, among those of all payloads
	timer  timer
}

// expire gives up a payload whose next block has not come in time.
func (b *assembly) expire(sh *shard) { sh.dropAssembly(b) }

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
	b.blocks++
	sh.assemblies.blocks++
	b.order = sh.assemblies.blocks
	if at.more {
		sh.alarm.set(&b.timer, sh.now()+exchangeLifetime, b)
		return nil, false, refusal{codes.Continue, ""}
	}
	sh.dropAssembly(b)
	return b.data, true, refusal{}
}

func (sh *shard) newAssembly(key assemblyKey) *assembly {
	as := &sh.assemblies
	own := as.of.of(key.line.peer) >= maxAssembliesOf
	if own || len(as.open) >= maxAssemblies {
		sh.dropAssembly(as.givesWay(func(b *assembly) bool {
			return !own || holder(b.key.line.peer) == holder(key.line.peer)
		}))
		sh.stats.drops.blocks.Add(1)
	}
	b := &assembly{key: key}
	as.open[key] = b
	as.of.add(key.line.peer)
	sh.alarm.set(&b.timer, sh.now()+exchangeLifetime, b)
	return b
}

func (sh *shard) dropAssembly(b *assembly) {
	if b != nil {
		sh.alarm.stop(&b.timer)
		delete(sh.assemblies.open, b.key)
		sh.assemblies.of.remove(b.key.line.peer)
	}
}

// givesWay returns, among the payloads that qualify, the one to give up for another.
func (as *assemblies) givesWay(qualifies func(*assembly) bool) *assembly {
	var first *assembly
	for _, b := range as.open {
		if qualifies(b) && (first == nil || as.before(b, first) < 0) {
			first = b
		}
	}
	return first
}

// before compares two payloads: below 0, a gives way before b. Whoever sends without a
// session may have forged its address, and so may whoever sent no more than one block.
func (as *assemblies) before(a, b *assembly) int {
	session := func(b *assembly) int { return min(1, int(b.key.line.session.id())) }
	return cmp.Or(
		cmp.Compare(session(a), session(b)),
		cmp.Compare(as.of.of(b.key.line.peer), as.of.of(a.key.line.peer)),
		cmp.Compare(min(a.blocks, 2), min(b.blocks, 2)),
		cmp.Compare(a.order, b.order),
	)
}
