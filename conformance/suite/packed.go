package suite

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"io/fs"
	"sync"
	"time"
)

// readableAfter is how long after it was recorded an observation is on disk, so that it can
// be read if the program is killed.
const readableAfter = time.Second

// waitingBytes is how much of a timeline waits in memory before it is packed. Most
// timelines of the suite are shorter, and end before readableAfter.
const waitingBytes = 32 << 10

// packers are what packs the timelines that are recorded at a time. Each takes most of a
// megabyte, so a timeline has one only while it is being packed. The zero value packs as
// flate does by default, and is safe for concurrent use.
type packers struct {
	plain bool // does not pack at all what is to be packed later: flate has a form for that
	mu    sync.Mutex
	idle  []*flate.Writer
	rooms sync.Pool // of *bytes.Buffer, each empty
}

// room is an empty buffer, which may be as large as what was in it before.
func (p *packers) room() *bytes.Buffer {
	if b, ok := p.rooms.Get().(*bytes.Buffer); ok {
		return b
	}
	return new(bytes.Buffer)
}

// giveRoom takes b back for the next timeline.
func (p *packers) giveRoom(b *bytes.Buffer) {
	b.Reset()
	p.rooms.Put(b)
}

// take returns a packer that writes to w.
func (p *packers) take(w io.Writer) *flate.Writer {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.idle)
	if n == 0 {
		level := flate.DefaultCompression
		if p.plain {
			level = flate.NoCompression
		}
		z, _ := flate.NewWriter(w, level) // its error is of other levels
		return z
	}
	z := p.idle[n-1]
	p.idle = p.idle[:n-1]
	z.Reset(w)
	return z
}

// give takes z back for the next timeline.
func (p *packers) give(z *flate.Writer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, z)
}

// pack returns a writer that packs a timeline and writes it to w. What is written can be
// read after readableAfter, and all of it once the writer is closed.
func (p *packers) pack(w io.WriteCloser) io.WriteCloser { return &packed{to: w, packers: p} }

// packed is a timeline that is being written: members of RFC 1952 (2.2), one after the
// other. Each can be read as soon as it is there. Behind each but the last stands the header
// of the next, so that a file whose end is missing is told from a whole one.
type packed struct {
	mu      sync.Mutex
	packers *packers
	to      io.WriteCloser
	waiting *bytes.Buffer // for the next member; nil while nothing waits
	headed  bool          // the header of the next member is there
	due     *time.Timer   // runs while something waits
	closed  bool
	err     error // the first
}

// memberHeader is the header of a member that says nothing of time, name or system (RFC
// 1952, 2.3).
const memberHeader = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"

func (p *packed) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.closed:
		return 0, fs.ErrClosed
	case p.err != nil:
		return 0, p.err
	case p.due == nil:
		p.due = time.AfterFunc(readableAfter, p.overdue)
	}
	if p.waiting == nil {
		p.waiting = p.packers.room()
	}
	p.waiting.Write(b)
	if p.waiting.Len() > waitingBytes {
		p.member(false)
	}
	return len(b), p.err
}

// member packs what waits. The lock is held.
func (p *packed) member(last bool) {
	out := p.packers.room()
	defer p.packers.giveRoom(out)
	if !p.headed {
		out.WriteString(memberHeader)
	}
	if p.waiting == nil {
		p.waiting = p.packers.room()
	}
	z := p.packers.take(out)
	z.Write(p.waiting.Bytes()) // a Buffer takes all
	z.Close()
	p.packers.give(z)
	trailer := binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(p.waiting.Bytes()))
	out.Write(binary.LittleEndian.AppendUint32(trailer, uint32(p.waiting.Len())))
	if p.headed = !last; p.headed {
		out.WriteString(memberHeader)
	}
	p.packers.giveRoom(p.waiting)
	p.waiting = nil
	_, p.err = p.to.Write(out.Bytes())
}

// overdue puts on disk what was written.
func (p *packed) overdue() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.due == nil { // it was closed in between
		return
	}
	p.due = nil
	if p.err == nil && p.waiting != nil {
		p.member(false)
	}
}

func (p *packed) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return fs.ErrClosed
	}
	p.closed = true
	if p.due != nil {
		p.due.Stop()
		p.due = nil
	}
	if p.err == nil {
		p.member(true)
	}
	return errors.Join(p.err, p.to.Close())
}
