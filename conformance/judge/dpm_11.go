package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var dpm11 = Requirement{
	ID: "DPM-11", Lines: "106",
	Clause: "Value Definition of the oic.sec.dpmtype Property (Low-Byte)",
	Says:   "the bits lie in the low byte",
	Level:  Definition, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Verdicts: Verdicts{
		Pass: "0x4000 is not 64",
		Fail: "it starts a check",
	},
	NotAlone: "the edition does not define the bit 0x4000, so a check that it starts breaks DPM-10 too",
	rule:     lowByte,
}

// lowByte judges that the defined bits lie in the low byte (seed.txt 106):
// 0x4000 is not 64, 0x8000 is not 128.
func lowByte(s *story) []conformance.Finding {
	return s.nothingHappens(s.processes(), func(w write) bool {
		return w.writesMask(func(m ocf.DPM) bool { return m == ocf.SVV<<8 || m == ocf.SSU<<8 || m == (ocf.SVV|ocf.SSU)<<8 })
	})
}
