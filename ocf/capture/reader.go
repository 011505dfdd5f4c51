package capture

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// maxBlock is the largest block that is read, in bytes.
const maxBlock = 1 << 20

// ErrFormat is the error for a file that no Writer wrote, or that was cut off.
var ErrFormat = errors.New("capture: not a file that this program wrote")

// Block is what stands in a file: a Packet, or Secrets in NSS key log format, or neither.
type Block struct {
	Number  int // of a packet, from 1; else 0
	Packet  Packet
	Secrets []byte

	kind uint32
	body []byte
}

// Read calls f with the blocks of a capture in the order of the file, until f returns an
// error.
func Read(r io.Reader, f func(Block) error) error {
	in := bufio.NewReader(r)
	for number, n := 0, 0; ; n++ {
		b, err := next(in)
		if errors.Is(err, io.EOF) && n > 0 {
			return nil
		} else if err != nil {
			return err
		}
		if n == 0 && b.kind != blockSection {
			return ErrFormat
		}
		if b.kind == blockPacket {
			number++
			b.Number = number
		}
		if err := f(b); err != nil {
			return err
		}
	}
}

// next reads one block. The error is io.EOF where the file ends before it.
func next(in io.Reader) (Block, error) {
	var head [8]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = ErrFormat
		}
		return Block{}, err
	}
	length := order.Uint32(head[4:])
	if length < 12 || length > maxBlock || length%4 != 0 {
		return Block{}, fmt.Errorf("%w: a block of %d bytes", ErrFormat, length)
	}
	rest := make([]byte, length-8)
	if _, err := io.ReadFull(in, rest); err != nil {
		return Block{}, fmt.Errorf("%w: it ends within a block", ErrFormat)
	}
	b := Block{kind: order.Uint32(head[:]), body: rest[:len(rest)-4]}
	if order.Uint32(rest[len(rest)-4:]) != length || !b.decode() {
		return Block{}, fmt.Errorf("%w: block of type %#x", ErrFormat, b.kind)
	}
	return b, nil
}

// decode reads the body of a block. It returns false for one that no Writer wrote.
func (b *Block) decode() (ok bool) {
	switch b.kind {
	case blockSection:
		return len(b.body) >= 16 && order.Uint32(b.body) == byteOrder
	case blockSecrets:
		if len(b.body) < 8 || uint64(order.Uint32(b.body[4:])) > uint64(len(b.body)-8) {
			return false
		}
		b.Secrets = b.body[8 : 8+order.Uint32(b.body[4:])]
	case blockPacket:
		if len(b.body) < packetHeader {
			return false
		}
		n := uint64(order.Uint32(b.body[12:]))
		options := packetHeader + (n+3)/4*4
		if options > uint64(len(b.body)) {
			return false
		}
		p := &b.Packet
		p.At = moment(b.body)
		if p.From, p.To, p.Data, ok = unwrap(b.body[packetHeader : packetHeader+n]); !ok {
			return false
		}
		p.options(b.body[options:])
	}
	return true
}

// options reads the options of a packet.
func (p *Packet) options(b []byte) {
	for len(b) >= 4 {
		code, n := order.Uint16(b), int(order.Uint16(b[2:]))
		if code == optionEnd || 4+n > len(b) {
			return
		}
		switch value := b[4 : 4+n]; {
		case code == optionComment:
			p.Comments = append(p.Comments, string(value))
		case code == optionFlags && n == 4:
			p.Sent = order.Uint32(value) == flagSent
		}
		b = b[min(4+(n+3)/4*4, len(b)):]
	}
}

// Annotate writes the comments of the packets in a file anew: comment is given each
// packet's number and the packet, and returns all its comments. The numbers stay.
func Annotate(name string, comment func(number int, p Packet) []string) error {
	in, err := os.Open(name)
	if err != nil {
		return err
	}
	fresh := filepath.Join(filepath.Dir(name), "."+filepath.Base(name)+".new")
	f, err := createPrivate(fresh)
	if err != nil {
		return errors.Join(err, in.Close())
	}
	out := bufio.NewWriter(f)
	err = Read(in, func(b Block) error {
		if b.Number > 0 {
			p := b.Packet
			p.Comments = comment(b.Number, p)
			if body, ok := packetBody(p); ok {
				b.body = body
			}
		}
		_, err := out.Write(encode(b.kind, b.body))
		return err
	})
	if err = errors.Join(err, in.Close(), out.Flush(), f.Close()); err == nil {
		err = os.Rename(fresh, name) // of which Windows wants both closed
	}
	if err != nil {
		_ = os.Remove(fresh)
		return fmt.Errorf("comments of %s: %w", name, err)
	}
	return nil
}
