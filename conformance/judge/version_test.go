package judge

import (
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// The version is read where the target declares it to be, and nowhere else. Where it is
// none, the reason says what stands there.
func TestTheDeclaredVersion(t *testing.T) {
	d := ocf.D{SV: "1.0.0"}
	p := ocf.P{MNFV: "2.0.0"}
	inD, inP := d.AppendCBOR(nil, ocf.InterfaceDefault), p.AppendCBOR(nil, ocf.InterfaceDefault)
	for _, c := range []struct {
		declared, path string
		payload        []byte
		version, says  string
	}{
		{"/oic/d#sv", ocf.PathD, inD, "1.0.0", ""},
		{"/oic/p#mnfv", ocf.PathP, inP, "2.0.0", ""},
		{"/oic/p#mnfv", ocf.PathD, inD, "", ""},
		{"/oic/d#sv", ocf.PathP, inP, "", ""},
		{"", ocf.PathD, inD, "", ""},
		{"/oic/d#sv", ocf.PathD, []byte("\xa1\x62sv\x07"), "", "sv is a number, text was expected"},
		{"/oic/p#mnfv", ocf.PathP, []byte("\xa0"), "", "/oic/p has no mnfv"},
		{"/oic/p#mnfv", ocf.PathP, []byte("\x07"), "", "/oic/p: payload: want map, got unsigned integer 7"},
		{"/oic/p#mnpv", ocf.PathP, inP, "", "nobody knows how to read /oic/p#mnpv"},
	} {
		version, says := declaredVersion(c.declared, &conformance.Frame{Path: c.path, Payload: c.payload})
		if version != c.version || says != c.says {
			t.Errorf("%s in %s: %q, %q", c.declared, c.path, version, says)
		}
	}
}
