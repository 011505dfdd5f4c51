package conformance

import (
	"time"
)

// ObserveMask is the width of an Observe number, 24 bits.
const ObserveMask = 1<<24 - 1

// TrustedFor is how long a notification's number is comparable with the next
// one's (RFC 7641 section 3.4).
const TrustedFor = 128 * time.Second

// Freshness follows the Observe numbers of one observation. The zero value has seen none.
type Freshness struct {
	count int // notifications taken
	last  uint32
	at    time.Duration
}

// Take reports whether a notification with this number, which came at this time, is newer
// than what was taken before, and remembers it if so (RFC 7641 section 3.4).
func (f *Freshness) Take(number uint32, at time.Duration) bool {
	number &= ObserveMask
	if f.count > 0 && !Newer(f.last, number) && at-f.at <= TrustedFor {
		return false
	}
	f.count++
	f.last, f.at = number, at
	return true
}

// Newer reports whether Observe number b follows a, across the 24-bit wrap.
func Newer(a, b uint32) bool {
	ahead := (b - a) & ObserveMask
	return ahead != 0 && ahead < 1<<23
}
