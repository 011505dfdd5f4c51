package suite

import (
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

// pack returns a writer that packs a timeline and writes it to w. What is written can be
// read after readableAfter, and all of it once the writer is closed.
func (l *ledger) pack(w io.WriteCloser) io.WriteCloser {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := &packed{to: w, ledger: l}
	if n := len(l.idle); n > 0 {
		p.zip, l.idle = l.idle[n-1], l.idle[:n-1]
		p.zip.Reset(w)
	} else {
		p.zip = gzip.NewWriter(w)
	}
	return p
}

// packed is a timeline that is being written. A gzip.Writer takes most of a megabyte, so
// the timelines of a run take turns with a few.
type packed struct {
	mu     sync.Mutex
	zip    *gzip.Writer
	to     io.WriteCloser
	ledger *ledger
	flush  *time.Timer // runs while something is not on disk yet
	err    error       // of the latest flush
}

func (p *packed) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.zip == nil:
		return 0, fs.ErrClosed
	case p.err != nil:
		return 0, p.err
	case p.flush == nil:
		p.flush = time.AfterFunc(readableAfter, p.flushed)
	}
	return p.zip.Write(b)
}

// flushed puts on disk what was written.
func (p *packed) flushed() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.flush != nil { // else it was closed in between
		p.flush, p.err = nil, p.zip.Flush()
	}
}

func (p *packed) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.zip == nil {
		return fs.ErrClosed
	}
	if p.flush != nil {
		p.flush.Stop()
		p.flush = nil
	}
	err := errors.Join(p.err, p.zip.Close(), p.to.Close())
	p.ledger.mu.Lock()
	defer p.ledger.mu.Unlock()
	p.ledger.idle, p.zip = append(p.ledger.idle, p.zip), nil
	return err
}
