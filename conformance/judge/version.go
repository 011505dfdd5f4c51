package judge

import (
	"fmt"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// declaredVersion is the software version in the representation f, if this is the
// place where the target declares it to be, such as "/oic/p#mnfv"; "" otherwise.
// trouble says what is wrong where the place is right and the version is none.
func declaredVersion(declared string, f *conformance.Frame) (version, trouble string) {
	path, property, ok := strings.Cut(declared, "#")
	if !ok || f.Path != path {
		return "", ""
	}
	var err error
	switch declared {
	case ocf.PathD + "#sv":
		var d ocf.D
		d, _, err = ocf.DecodeD(f.Payload)
		version = d.SV
	case ocf.PathP + "#mnfv":
		var p ocf.P
		p, _, err = ocf.DecodeP(f.Payload)
		version = p.MNFV
	default:
		return "", "nobody knows how to read " + declared
	}
	if err != nil {
		return "", fmt.Sprintf("%s: %v", path, err)
	}
	if version != "" {
		return version, ""
	}
	v, _, _ := readValue(f.Payload, 0)
	switch is, count := v.field(property); {
	case count != 1 || is.major == ocf.MajorText:
		return "", fmt.Sprintf("%s has no %s", path, property)
	case is.major == ocf.MajorUint || is.major == ocf.MajorNegative:
		return "", property + " is a number, text was expected"
	default:
		return "", fmt.Sprintf("%s is %v, text was expected", property, is)
	}
}

// unversioned says what is wrong with the first version that could not be read where
// it is declared to be, "" for nothing.
func (s *story) unversioned() string {
	for i := range s.tl.Observations {
		o := &s.tl.Observations[i]
		if o.Kind != conformance.Response || o.Frame == nil || o.Frame.Code != conformance.CodeContent {
			continue
		}
		if _, trouble := declaredVersion(s.target.Update.Version, o.Frame); trouble != "" {
			return trouble
		}
	}
	return ""
}
