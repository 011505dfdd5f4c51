package ocf

import (
	"errors"
	"fmt"
	"iter"
	"math"

	"github.com/fxamacker/cbor/v2"
)

// Bounds on what is decoded. A payload beyond one of them is refused whole.
const (
	MaxUpdateBytes  = 1024  // of an update to pstat; a full one takes under 150
	MaxListBytes    = 16384 // of an update to cred, acl2 or roles; an owner's certificates take 2500
	MaxPayloadBytes = 65536 // of a representation, after block-wise reassembly
	MaxNesting      = 8     // arrays and maps within each other; /oic/res needs 5
	MaxElements     = 1024  // of one array, and pairs of one map
)

// wellformed checks only syntax and bounds. Text that is not UTF-8 passes,
// since some onboarding tools send a key as a text string.
var wellformed = mustDecMode(cbor.DecOptions{
	MaxNestedLevels:  MaxNesting,
	MaxArrayElements: MaxElements,
	MaxMapPairs:      MaxElements,
	UTF8:             cbor.UTF8DecodeInvalid,
})

func mustDecMode(o cbor.DecOptions) cbor.DecMode {
	mode, err := o.DecMode()
	if err != nil {
		panic(err) // the options are constants
	}
	return mode
}

// item is the bytes of exactly one well-formed CBOR data item.
type item []byte

// one checks that payload is one well-formed data item of at most limit bytes,
// and returns it with the bytes that follow it.
func one(payload []byte, limit int) (item, []byte, error) {
	if len(payload) == 0 {
		return nil, nil, errors.New("empty payload")
	}
	if len(payload) > limit {
		return nil, nil, fmt.Errorf("payload of %d bytes, at most %d are taken", len(payload), limit)
	}
	if err := wellformed.Wellformed(payload); err != nil {
		if extra := (*cbor.ExtraneousDataError)(nil); !errors.As(err, &extra) {
			return nil, nil, fmt.Errorf("payload is no CBOR: %w", err)
		}
	}
	n := itemLen(payload)
	return item(payload[:n]), payload[n:], nil
}

// head reads the head of an item that is well-formed; n is how many bytes it takes.
func head(b []byte) (h Head, n int) {
	h, rest, _ := ReadHead(b)
	return h, len(b) - len(rest)
}

// itemLen is the length of the first item of b, which is well-formed.
func itemLen(b []byte) int {
	h, n := head(b)
	var items uint64
	switch h.Major {
	case MajorBytes, MajorText:
		if h.Info != Indefinite {
			return n + int(h.Arg)
		}
	case MajorArray:
		items = h.Arg
	case MajorMap:
		items = 2 * h.Arg
	case MajorTag:
		items = 1
	default:
		return n
	}
	if h.Info == Indefinite {
		for b[n] != Break {
			n += itemLen(b[n:])
		}
		return n + 1
	}
	for range items {
		n += itemLen(b[n:])
	}
	return n
}

// major is the item's major type.
func (it item) major() byte { return it[0] >> 5 }

// elements yields the items of an array, or keys and values of a map in turn.
func (it item) elements() iter.Seq[item] {
	return func(yield func(item) bool) {
		h, n := head(it)
		left := h.Arg
		if h.Major == MajorMap {
			left *= 2
		}
		for ; h.Info == Indefinite || left > 0; left-- {
			if it[n] == Break && h.Info == Indefinite {
				return
			}
			length := itemLen(it[n:])
			if !yield(it[n : n+length]) {
				return
			}
			n += length
		}
	}
}

// pairs yields the keys and values of a map.
func (it item) pairs() iter.Seq2[item, item] {
	return func(yield func(key, value item) bool) {
		var key item
		for element := range it.elements() {
			if key == nil {
				key = element
				continue
			}
			if !yield(key, element) {
				return
			}
			key = nil
		}
	}
}

// text is the content of a text string; a string in chunks is put together.
func (it item) text() ([]byte, bool) {
	if it.major() != MajorText {
		return nil, false
	}
	return it.content(), true
}

// content is the content of a byte or text string.
func (it item) content() []byte {
	h, n := head(it)
	if h.Info != Indefinite {
		return it[n:]
	}
	var whole []byte
	for chunk := item(it[n:]); chunk[0] != Break; chunk = chunk[itemLen(chunk):] {
		whole = append(whole, chunk[:itemLen(chunk)].content()...)
	}
	return whole
}

// unsigned is the value of an unsigned integer of at most limit.
func (it item) unsigned(limit uint64) (uint64, bool) {
	h, _ := head(it)
	return h.Arg, h.Major == MajorUint && h.Arg <= limit
}

// boolean is the value of true or false.
func (it item) boolean() (value, ok bool) {
	return it[0] == 0xf5, it[0] == 0xf5 || it[0] == 0xf4
}

// null reports whether the item is null.
func (it item) null() bool { return it[0] == 0xf6 }

// kind says of which type the item is, and nothing about its value. null is a
// type of its own.
func (it item) kind() string {
	if it.null() {
		return "null"
	}
	return [...]string{
		"unsigned integer", "negative integer", "byte string", "text string", "array", "map", "tag", "simple value",
	}[it.major()]
}

// describe says what the item is, for the Got of a Problem.
func (it item) describe() string {
	h, _ := head(it)
	switch h.Major {
	case MajorUint:
		return fmt.Sprintf("unsigned integer %d", h.Arg)
	case MajorNegative:
		if h.Arg >= math.MaxInt64 {
			return "negative integer of 64 bits"
		}
		return fmt.Sprintf("negative integer %d", -1-int64(h.Arg))
	case MajorBytes:
		return fmt.Sprintf("byte string h'%x'", clip(it.content()))
	case MajorText:
		return fmt.Sprintf("text string %q", clip(it.content()))
	case MajorArray:
		return "array"
	case MajorMap:
		return "map"
	case MajorTag:
		return fmt.Sprintf("tag %d", h.Arg)
	}
	return it.describeSimple(h.Info, h.Arg)
}

// describeSimple says which float or simple value of major type 7 it is.
func (it item) describeSimple(info byte, arg uint64) string {
	switch info {
	case 20:
		return "false"
	case 21:
		return "true"
	case 22:
		return "null"
	case 23:
		return "undefined"
	case 25, 26, 27:
		var f float64
		if cbor.Unmarshal(it, &f) == nil {
			return fmt.Sprintf("float %v", f)
		}
	}
	return fmt.Sprintf("simple value %d", arg)
}

// clip keeps a hostile string out of an error message.
func clip(b []byte) []byte {
	const most = 48
	if len(b) > most {
		return b[:most]
	}
	return b
}
