package judge

import (
	"testing"
)

// wholeCheck is a check that finds an update, with the gate.
const wholeCheck = `
update-available
begin tm=- cm=- dos=RFNOP
post tm=V 2.04
both 11 tm=V cm=- dos=RFNOP
source checks=1 holding=1
sleep 200ms
get tm=V cm=- dos=RFNOP
release
both 12 tm=V cm=V dos=RFNOP
both 13 tm=- cm=V dos=RFNOP
end tm=- cm=V dos=RFNOP
`

func BenchmarkJudgeAll(b *testing.B) {
	tl := play(b, wholeCheck)
	b.ReportAllocs()
	for b.Loop() {
		All(tl)
	}
}
