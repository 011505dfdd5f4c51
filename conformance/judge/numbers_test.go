package judge

import (
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
)

// TestRegistrationSentAgain wants nothing to be said of a number below that of a
// registration's answer where the registration was sent again: the Device may have
// answered it twice, and notified between the two.
func TestRegistrationSentAgain(t *testing.T) {
	const script = "get tm=- cm=- dos=RFNOP\nobserve 12 tm=- cm=- dos=RFNOP\npost tm=V 2.04\nnotify 12 tm=V cm=- dos=RFNOP\n"
	for again, want := range map[bool]conformance.Verdict{false: conformance.Fail, true: conformance.None} {
		tl := play(t, script)
		if again {
			first := tl.Observations[2]
			first.Kind = conformance.Message
			tl.Observations = append(tl.Observations[:3:3], append([]conformance.Observation{first}, tl.Observations[3:]...)...)
			for i := range tl.Observations {
				o := &tl.Observations[i]
				if o.For != nil && *o.For > 2 {
					n := *o.For + 1
					o.For = &n
				}
			}
		}
		if f := All(tl)["OBS-3"]; f.Verdict != want {
			t.Errorf("sent again: %v: %s, want %s: %s", again, f.Verdict, want, f.Reason)
		}
	}
}

// TestDropped wants a warning of what other Clients make nothing of.
func TestDropped(t *testing.T) {
	format := uint16(10000)
	for _, c := range []struct {
		name   string
		raw    string // the datagram
		format *uint16
		want   conformance.Verdict
	}{
		{"as it should be", "\x60\x45\x00\x01\xc2\x27\x10\xff\xa0", &format, conformance.Pass},
		{"without a Content-Format", "\x60\x45\x00\x01\xff\xa0", nil, conformance.Warn},
		{"with a critical option of nobody's", "\x60\x45\x00\x01\xc2\x27\x10\xd0\x2e\xff\xa0", &format, conformance.Warn}, // 12, then 71
		{"with an elective option of nobody's", "\x60\x45\x00\x01\xc2\x27\x10\xd0\x2f\xff\xa0", &format, conformance.Pass},
	} {
		tl := play(t, "get tm=- cm=- dos=RFNOP\n")
		f := tl.Observations[1].Frame
		f.Raw, f.Format = conformance.Hex(c.raw), c.format
		if f := All(tl)["DPM-13"]; f.Verdict != c.want {
			t.Errorf("an answer %s: %s, want %s: %s", c.name, f.Verdict, c.want, f.Reason)
		}
	}
}
