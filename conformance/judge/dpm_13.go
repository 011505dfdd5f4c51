package judge

import (
	"fmt"

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
		Note:      "warn: other Clients drop the answer, for it has a critical option that neither CoAP nor OCF has, or carries pstat without a Content-Format (RFC 7252 sections 5.4.1 and 5.5.1)",
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
		if f, ok := dropped(i, o); ok {
			all = append(all, f)
		}
		if o.Outran() && o.Frame != nil && o.Frame.Path == ocf.PathPstat {
			all = append(all, open(i, want, "pstat changed faster than it could be fetched in blocks"))
		}
		if !o.CarriesPstat() {
			continue
		}
		_, problems, ok := o.Pstat()
		if !ok {
			all = append(all, s.unreadable(i, o, want)...)
			continue
		}
		f := passed(i, want, "all of them", "every property is there and of its type")
		for _, p := range problems {
			mask := p.Property == "tm" || p.Property == "cm"
			switch {
			case p.Got != missing && (mask || p.Property == "dos.p"):
			case !s.inherited(i, p.String()):
				f = s.answering(i, broken(i, want, p.Property+": "+p.Got, "%v", p))
			case f.Verdict == conformance.Pass:
				f = s.leftBehind(i, want, p.String())
			}
		}
		all = append(all, f)
	}
	return all
}

// unreadable judges a representation that is no CBOR map. In another format, as it says,
// somebody may have asked for it.
func (s *story) unreadable(i int, o *conformance.Observation, want string) []conformance.Finding {
	switch format := o.Frame.Format; {
	case format != nil && *format != ocf.FormatCBOR && *format != ocf.FormatOCFCBOR:
		return nil
	case s.inherited(i, noMap):
		return []conformance.Finding{s.leftBehind(i, want, noMap)}
	}
	return []conformance.Finding{s.answering(i, broken(i, want, "no CBOR map", noMap))}
}

// dropped warns of an answer or a notification of pstat that other Clients drop, or can
// only guess the meaning of.
func dropped(i int, o *conformance.Observation) (conformance.Finding, bool) {
	f := o.Frame
	if f == nil || f.Path != ocf.PathPstat || o.Kind != conformance.Response && o.Kind != conformance.Notification {
		return conformance.Finding{}, false
	}
	if n := misunderstood(f.Raw); n != 0 {
		return warned(broken(i, "options that Clients know", fmt.Sprintf("option %d", n), "the answer has the critical option %d, which neither CoAP nor OCF has: Clients have to reject it (RFC 7252 section 5.4.1)", n)), true
	}
	if o.CarriesPstat() && len(f.Raw) > 0 && f.Format == nil {
		return warned(broken(i, "a Content-Format", "none", "pstat came without a Content-Format: what format it is in, Clients can only guess (RFC 7252 section 5.5.1)")), true
	}
	return conformance.Finding{}, false
}
