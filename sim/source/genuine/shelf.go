package genuine

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"sync"

	"github.com/ocfsim/ocfsim/sim/source/suit"
	"github.com/ocfsim/ocfsim/sim/source/updater"
)

// shelf has the files that a client can get. It is a Transport without a way.
type shelf struct {
	mu    sync.Mutex
	files suit.Files
}

// put replaces what stands on the shelf.
func (s *shelf) put(files suit.Files) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files = files
}

// Get implements updater.Transport.
func (s *shelf) Get(_ context.Context, file string, from int64, tag string) (*updater.Piece, error) {
	s.mu.Lock()
	data, ok := s.files[file]
	s.mu.Unlock()
	if !ok {
		return nil, fs.ErrNotExist
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
