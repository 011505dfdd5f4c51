package judge

import (
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var dpm16 = Requirement{
	ID: "DPM-16", Edition: OCF22,
	Clause: "oic.sec.pstat, 2019-10-01, parameter interface: oic.if.rw is listed first; IoTivity-Lite takes that for a request that names no interface",
	Says:   "a request that names no interface is answered as on oic.if.rw",
	Level:  Derived, Severity: conformance.Warn, Actor: Device,
	Verdicts: Verdicts{
		Pass:          "the answer has rt and if only where the answer on oic.if.rw has them",
		Open:          "the Device was not asked on each interface and on none",
		NotApplicable: "the Device answers alike on both",
		Note:          "warn: it is answered as on oic.if.baseline. The published schema does not say in words which interface is the default. 2.2.0 and 2.2.1 list oic.if.baseline first, and a Device that says in icv that it is of one of these does as they say",
	},
	rule: defaultInterface,
}

// defaultInterface judges on which interface the Device answers a request that names
// none, by rt and if, which are Properties of oic.if.baseline (docs/adr/0120).
func defaultInterface(s *story) []conformance.Finding {
	want := s.edition.Pstat.Default.Is
	if icv := s.target.ICV; strings.HasPrefix(icv, "ocf.2.2.0") || strings.HasPrefix(icv, "ocf.2.2.1") {
		want = ocf.IfBaseline
	}
	seen := map[string]int{} // by interface, the last answer on it that carries pstat
	common := map[string]bool{}
	for i := range s.tl.Observations {
		o := &s.tl.Observations[i]
		p, _, ok := o.Pstat()
		if !ok || o.Kind != conformance.Response {
			continue
		}
		name, named := s.namedInterface(o)
		if named || s.namesNothing(o) {
			seen[name], common[name] = i, p.Present&(ocf.PropRT|ocf.PropIF) != 0
		}
	}
	n, asked := seen[""]
	_, onRW := seen[ocf.IfRW]
	_, onBaseline := seen[ocf.IfBaseline]
	if !onRW && !onBaseline {
		return nil
	}
	last := max(n, seen[ocf.IfRW], seen[ocf.IfBaseline])
	switch {
	case !asked || !onRW || !onBaseline:
		return []conformance.Finding{open(last, "the answer on "+want, "the answers on oic.if.rw, on oic.if.baseline and on neither were not all seen")}
	case common[ocf.IfRW] == common[ocf.IfBaseline]:
		return []conformance.Finding{{Verdict: conformance.NotApplicable, Witness: last, Reason: "the answers on oic.if.rw and on oic.if.baseline are alike, so that nothing tells which is the default"}}
	}
	is := ocf.IfRW
	if common[""] == common[ocf.IfBaseline] {
		is = ocf.IfBaseline
	}
	if is != want {
		return []conformance.Finding{s.answering(n, warned(broken(n, "the answer on "+want, "the answer on "+is, "without a named interface pstat is answered as on %s", is)))}
	}
	return []conformance.Finding{s.answering(n, passed(n, "the answer on "+want, "the answer on "+is, "without a named interface pstat is answered as on %s", is))}
}

// namesNothing reports whether o answers a request for pstat without any query.
func (s *story) namesNothing(o *conformance.Observation) bool {
	if o.For == nil || !s.observer(o.Client) {
		return false
	}
	q := &s.tl.Observations[*o.For]
	return q.Frame != nil && q.Frame.Code == conformance.MethodGET && q.Frame.Query == "" && !demanding(q.Frame.Raw)
}
