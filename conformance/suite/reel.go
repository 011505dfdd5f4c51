package suite

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// reel is the file that one Device of a target among many records all its timelines to, one
// after the other, until the target has ended (run.shelve). To make a file for each of
// 20,000 timelines, to read it and to remove it takes longer than to write them. If the
// program is killed, zcat and whoever reads a shelf read the reel too: each timeline on it
// begins with its header.
type reel struct {
	path   string
	ledger *ledger
	file   *os.File // nil until something is recorded
	end    int64    // how many bytes it has
}

// strip is where on a reel a timeline is.
type strip struct {
	reel         *reel
	from, length int64
	sum          [sha256.Size]byte
}

// reelName is the path of a Device's reel relative to results.json. Devices are counted
// from 1. No scenario has an id without a dot.
func reelName(device int) string { return fmt.Sprintf("%s/device-%d.jsonl.gz", timelinesDir, device) }

// newReel is the reel of a Device of the run. It has no file yet.
func (r run) newReel(device int) *reel {
	return &reel{path: filepath.Join(r.aside, filepath.FromSlash(reelName(device))), ledger: r.evidence}
}

// record begins the next timeline. Nothing else may be recorded until it is closed. Then the
// ledger has it by the name of the file that it would have.
func (l *reel) record(name string) (io.WriteCloser, error) {
	if l.file == nil {
		f, err := os.Create(l.path)
		if err != nil {
			return nil, err
		}
		l.file = f
	}
	return &exposure{reel: l, name: name, from: l.end, sum: sha256.New()}, nil
}

// exposure is a timeline that is being recorded to a reel.
type exposure struct {
	reel *reel
	name string
	from int64
	sum  hash.Hash
}

func (e *exposure) Write(p []byte) (int, error) {
	n, err := e.reel.file.Write(p)
	_, _ = e.sum.Write(p[:n]) // never fails
	e.reel.end += int64(n)
	return n, err
}

func (e *exposure) Close() error {
	s := strip{reel: e.reel, from: e.from, length: e.reel.end - e.from}
	e.sum.Sum(s.sum[:0])
	l := e.reel.ledger
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.strips == nil {
		l.strips = map[string]strip{}
	}
	l.strips[e.name] = s
	if !slices.Contains(l.reels, e.reel) {
		l.reels = append(l.reels, e.reel)
	}
	return nil
}

// strip is where the timeline of that name is.
func (l *ledger) strip(name string) (strip, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s, ok := l.strips[name]
	if !ok {
		return s, fmt.Errorf("%s is on no reel: %w", name, fs.ErrNotExist)
	}
	return s, nil
}

// reader reads a timeline, packed as it was recorded.
func (s strip) reader() io.Reader { return io.NewSectionReader(s.reel.file, s.from, s.length) }

// copy copies a timeline to w, if it is what was recorded.
func (s strip) copy(w io.Writer) error {
	sum := sha256.New()
	if _, err := io.Copy(io.MultiWriter(w, sum), s.reader()); err != nil {
		return err
	}
	return s.holds([sha256.Size]byte(sum.Sum(nil)))
}

// load is copy to an empty buffer, whose room is used again.
func (s strip) load(b *bytes.Buffer) error {
	if _, err := b.ReadFrom(s.reader()); err != nil {
		return err
	}
	return s.holds(sha256.Sum256(b.Bytes()))
}

// holds is an error unless sum is that of what was recorded.
func (s strip) holds(sum [sha256.Size]byte) error {
	if sum != s.sum {
		return fmt.Errorf("%s: the disk has not kept what was recorded", s.reel.path)
	}
	return nil
}

// onReels are the names of the timelines that are on a reel.
func (l *ledger) onReels() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Sorted(maps.Keys(l.strips))
}

// leave says that a timeline is needed on its reel no longer: it is somewhere else.
func (l *ledger) leave(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.strips, name)
}

// removeReels removes the reels, all of whose timelines are somewhere else.
func (l *ledger) removeReels() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var err error
	for _, r := range l.reels {
		err = errors.Join(err, r.file.Close(), os.Remove(r.path))
	}
	l.reels = nil
	return err
}
