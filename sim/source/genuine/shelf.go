package genuine

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"sync"
	"time"

	"github.com/ocfsim/ocfsim/sim/source"
	"github.com/ocfsim/ocfsim/sim/source/suit"
	"github.com/ocfsim/ocfsim/sim/source/updater"
)

// shelf has the files that a client can get. It is a Transport without a way.
type shelf struct {
	mu     sync.Mutex
	stock  stock
	handed *source.Handed // the image that was taken last; nil for none
}

// stock is what a source has for a client.
type stock struct {
	files   suit.Files
	image   string // the file that is installed
	version string
	flaw    string // what is wrong; "" for nothing
}

// put replaces what stands on the shelf.
func (s *shelf) put(st stock) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stock = st
}

// take notes that the client takes the image.
func (s *shelf) take(size int64) {
	h := source.Handed{
		Package: s.stock.image, Version: s.stock.version, Bytes: size, Of: size, Good: s.stock.flaw == "",
		Number: 1, At: time.Now(),
	}
	if s.stock.flaw != "" {
		h.Faults = []string{s.stock.flaw}
	}
	if s.handed != nil {
		h.Number += s.handed.Number
	}
	s.handed = &h
}

// last is the image that was taken last.
func (s *shelf) last() *source.Handed {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.handed
}

// Get implements updater.Transport.
func (s *shelf) Get(_ context.Context, file string, from int64, tag string) (*updater.Piece, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	data, ok := s.stock.files[file]
	if !ok {
		return nil, fs.ErrNotExist
	}
	if file == s.stock.image {
		s.take(int64(len(data)))
	}
	p := &updater.Piece{Size: int64(len(data)), Tag: fmt.Sprintf("%x", suit.DigestOf(data).Bytes[:8])}
	if p.Tag == tag {
		p.From = min(from, p.Size)
	}
	p.ReadCloser = io.NopCloser(bytes.NewReader(data[p.From:]))
	return p, nil
}

// Close does nothing.
func (s *shelf) Close() {}

// asked is a question on its way: to the source first, and then to the client.
type asked struct {
	mu        sync.Mutex
	stops     []func()
	cancelled bool
}

// by notes who has the question too, and how to withdraw it from there.
func (a *asked) by(stop func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.stops = append(a.stops, stop)
	if a.cancelled {
		stop()
	}
}

// cancel withdraws the question from whoever has it.
func (a *asked) cancel() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.cancelled = true
	for _, stop := range a.stops {
		stop()
	}
}
