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
	var text [36]byte
	return string(u.AppendText(text[:0]))
}

// AppendText appends the 36-character form to dst.
func (u UUID) AppendText(dst []byte) []byte {
	var b [36]byte
	hex.Encode(b[0:8], u[0:4])
	hex.Encode(b[9:13], u[4:6])
	hex.Encode(b[14:18], u[6:8])
	hex.Encode(b[19:23], u[8:10])
	hex.Encode(b[24:36], u[10:16])
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
	return append(dst, b[:]...)
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
