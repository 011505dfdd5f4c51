package overcoap

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/message/codes"
)

// maxSZX is the exponent of the largest blocks, of 2^(6+4) bytes.
const maxSZX = 6

// block is one block of a file.
type block struct {
	from    int64 // its first byte
	payload []byte
	more    bool // there are others after it
	szx     uint32
	size    int64 // of the whole file; below 0: not known
	tag     string
}

// blocks reads a file block by block.
type blocks struct {
	*exchange
	path string
	szx  uint32

	next int64  // the first byte of the next block
	left []byte // of the block that has come
	tag  string
	more bool
}

// seek gets the block that has the byte from in it. If the source sends smaller blocks than
// was asked for, that may be another one.
func (b *blocks) seek(from int64) (block, error) {
	for {
		szx := b.szx
		got, err := b.get(from - from%(1<<(szx+4)))
		if err != nil || b.szx == szx || from < got.from+int64(len(got.payload)) {
			return got, err
		}
	}
}

// get gets the block that begins at from. The source may send a smaller one.
func (b *blocks) get(from int64) (block, error) {
	num := from >> (b.szx + 4)
	if num >= 1<<20 {
		return block{}, fmt.Errorf("byte %d is too far for blocks (RFC 7959)", from)
	}
	m, err := b.ask(b.path, uint32(num)<<4|b.szx)
	if err != nil {
		return block{}, err
	}
	got, err := blockIn(m)
	switch {
	case err != nil:
		return block{}, err
	case got.from != from:
		return block{}, fmt.Errorf("the block of byte %d comes, expected that of byte %d", got.from, from)
	case got.szx > b.szx:
		return block{}, errors.New("a larger block comes than was asked for")
	case got.more && len(got.payload) != 1<<(got.szx+4):
		return block{}, fmt.Errorf("a block of %d bytes has %d", 1<<(got.szx+4), len(got.payload))
	}
	b.szx = got.szx
	return got, nil
}

// blockIn is the block that an answer brings.
func blockIn(m message.Message) (block, error) {
	if m.Code != codes.Content {
		return block{}, refusalOf(m)
	}
	b := block{payload: m.Payload, size: -1, szx: maxSZX}
	if v, err := m.Options.GetUint32(message.Block2); err == nil {
		if b.szx = v & 7; b.szx > maxSZX {
			return block{}, errors.New("a block of a size that does not exist")
		}
		b.more = v&8 != 0
		b.from = int64(v>>4) << (b.szx + 4)
	}
	if size, err := m.Options.GetUint32(message.Size2); err == nil {
		b.size = int64(size)
	}
	if tag, err := m.Options.GetBytes(message.ETag); err == nil {
		b.tag = hex.EncodeToString(tag)
	}
	return b, nil
}

// take goes on behind a block, from the byte from in it.
func (b *blocks) take(got block, from int64) {
	skip := min(from-got.from, int64(len(got.payload)))
	b.left, b.more, b.tag = got.payload[skip:], got.more, got.tag
	b.next = got.from + int64(len(got.payload))
}

// errChanged says that the file became another one on its way.
var errChanged = errors.New("the file has become another one")

// Read hands over what has come, and asks for the next block when there is no more of it.
func (b *blocks) Read(p []byte) (int, error) {
	for len(b.left) == 0 {
		if !b.more {
			return 0, io.EOF
		}
		got, err := b.get(b.next)
		if err != nil {
			return 0, err
		}
		if got.tag != b.tag {
			return 0, errChanged
		}
		b.take(got, got.from)
	}
	n := copy(p, b.left)
	b.left = b.left[n:]
	return n, nil
}
