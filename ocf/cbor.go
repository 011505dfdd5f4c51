package ocf

import (
	"encoding/binary"
	"math"
)

// AppendMap appends the head of a CBOR map of n pairs to dst.
func AppendMap(dst []byte, n int) []byte { return appendHead(dst, MajorMap, uint64(n)) }

// AppendArray appends the head of a CBOR array of n items to dst.
func AppendArray(dst []byte, n int) []byte { return appendHead(dst, MajorArray, uint64(n)) }

// AppendUint appends an unsigned integer to dst, in its shortest form.
func AppendUint(dst []byte, v uint64) []byte { return appendHead(dst, MajorUint, v) }

// AppendInt appends an integer to dst, in its shortest form.
func AppendInt(dst []byte, v int64) []byte {
	if v < 0 {
		return appendHead(dst, MajorNegative, uint64(-1-v))
	}
	return appendHead(dst, MajorUint, uint64(v))
}

// AppendText appends a text string to dst.
func AppendText(dst []byte, s string) []byte {
	return append(appendHead(dst, MajorText, uint64(len(s))), s...)
}

// AppendBytes appends a byte string to dst.
func AppendBytes(dst, b []byte) []byte {
	return append(appendHead(dst, MajorBytes, uint64(len(b))), b...)
}

// AppendBool appends true or false to dst.
func AppendBool(dst []byte, v bool) []byte {
	return append(dst, simple(v))
}

// AppendFloat appends a float of 64 bits to dst.
func AppendFloat(dst []byte, v float64) []byte {
	return binary.BigEndian.AppendUint64(append(dst, 0xfb), math.Float64bits(v))
}

// appendHead appends a major type with its argument in the shortest form.
func appendHead(dst []byte, major byte, arg uint64) []byte {
	major <<= 5
	switch {
	case arg < 24:
		return append(dst, major|byte(arg))
	case arg <= math.MaxUint8:
		return append(dst, major|24, byte(arg))
	case arg <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(dst, major|25), uint16(arg))
	case arg <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(dst, major|26), uint32(arg))
	}
	return binary.BigEndian.AppendUint64(append(dst, major|27), arg)
}

// appendUUID appends u as a text string to dst.
func appendUUID(dst []byte, u UUID) []byte { return u.AppendText(append(dst, 0x78, 36)) }

// appendTexts appends an array of text strings to dst.
func appendTexts(dst []byte, list []string) []byte {
	dst = AppendArray(dst, len(list))
	for _, s := range list {
		dst = AppendText(dst, s)
	}
	return dst
}
