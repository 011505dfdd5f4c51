package judge

import (
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var dpm15 = Requirement{
	ID: "DPM-15", Edition: OCF22,
	Clause: "oic.sec.pstat, 2019-10-01, parameter interface: oic.if.rw or oic.if.baseline",
	Says:   "pstat is read on each interface that its schema has",
	Level:  Derived, Severity: conformance.Fail, Actor: Device,
	Verdicts: Verdicts{
		Pass: "a privileged Client that names the interface gets pstat",
		Fail: "it is refused",
		Open: "the request was not answered",
	},
	rule: servesInterfaces,
}

// servesInterfaces judges each read of pstat that names an interface of its schema.
func servesInterfaces(s *story) []conformance.Finding {
	var all []conformance.Finding
	for i := range s.tl.Observations {
		o := &s.tl.Observations[i]
		name, ok := s.namedInterface(o)
		if !ok || !slices.Contains(s.edition.Pstat.Interfaces.Is, name) {
			continue
		}
		want := "pstat on " + name
		var f conformance.Finding
		switch {
		case s.tl.Unanswered(i):
			f = open(i, want, "the request on %s was not answered", name)
		case o.Kind != conformance.Response || o.Frame == nil || s.nobodys(*o.For): // nobody is authorised then
			continue
		case conformance.Success(o.Frame.Code):
			f = passed(i, want, o.Frame.Code, "pstat is read on %s", name)
		default:
			f = broken(i, want, o.Frame.Code, "a privileged Client that reads pstat on %s is refused", name)
		}
		all = append(all, f.About(*o.For))
	}
	return all
}

// namedInterface is the interface on which a Client that may read pstat has asked for
// it, if o ends such a request and nothing else in it is unusual.
func (s *story) namedInterface(o *conformance.Observation) (name string, ok bool) {
	if o.For == nil || !s.observer(o.Client) {
		return "", false
	}
	q := &s.tl.Observations[*o.For]
	if q.Frame == nil || q.Frame.Code != conformance.MethodGET || q.Frame.Path != ocf.PathPstat || demanding(q.Frame.Raw) {
		return "", false
	}
	return strings.CutPrefix(q.Frame.Query, "if=")
}
