package ocf

import (
	"encoding/binary"
	"errors"
)

// The major types of RFC 8949 section 3.1.
const (
	MajorUint = iota
	MajorNegative
	MajorBytes
	MajorText
	MajorArray
	MajorMap
	MajorTag
	MajorSimple
)

// Indefinite is the Info of an item whose length is not given, and of the break
// that ends it (RFC 8949 section 3.2).
const Indefinite = 31

// Break ends an item of indefinite length.
const Break = 0xff

// What is wrong with the first bytes of an item.
var (
	ErrCut  = errors.New("the payload ends inside an item")
	ErrItem = errors.New("no CBOR item")
)

// Head is what the first bytes of a CBOR data item say (RFC 8949 section 3).
type Head struct {
	Major byte   // one of MajorUint to MajorSimple
	Info  byte   // the additional information, 0 to 31
	Arg   uint64 // a number, a length in bytes or items, or a float's bits; 0 with Indefinite
}

// ReadHead reads the head that b begins with, and returns what follows it. The
// error is ErrCut where b ends inside the head, and ErrItem where its additional
// information is one of those that RFC 8949 reserves (28 to 30).
func ReadHead(b []byte) (h Head, rest []byte, err error) {
	if len(b) == 0 {
		return h, nil, ErrCut
	}
	h, rest = Head{Major: b[0] >> 5, Info: b[0] & 0x1f}, b[1:]
	switch {
	case h.Info < 24:
		h.Arg = uint64(h.Info)
		return h, rest, nil
	case h.Info == Indefinite:
		return h, rest, nil
	case h.Info > 27:
		return h, nil, ErrItem
	}
	size := 1 << (h.Info - 24)
	if len(rest) < size {
		return h, nil, ErrCut
	}
	var wide [8]byte
	copy(wide[8-size:], rest[:size])
	h.Arg = binary.BigEndian.Uint64(wide[:])
	return h, rest[size:], nil
}
