package ocf

import (
	"encoding/hex"
	"fmt"
	"strings"
)

// UUID is 16 bytes in network order; the zero value is the nil uuid.
type UUID [16]byte

// IsNil reports whether every byte is zero.
func (u UUID) IsNil() bool { return u == UUID{} }

// String is the 36-character form of RFC 9562.
func (u UUID) String() string {
	text := u.text()
	return string(text[:])
}

// AppendText appends the 36-character form to dst.
func (u UUID) AppendText(dst []byte) []byte {
	text := u.text()
	return append(dst, text[:]...)
}

func (u UUID) text() (text [36]byte) {
	const digits = "0123456789abcdef"
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	for i, at := range [len(u)]uint8{0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34} {
		text[at], text[at+1] = digits[u[i]>>4], digits[u[i]&15]
	}
	return text
}

// ParseUUID reads the 36-character form. It drops one trailing NUL, since some
// onboarding tools send 37 bytes.
func ParseUUID(s string) (UUID, error) {
	var u UUID
	s = strings.TrimSuffix(s, "\x00")
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return u, fmt.Errorf("%q is no uuid", s)
	}
	compact := s[0:8] + s[9:13] + s[14:18] + s[19:23] + s[24:36]
	if _, err := hex.Decode(u[:], []byte(compact)); err != nil {
		return UUID{}, fmt.Errorf("%q is no uuid: %w", s, err)
	}
	return u, nil
}
