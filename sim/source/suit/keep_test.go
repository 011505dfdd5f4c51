package suit_test

import (
	"testing"

	"github.com/ocfsim/ocfsim/sim/source/suit"
)

// A vendor that was kept goes on where it was: Devices that have installed a release of it
// accept the next one, and refuse what the key has signed that was revoked.
func TestAVendorIsKept(t *testing.T) {
	m := newMaker(t)
	if err := m.vendor.Revoke(today()); err != nil {
		t.Fatal(err)
	}
	data, err := m.vendor.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if m.vendor, err = suit.ParseVendor(data, lamp()); err != nil {
		t.Fatal(err)
	}
	if got := m.vendor.Publications(); got != 2 {
		t.Errorf("it has published %d times, expected 2", got)
	}
	files, err := m.vendor.Publish(today(), release(t, 3))
	if err != nil {
		t.Fatal(err)
	}
	if version, err := m.update(files); err != nil || version != "1.0.3" {
		t.Errorf("version %q, error %v", version, err)
	}
	for _, bad := range [][]byte{nil, {0xa0}, data[:len(data)/2]} {
		if _, err := suit.ParseVendor(bad, lamp()); err == nil {
			t.Errorf("%x is taken for a vendor", bad)
		}
	}
}
