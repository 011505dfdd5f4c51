package judge

import (
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// TestVersionThatIsNoText wants the reason to say what stands where the version is
// declared to be read.
func TestVersionThatIsNoText(t *testing.T) {
	for sv, want := range map[string]string{
		"\x01": "the software version can't be read where it is declared to be, /oic/d#sv: sv is a number, text was expected",
		"\x20": "the software version can't be read where it is declared to be, /oic/d#sv: sv is a number, text was expected",
		"\xf5": "the software version can't be read where it is declared to be, /oic/d#sv: sv is true, text was expected",
		"":     "the software version can't be read where it is declared to be, /oic/d#sv: /oic/d has no sv",
	} {
		tl := play(t, "version 1.0.0\nget tm=- cm=V dos=RFNOP\npost tm=U 2.04\nget tm=U cm=- dos=RFNOP\nget tm=- cm=U dos=RFNOP\nversion 1.0.1\n")
		for i := range tl.Observations {
			if o := &tl.Observations[i]; o.Kind == conformance.Response && o.Frame.Path == ocf.PathD {
				o.Frame.Payload = conformance.Hex("\xa1\x62sv" + sv)
				if sv == "" {
					o.Frame.Payload = conformance.Hex("\xa0")
				}
			}
		}
		if f := All(tl)["SSU-5"]; f.Verdict != conformance.Inconclusive || f.Reason != want {
			t.Errorf("sv %x: %s: %s, want %s", sv, f.Verdict, f.Reason, want)
		}
	}
}
