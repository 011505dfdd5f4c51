package update_test

import (
	"testing"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/update"
	"github.com/ocfsim/ocfsim/ocf"
)

// TestKnown: an update is taken for one that an earlier run asked for where tm, or the version, or
// a cm that is new says so, and only where that run did ask.
func TestKnown(t *testing.T) {
	for _, test := range []struct {
		before, now, version string
		asked                ocf.DPM
		pending, over        bool
	}{
		{"tm=- cm=V dos=RFNOP", "tm=U cm=- dos=RFNOP", "1.0.0", ocf.SSU, true, false},
		{"tm=- cm=V dos=RFNOP", "tm=U cm=- dos=RFNOP", "1.0.0", ocf.SVV, false, false},
		{"tm=- cm=V dos=RFNOP", "tm=- cm=U dos=RFNOP", "1.0.1", ocf.SSU, false, true},
		{"tm=- cm=V dos=RFNOP", "tm=- cm=U dos=RFNOP", "", ocf.SSU, false, true}, // no version is shown
		{"tm=- cm=V+U dos=RFNOP", "tm=- cm=U dos=RFNOP", "1.0.0", ocf.SSU, false, false},
		{"tm=- cm=V+U dos=RFNOP", "tm=- cm=U dos=RFNOP", "1.0.1", ocf.SSU, false, true},
		{"", "tm=- cm=U dos=RFNOP", "1.0.0", ocf.SSU, false, false},
		{"tm=- cm=V dos=RFNOP", "tm=- cm=V dos=RFNOP", "1.0.1", ocf.SSU, false, false}, // by another way
		{"tm=- cm=V dos=RFNOP", "tm=- cm=U dos=RFNOP", "1.0.1", 0, false, false},
	} {
		k := update.Known{From: "1.0.0", Asked: test.asked}
		if test.before != "" {
			k.Before = pstat(t, test.before)
		}
		now := pstat(t, test.now)
		if k.Pending(now) != test.pending || k.Over(now, test.version) != test.over {
			t.Errorf("%+v: pending %v, over %v", test, k.Pending(now), k.Over(now, test.version))
		}
	}
	k := update.Known{Asked: ocf.SSU, Before: pstat(t, "tm=- cm=V dos=RFNOP")}
	if home := k.Home(ocf.SRESET); home != ocf.RFNOP {
		t.Errorf("the Device returns to %v", home)
	}
	if home := (update.Known{}).Home(ocf.SRESET); home != ocf.SRESET {
		t.Errorf("a Device that nothing is known of returns to %v", home)
	}
}

func pstat(t *testing.T, text string) ocf.Pstat {
	t.Helper()
	p, err := ocf.ParsePstatText(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
