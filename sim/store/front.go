package store

import (
	"encoding/binary"
	"errors"
	"hash/fnv"
	"io/fs"
	"os"
)

// The file begins with two pages that say where all the others are. A commit writes one
// of them last, the other one being that of the commit before it. Behind the head of
// the page come 56 bytes, and then their FNV-1a sum.
const (
	frontPages = 2
	frontHead  = 16
	frontBody  = 56
	sumOfFront = 8
	pageSizeAt = 8 // in the body
)

// frontIsWhole reports whether both pages at the front of the file are whole. If one is
// not, bbolt goes by the other one, and what was committed last is gone. A file that is
// not there, or has nothing in it yet, is whole.
func frontIsWhole(path string) (bool, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	defer func() { _ = f.Close() }()
	if info, err := f.Stat(); err != nil || info.Size() == 0 {
		return err == nil, err
	}
	size := int64(os.Getpagesize())
	for n := range int64(frontPages) {
		page := make([]byte, frontHead+frontBody+sumOfFront)
		if _, err := f.ReadAt(page, n*size); err != nil {
			return false, nil // the file is too short; Open says what that means
		}
		body := page[frontHead : frontHead+frontBody]
		sum := fnv.New64a()
		_, _ = sum.Write(body)
		if sum.Sum64() != binary.NativeEndian.Uint64(page[frontHead+frontBody:]) {
			return false, nil
		}
		size = int64(binary.NativeEndian.Uint32(body[pageSizeAt:])) // of the machine that made the file
	}
	return true, nil
}
