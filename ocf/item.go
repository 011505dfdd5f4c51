package ocf

import (
	"encoding/binary"
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

// wellformed checks syntax and bounds alone; text that is no UTF-8 passes,
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

// The major types of RFC 8949 section 3.1.
const (
	majorUint = iota
	majorNegative
	majorBytes
	majorText
	majorArray
	majorMap
	majorTag
	majorSimple
)

// indefinite is the additional information of a length that is not given.
const indefinite = 31

const breakByte = 0xff

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
	err := wellformed.Wellformed(payload)
	if extra := (*cbor.ExtraneousDataError)(nil); err != nil && !errors.As(err, &extra) {
		return nil, nil, fmt.Errorf("payload is no CBOR: %w", err)
	}
	n := itemLen(payload)
	return item(payload[:n]), payload[n:], nil
}

// head splits an item's first bytes into major type, additional information
// and argument; n is how many bytes they take.
func head(b []byte) (major, info byte, arg uint64, n int) {
	major, info = b[0]>>5, b[0]&0x1f
	switch info {
	case 24:
		return major, info, uint64(b[1]), 2
	case 25:
		return major, info, uint64(binary.BigEndian.Uint16(b[1:])), 3
	case 26:
		return major, info, uint64(binary.BigEndian.Uint32(b[1:])), 5
	case 27:
		return major, info, binary.BigEndian.Uint64(b[1:]), 9
	}
	return major, info, uint64(info), 1
}

// itemLen is the length of the first item of b, which is well-formed.
func itemLen(b []byte) int {
	major, info, arg, n := head(b)
	var items uint64
	switch major {
	case majorBytes, majorText:
		if info != indefinite {
			return n + int(arg)
		}
	case majorArray:
		items = arg
	case majorMap:
		items = 2 * arg
	case majorTag:
		items = 1
	default:
		return n
	}
	if info == indefinite {
		for b[n] != breakByte {
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
		major, info, arg, n := head(it)
		if major == majorMap {
			arg *= 2
		}
		for left := arg; info == indefinite || left > 0; left-- {
			if it[n] == breakByte && info == indefinite {
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
	if it.major() != majorText {
		return nil, false
	}
	return it.content(), true
}

// content is the content of a byte or text string.
func (it item) content() []byte {
	_, info, _, n := head(it)
	if info != indefinite {
		return it[n:]
	}
	var whole []byte
	for chunk := item(it[n:]); chunk[0] != breakByte; chunk = chunk[itemLen(chunk):] {
		whole = append(whole, chunk[:itemLen(chunk)].content()...)
	}
	return whole
}

// unsigned is the value of an unsigned integer of at most limit.
func (it item) unsigned(limit uint64) (uint64, bool) {
	major, _, arg, _ := head(it)
	return arg, major == majorUint && arg <= limit
}

// boolean is the value of true or false.
func (it item) boolean() (value, ok bool) {
	return it[0] == 0xf5, it[0] == 0xf5 || it[0] == 0xf4
}

// null reports whether the item is null.
func (it item) null() bool { return it[0] == 0xf6 }

// kind says of which type the item is, and nothing of its value. null is a
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
	major, info, arg, _ := head(it)
	switch major {
	case majorUint:
		return fmt.Sprintf("unsigned integer %d", arg)
	case majorNegative:
		if arg >= math.MaxInt64 {
			return "negative integer of 64 bits"
		}
		return fmt.Sprintf("negative integer %d", -1-int64(arg))
	case majorBytes:
		return fmt.Sprintf("byte string h'%x'", clip(it.content()))
	case majorText:
		return fmt.Sprintf("text string %q", clip(it.content()))
	case majorArray:
		return "array"
	case majorMap:
		return "map"
	case majorTag:
		return fmt.Sprintf("tag %d", arg)
	}
	return it.describeSimple(info, arg)
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
