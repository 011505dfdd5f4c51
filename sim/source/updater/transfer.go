package updater

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// Transport gets files from a source, over HTTP or CoAP. A file that is not there is
// fs.ErrNotExist; every other error is one of the way, and the file can be tried again.
type Transport interface {
	// Get gets a file from byte from on. tag is the one that the bytes before came under;
	// where from is above 0 and the file has another tag now, all of it comes.
	Get(ctx context.Context, file string, from int64, tag string) (*Piece, error)
	Close()
}

// Piece is a part of a file on its way, up to the file's end. Whoever got it closes it.
type Piece struct {
	io.ReadCloser
	From int64  // its first byte
	Size int64  // of the whole file in bytes, as announced; below 0: nothing was announced
	Tag  string // tells this content of the file from others; "" for none
}

// sink takes a file in, and can begin again.
type sink interface {
	io.Writer
	Reset()
}

// transfer gets one file, however often the connection breaks.
type transfer struct {
	transport Transport
	file      string
	most      int64             // bytes that are read at most; what comes after them is left
	tries     int               // how many requests
	announced func(int64) error // says whether the announced size will do; nil: any will

	kept func(have int64, tag string) // is told how far the file is, now and then; nil: nobody

	requests int
	have     int64  // bytes that are there, at the beginning too
	tag      string // that they came under
}

// run gets the file. A piece that breaks off is followed by a request for the rest; if
// the file has become another one, all of it is got again. If the first request brings
// nothing, the Device is told at once, and asks again when it wants to.
func (t *transfer) run(ctx context.Context, to sink) error {
	var failed error
	for t.requests < t.tries {
		t.requests++
		err := t.piece(ctx, to)
		switch {
		case err == nil, errors.Is(err, fs.ErrNotExist), ctx.Err() != nil:
			return err
		case errors.As(err, new(*stop)):
			return errors.Unwrap(err)
		case t.requests == 1 && t.have == 0:
			return err
		}
		failed = err
	}
	return failed
}

// stop is an error after which no other request helps.
type stop struct{ error }

// Unwrap is the error itself.
func (s *stop) Unwrap() error { return s.error }

// piece asks for what is missing and takes it in.
func (t *transfer) piece(ctx context.Context, to sink) error {
	p, err := t.transport.Get(ctx, t.file, t.have, t.tag)
	if err != nil {
		return err
	}
	defer p.Close()
	if p.From != t.have || p.Tag != t.tag {
		t.have = 0
		to.Reset()
	}
	if p.From != t.have {
		return fmt.Errorf("%s: it comes from byte %d on, expected %d", t.file, p.From, t.have)
	}
	t.tag = p.Tag
	if p.Size >= 0 && t.announced != nil {
		if err := t.announced(p.Size); err != nil {
			return &stop{err}
		}
	}
	switch err := t.take(to, io.LimitReader(p, t.most-t.have)); {
	case err != nil:
		return fmt.Errorf("%s: %w", t.file, err)
	case p.Size >= 0 && t.have < min(p.Size, t.most):
		return fmt.Errorf("%s: %d of %d bytes: %w", t.file, t.have, p.Size, io.ErrUnexpectedEOF)
	}
	return nil
}

// keptEvery is after how many bytes it is told how far a file is.
const keptEvery = 64 << 10

// take takes in what comes.
func (t *transfer) take(to sink, from io.Reader) error {
	for {
		n, err := io.CopyN(to, from, keptEvery)
		t.have += n
		if t.kept != nil && n > 0 {
			t.kept(t.have, t.tag)
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}
