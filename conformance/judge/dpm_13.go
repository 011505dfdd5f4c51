package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var dpm13 = Requirement{
	ID: "DPM-13", Lines: "73-106",
	Clause: "13.6 Provisioning Status Resource:",
	Says:   "pstat carries dos, isop, cm, tm, om, sm and rowneruuid",
	Level:  Derived, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Verdicts: Verdicts{
		Pass:      "all present, of their types",
		Fail:      "one is missing or of another type",
		NeverOpen: true,
	},
	rule: carriesAll,
}

// carriesAll judges that pstat carries dos, isop, cm, tm, om, sm and
// rowneruuid, of their types (seed.txt 73-106). Another type of tm or cm is
// DPM-1's.
func carriesAll(s *story) []conformance.Finding {
	const want = "dos, isop, cm, tm, om, sm and rowneruuid, of their types"
	var all []conformance.Finding
	for i := range s.tl.Observations {
		o := &s.tl.Observations[i]
		if !o.CarriesPstat() {
			continue
		}
		_, problems, ok := o.Pstat()
		if !ok && o.Frame.Format != nil && *o.Frame.Format != ocf.FormatCBOR && *o.Frame.Format != ocf.FormatOCFCBOR {
			continue // another format, as it says: somebody may have asked for it
		}
		if !ok {
			all = append(all, s.answering(i, broken(i, want, "no CBOR map", "the representation of pstat is no CBOR map")))
			continue
		}
		f := passed(i, want, "all of them", "every property is there and of its type")
		for _, p := range problems {
			mask := p.Property == "tm" || p.Property == "cm"
			if p.Got == missing || !mask && p.Property != "dos.p" {
				f = s.answering(i, broken(i, want, p.Property+": "+p.Got, "%v", p))
			}
		}
		all = append(all, f)
	}
	return all
}
