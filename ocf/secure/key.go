package secure

import (
	"fmt"
	"io"
	"log/slog"
)

// withheld stands wherever a key would have been printed.
const withheld = "[key withheld]"

// Key is a pre-shared key. OCF's are 16 or 32 bytes long; the zero value is no
// key. Whoever asks for a []byte gets one, and whoever prints it gets nothing,
// unless it is in an unexported field: there package fmt can't be stopped, so
// keep keys in exported fields or behind pointers.
type Key []byte

// KeyBlock is the key material of a session, RFC 5246 section 6.3:
// P_SHA256(master_secret, "key expansion" || server_random || client_random),
// as long as the suite's MAC keys, encryption keys and fixed IVs together: 96
// bytes for both CBC suites, 40 for the CCM suites with AES-128. OCF derives
// the owner's key from it.
type KeyBlock []byte

// PIN is what a Device shows its owner for the Random PIN method, eight digits
// as a rule.
type PIN string

// Format withholds the key from every verb.
func (Key) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, withheld) }

// String withholds the key.
func (Key) String() string { return withheld }

// GoString withholds the key.
func (Key) GoString() string { return withheld }

// LogValue withholds the key.
func (Key) LogValue() slog.Value { return slog.StringValue(withheld) }

// MarshalText withholds the key from encoders.
func (Key) MarshalText() ([]byte, error) { return []byte(withheld), nil }

// Format withholds the key block from every verb.
func (KeyBlock) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, withheld) }

// String withholds the key block.
func (KeyBlock) String() string { return withheld }

// GoString withholds the key block.
func (KeyBlock) GoString() string { return withheld }

// LogValue withholds the key block.
func (KeyBlock) LogValue() slog.Value { return slog.StringValue(withheld) }

// MarshalText withholds the key block from encoders.
func (KeyBlock) MarshalText() ([]byte, error) { return []byte(withheld), nil }

// Format withholds the PIN from every verb.
func (PIN) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, withheld) }

// String withholds the PIN.
func (PIN) String() string { return withheld }

// GoString withholds the PIN.
func (PIN) GoString() string { return withheld }

// LogValue withholds the PIN.
func (PIN) LogValue() slog.Value { return slog.StringValue(withheld) }

// MarshalText withholds the PIN from encoders.
func (PIN) MarshalText() ([]byte, error) { return []byte(withheld), nil }
