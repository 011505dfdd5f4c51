package target

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// A Device may say anything of itself, at any length; what is shown of it is short.
func TestALookIsShortWhateverTheDeviceSays(t *testing.T) {
	long := strings.Repeat("ü", 7_000)
	d := ocf.D{Name: long, DI: ocf.UUID{1}, ICV: long, DMV: long, SV: long}
	p := ocf.P{PI: ocf.UUID{2}, MNMN: long, MNFV: long}
	l := Look{Codes: map[string]string{}}
	l.take(ocf.PathD, Reply{Frame: conformance.Frame{Code: "2.05", Payload: d.AppendCBOR(nil, 0)}})
	l.take(ocf.PathP, Reply{Frame: conformance.Frame{Code: "2.05", Payload: p.AppendCBOR(nil, 0)}})
	for what, text := range map[string]string{"n": l.D.Name, "icv": l.D.ICV, "dmv": l.D.DMV, "sv": l.D.SV, "mnmn": l.P.MNMN, "mnfv": l.P.MNFV} {
		if n := utf8.RuneCountInString(text); n < mostShown || n > mostShown+20 {
			t.Errorf("%s has %d characters", what, n)
		}
	}
	if all := shortened(slices.Repeat([]string{long}, 1000)); len(all) != mostListed || len(all[0]) > 3*mostShown {
		t.Errorf("%d types, of %d bytes", len(all), len(all[0]))
	}
}
