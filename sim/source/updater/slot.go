package updater

import (
	"crypto/sha256"
	"encoding"
	"encoding/json"
	"errors"
	"hash"
)

// headSize is how many bytes of an image say what boots.
const headSize = 256

// slot is the part of a Device's flash that takes a new image in. It keeps no more of it
// than its beginning and its SHA-256.
type slot struct {
	of   string // which image it is for
	tag  string // that the bytes came under; "" for none
	head []byte
	size int64
	hash hash.Hash
}

func newSlot(of string) *slot { return &slot{of: of, hash: sha256.New()} }

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

// resumable reports whether a transfer can go on behind what the slot has. Without a tag nobody
// knows whether the rest is of the same file.
func (s *slot) resumable() bool { return s != nil && s.size > 0 && s.tag != "" }

// partFile is a slot as a Flash keeps it.
type partFile struct {
	Of   string `json:"of"`
	Tag  string `json:"tag"`
	Size int64  `json:"size"` // bytes that are there
	Head []byte `json:"head"`
	Hash []byte `json:"hash"` // SHA-256 as far as it is, in the form of crypto/sha256
}

// marshal is the slot as a Flash keeps it.
func (s *slot) marshal() ([]byte, error) {
	state, err := s.hash.(encoding.BinaryMarshaler).MarshalBinary()
	if err != nil {
		return nil, err
	}
	return json.Marshal(partFile{s.of, s.tag, s.size, s.head, state})
}

// readSlot reads what marshal has written. What else it may be is found by the digest of the
// whole image.
func readSlot(data []byte) (*slot, error) {
	var p partFile
	if err := json.Unmarshal(data, &p); err != nil {
		return nil, err
	}
	s := newSlot(p.Of)
	if err := s.hash.(encoding.BinaryUnmarshaler).UnmarshalBinary(p.Hash); err != nil {
		return nil, err
	}
	if p.Size < 0 || int64(len(p.Head)) != min(p.Size, headSize) {
		return nil, errors.New("its size and its beginning do not fit")
	}
	s.tag, s.size, s.head = p.Tag, p.Size, p.Head
	return s, nil
}
