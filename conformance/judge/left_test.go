package judge

import (
	"fmt"
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
)

// TestLeft plays scenarios one after another, and wants a flaw to be judged in the one
// in which it arose, and to be found by the others.
func TestLeft(t *testing.T) {
	const idle = "get tm=- cm=- dos=RFNOP\n"
	for _, c := range []struct {
		name, id string
		scripts  []string
		want     []conformance.Verdict
	}{
		{"a bit that sticks", "DPM-1", []string{idle + "post tm=0x100 2.04\nsleep 150ms\nget tm=0x100 cm=- dos=RFNOP\n", "get tm=0x100 cm=- dos=RFNOP\n"}, []conformance.Verdict{conformance.Pass, conformance.Pass}},
		{"the same, where it was written", "DPM-10", []string{idle + "post tm=0x100 2.04\nsleep 150ms\nget tm=0x100 cm=- dos=RFNOP\n", "get tm=0x100 cm=- dos=RFNOP\npost tm=0x200 2.04\nsleep 150ms\nget tm=0x100 cm=- dos=RFNOP\n"}, []conformance.Verdict{conformance.Warn, conformance.Pass}},
		{"a bit that sticks beside V", "DPM-10", []string{idle + "post tm=0x140 2.04\nget tm=0x140 cm=- dos=RFNOP\nsleep 150ms\nget tm=0x100 cm=V dos=RFNOP\n"}, []conformance.Verdict{conformance.Warn}},
		{"a bit that comes by itself", "DPM-1", []string{idle + "get tm=- cm=0x100 dos=RFNOP\n", "get tm=- cm=0x100 dos=RFNOP\n", idle + "get tm=- cm=0x100 dos=RFNOP\n"}, []conformance.Verdict{conformance.Warn, conformance.Pass, conformance.Warn}},
		{"a bit that was always there", "DPM-1", []string{"get tm=- cm=0x100 dos=RFNOP\n", "get tm=- cm=0x100 dos=RFNOP\n"}, []conformance.Verdict{conformance.Warn, conformance.Warn}},
		{"an isop that is wrong from a move on", "DOS-4", []string{idle + "post dos=RFPRO 2.04\nget tm=- cm=- dos=RFPRO isop=true\n", "get tm=- cm=- dos=RFPRO isop=true\n", "get tm=- cm=- dos=RFPRO isop=true\nget tm=- cm=- dos=RFNOP isop=false\n"}, []conformance.Verdict{conformance.Fail, conformance.Inconclusive, conformance.Fail}},
		{"a Property that is lost", "DPM-13", []string{idle + "get tm=- cm=- dos=RFNOP lacks=om\n", "get tm=- cm=- dos=RFNOP lacks=om\n"}, []conformance.Verdict{conformance.Fail, conformance.Inconclusive}},
	} {
		var left Left
		for i, script := range c.scripts {
			tl := play(t, script)
			made := Scenario(tl, Known{Left: left})
			if f := made.Requirements[c.id]; f.Verdict != c.want[i] {
				t.Errorf("%s, scenario %d: %s %s, want %s: %s", c.name, i+1, c.id, f.Verdict, c.want[i], f.Reason)
			}
			left = made.Left
		}
	}
}

// TestWhatIsLeft plays scenarios one after another, and wants each flaw to be named with
// the one in which it arose, for as long as it is there.
func TestWhatIsLeft(t *testing.T) {
	const (
		idle    = "get tm=- cm=- dos=RFNOP\n"
		stuck   = "get tm=- cm=0x100 dos=RFNOP\n"
		pending = "get tm=- cm=- dos=RFNOP p=true\n"
		noMap   = "see /oic/sec/pstat hex:10\n"
	)
	for _, c := range []struct {
		name    string
		scripts []string
		want    []string
	}{
		{"none", []string{idle, idle}, []string{"map[]", "map[]"}},
		{"from the beginning", []string{stuck, stuck}, []string{"map[]", "map[]"}},
		{"it stays", []string{idle + stuck, stuck, stuck}, []string{"map[cm has 0x100:s1]", "map[cm has 0x100:s1]", "map[cm has 0x100:s1]"}},
		{"it goes", []string{idle + stuck, stuck + idle, stuck}, []string{"map[cm has 0x100:s1]", "map[]", "map[]"}},
		{"it goes and comes back", []string{idle + stuck, stuck + idle + stuck}, []string{"map[cm has 0x100:s1]", "map[cm has 0x100:s2]"}},
		{"it is gone at once", []string{idle + stuck, idle + stuck}, []string{"map[cm has 0x100:s1]", "map[cm has 0x100:s2]"}},
		{"it comes and goes", []string{idle + stuck + idle}, []string{"map[]"}},
		{"nobody looks", []string{idle + stuck, "version 1.0.1\n", stuck}, []string{"map[cm has 0x100:s1]", "map[cm has 0x100:s1]", "map[cm has 0x100:s1]"}},
		{"another one beside it", []string{idle + stuck, stuck + "get tm=0x8000 cm=0x100 dos=RFNOP\n"}, []string{"map[cm has 0x100:s1]", "map[cm has 0x100:s1 tm has 0x8000:s2]"}},
		{"a bit that the edition has", []string{"edition ocf-2.2\n" + idle + "get tm=0x100 cm=0x300 dos=RFNOP\n"}, []string{"map[cm has 0x200:s1]"}},
		{"isop", []string{idle + "get tm=- cm=- dos=RFNOP isop=false\n"}, []string{"map[isop is false though dos is RFNOP:s1]"}},
		{"isop without dos", []string{idle + "get tm=- cm=- dos=RFNOP isop=true lacks=dos\n"}, []string{"map[dos.s: want unsigned integer 0 to 4, got missing:s1]"}},
		{"p that passes", []string{idle + pending, pending + idle}, []string{"map[]", "map[]"}},
		{"p that lasts", []string{idle + pending + "sleep 1s\n" + pending, pending, idle}, []string{"map[dos.p is true:s1]", "map[dos.p is true:s1]", "map[]"}},
		{"p from the beginning", []string{pending + "sleep 1s\n" + pending, pending}, []string{"map[]", "map[]"}},
		{"no map", []string{idle + noMap, noMap, noMap + idle + noMap}, []string{"map[the representation of pstat is no CBOR map:s1]", "map[the representation of pstat is no CBOR map:s1]", "map[the representation of pstat is no CBOR map:s3]"}},
	} {
		var left Left
		for i, script := range c.scripts {
			tl := play(t, script)
			tl.Header.Scenario = fmt.Sprintf("s%d", i+1)
			left = Scenario(tl, Known{Left: left}).Left
			if got := fmt.Sprint(map[string]string(left)); got != c.want[i] {
				t.Errorf("%s, scenario %d: %s, want %s", c.name, i+1, got, c.want[i])
			}
		}
	}
}
