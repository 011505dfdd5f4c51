package campaign

import (
	"fmt"
	"time"

	"github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/message/codes"
	"github.com/plgd-dev/go-coap/v3/udp/coder"

	"github.com/ocfsim/ocfsim/ocf"
)

// mostBytes is the longest representation that is put together from blocks.
const mostBytes = 16 << 10

// parts is a representation that comes in blocks (RFC 7959 section 2.4).
type parts struct {
	of      ask // what was asked for
	first   arrival
	payload []byte
	next    uint32 // the number of the next block
	tail    []byte // of the request for it
}

// gather takes in an answer that is a block. whole is true where there is nothing more to
// come: a has the whole payload then, and asked is what it answers.
func (e *Engine) gather(d *device, asked ask, a *arrival) (_ ask, whole bool, err error) {
	p := e.parts[d]
	switch {
	case asked == askBlock && (p == nil || a.block.number != p.next):
		delete(e.parts, d)
		return asked, false, fmt.Errorf("block %d came out of turn", a.block.number)
	case asked == askBlock:
	case !a.block.more || !asks(asked):
		return asked, true, nil
	case a.block.number != 0:
		return asked, false, fmt.Errorf("the first block has number %d", a.block.number)
	default:
		p = &parts{of: asked, first: *a}
		e.parts[d] = p
	}
	p.payload = append(p.payload, a.payload...)
	if len(p.payload) > mostBytes {
		delete(e.parts, d)
		return asked, false, fmt.Errorf("more than %d bytes came in blocks", mostBytes)
	}
	if a.block.more {
		p.next = a.block.number + 1
		p.tail, err = blockTail(p.of, p.next, a.block.size)
		d.want = askBlock
		return asked, false, err
	}
	delete(e.parts, d)
	*a = p.first
	a.payload = p.payload
	return p.of, true, nil
}

// asks reports whether the answer to a request is a representation that is read.
func asks(a ask) bool {
	return a == askDevice || a == askPlatform || a == askWatch || a == askRead
}

// blockTail is a request for a block, behind its token. size is the exponent of its size.
func blockTail(of ask, number uint32, size uint8) ([]byte, error) {
	path := ocf.PathPstat
	switch of {
	case askDevice:
		path = ocf.PathD
	case askPlatform:
		path = ocf.PathP
	}
	m := request(codes.GET, path)
	value := number<<4 | uint32(size)
	block := message.Option{ID: message.Block2}
	for shift := 16; shift >= 0; shift -= 8 {
		if b := byte(value >> shift); b != 0 || len(block.Value) > 0 {
			block.Value = append(block.Value, b)
		}
	}
	last := len(m.Options) - 1 // OCF's version option has a higher number
	m.Options = append(m.Options[:last:last], block, m.Options[last])
	buf := make([]byte, 256)
	n, err := coder.DefaultCoder.Encode(m, buf)
	if err != nil {
		return nil, fmt.Errorf("encode a request: %w", err)
	}
	return buf[headerSize:n], nil
}

// piecemeal goes on with an answer that is a block; whole is true where a is complete.
func (e *Engine) piecemeal(d *device, asked ask, a *arrival, now time.Duration) (_ ask, whole bool) {
	asked, whole, err := e.gather(d, asked, a)
	if err != nil {
		e.conclude(d, Failed, "the Device answers in blocks, and "+err.Error(), now)
	}
	return asked, whole
}
