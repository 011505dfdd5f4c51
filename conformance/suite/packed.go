package suite

import (
	"bytes"
	"compress/gzip"
	"errors"
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

// packers are the gzip.Writers of all timelines that are recorded at a time. Each takes
// most of a megabyte, so a timeline has one only while it needs one. The zero value is
// ready, and safe for concurrent use.
type packers struct {
	mu   sync.Mutex
	idle []*gzip.Writer
}

// take returns a packer that writes to w.
func (p *packers) take(w io.Writer) *gzip.Writer {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.idle)
	if n == 0 {
		return gzip.NewWriter(w)
	}
	z := p.idle[n-1]
	p.idle = p.idle[:n-1]
	z.Reset(w)
	return z
}

// give takes z back for the next timeline.
func (p *packers) give(z *gzip.Writer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, z)
}

// pack returns a writer that packs a timeline and writes it to w. What is written can be
// read after readableAfter, and all of it once the writer is closed.
func (p *packers) pack(w io.WriteCloser) io.WriteCloser { return &packed{to: w, packers: p} }

// packed is a timeline that is being written.
type packed struct {
	mu      sync.Mutex
	packers *packers
	to      io.WriteCloser
	waiting bytes.Buffer // until there is a zip
	zip     *gzip.Writer // nil until then
	flush   *time.Timer  // runs while something is not on disk yet
	closed  bool
	err     error // of the latest flush
}

func (p *packed) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.closed:
		return 0, fs.ErrClosed
	case p.err != nil:
		return 0, p.err
	case p.flush == nil:
		p.flush = time.AfterFunc(readableAfter, p.flushed)
	}
	if p.zip == nil && p.waiting.Len()+len(b) <= waitingBytes {
		return p.waiting.Write(b)
	}
	if err := p.begin(); err != nil {
		return 0, err
	}
	return p.zip.Write(b)
}

// begin packs what waits. The lock is held.
func (p *packed) begin() error {
	if p.zip != nil {
		return nil
	}
	p.zip = p.packers.take(p.to)
	_, err := p.waiting.WriteTo(p.zip)
	p.waiting = bytes.Buffer{}
	return err
}

// flushed puts on disk what was written.
func (p *packed) flushed() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.flush == nil { // it was closed in between
		return
	}
	p.flush = nil
	if p.err = p.begin(); p.err == nil {
		p.err = p.zip.Flush()
	}
}

func (p *packed) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return fs.ErrClosed
	}
	p.closed = true
	if p.flush != nil {
		p.flush.Stop()
		p.flush = nil
	}
	err := errors.Join(p.err, p.begin(), p.zip.Close(), p.to.Close())
	p.packers.give(p.zip)
	p.zip = nil
	return err
}
