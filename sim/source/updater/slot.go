package updater

import (
	"crypto/sha256"
	"hash"
)

// headSize is how many bytes of an image say what boots.
const headSize = 256

// slot is the part of a Device's flash that takes a new image in. It keeps no more of it
// than its beginning and its SHA-256.
type slot struct {
	head []byte
	size int64
	hash hash.Hash
}

func newSlot() *slot { return &slot{hash: sha256.New()} }

// Write appends to the image.
func (s *slot) Write(data []byte) (int, error) {
	if room := headSize - len(s.head); room > 0 {
		s.head = append(s.head, data[:min(room, len(data))]...)
	}
	s.size += int64(len(data))
	return s.hash.Write(data)
}

// Reset erases the slot.
func (s *slot) Reset() {
	s.head, s.size = nil, 0
	s.hash.Reset()
}

// sum is the SHA-256 of what was written.
func (s *slot) sum() [sha256.Size]byte { return [sha256.Size]byte(s.hash.Sum(nil)) }
