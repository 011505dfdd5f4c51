package judge

import (
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
