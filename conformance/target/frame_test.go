package target

import (
	"bytes"
	"testing"
)

// TestOptionsOfADatagram reads as many options as a datagram may have, and not one more.
func TestOptionsOfADatagram(t *testing.T) {
	for _, n := range []int{1, fewOptions, fewOptions + 1, maxOptions, maxOptions + 1} {
		raw := append([]byte{0x40, 0x01, 0, 7, 0xd0, 0x02}, bytes.Repeat([]byte{0}, n-1)...) // Uri-Query, n times, each empty
		m, err := decode(raw)
		if (err != nil) != (n > maxOptions) || err == nil && len(m.Options) != n {
			t.Errorf("%d options: read %d, %v", n, len(m.Options), err)
		}
	}
}
