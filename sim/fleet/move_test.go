package fleet

import (
	"net/netip"
	"testing"
)

// TestMovingBook checks where Devices that move are, and who is found at an address.
func TestMovingBook(t *testing.T) {
	at := func(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }
	b, err := newBook(at("127.1.0.1:5683"), 2)
	if err != nil {
		t.Fatal(err)
	}
	b.move(1)
	if got := b.addr(1); got != at("127.1.0.2:5683") {
		t.Errorf("Device 1 is at %v, though nobody moves here", got)
	}
	if err := b.roam(); err != nil {
		t.Fatal(err)
	}
	b.move(1)
	if got := b.addr(1); got != at("127.1.0.4:5683") {
		t.Errorf("Device 1 is at %v after it moved once", got)
	}
	for _, c := range []struct {
		at         string
		i          int
		now, known bool
	}{
		{"127.1.0.1:5683", 0, true, true},
		{"127.1.0.2:5683", 1, false, true},
		{"127.1.0.4:5683", 1, true, true},
		{"127.1.0.3:5683", 0, false, true},
		{"127.1.0.17:5683", 0, false, false},
		{"127.1.0.4:5684", 0, false, false},
	} {
		i, now := b.find(at(c.at))
		j, known := b.ever(at(c.at))
		if now != c.now || known != c.known || now && i != c.i || known && j != c.i {
			t.Errorf("%s: Device %d now %v, Device %d ever %v", c.at, i, now, j, known)
		}
	}
	for range places - 1 {
		b.move(1)
	}
	if got := b.addr(1); got != at("127.1.0.2:5683") {
		t.Errorf("Device 1 is at %v after it was everywhere", got)
	}
	if err := listBook([]netip.AddrPort{at("127.0.0.1:1")}).roam(); err == nil {
		t.Error("a Device with a socket of its own is to move")
	}
	if b, err := newBook(at("127.255.255.250:5683"), 1); err != nil || b.roam() == nil {
		t.Error("there is no room for all places")
	}
}
