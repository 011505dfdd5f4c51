package judge

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var ssu14 = Requirement{
	ID: "SSU-14", Lines: "49-54",
	Clause: "Once the Device has completed the software update process",
	Says:   "the update keeps owner, credentials, access rules and device id",
	Level:  Derived, Severity: conformance.Warn, Actor: Device, Edition: OCF10,
	Needs: Needs{Target: Update},
	Verdicts: Verdicts{
		Pass: "unchanged across the update",
		Fail: "lost or changed (the seed does not say it, later editions do: warn here, fail there; ownership lost through RESET or RFOTM is DOS-1)",
	},
	rule: keepsIdentity,
}

// keepsIdentity judges that an update keeps what the Device is, whose, and who
// may do what (seed.txt 49-54, a warning). Credentials can't be read; that they
// are kept shows where their Clients have a session afterwards. Without a
// session only di, the owner and pstat's rowneruuid can be read.
func keepsIdentity(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, ep := range s.episodes(ocf.SSU) {
		end, ok := last(ep.final)
		switch {
		case ok && (end.Pstat.DOS == ocf.RESET || end.Pstat.DOS == ocf.RFOTM):
		case ok:
			all = append(all, s.keeps(ep, end))
		default:
			// whoever could tell of the end may be shut out
			if f, ok := s.keepsRights(ep, ep.w.end); ok && f.Breach() {
				all = append(all, f)
			}
		}
	}
	return all
}

func (s *story) keeps(ep episode, end conformance.Sample) conformance.Finding {
	const want = "device id, owner and rights as before the update"
	over := ep.final[0].N // what is read from then on is of afterwards
	before, after := s.identity(-1, ep.w.n), s.identity(over, ep.upto)
	var compared []string
	for _, name := range []string{"di", "deviceuuid", "devowneruuid", "doxm.rowneruuid", "owned", accessRulesName} {
		b, a := before[name], after[name]
		if b == "" || a == "" {
			continue
		}
		if a != b && s.provisioned(ep.upto) {
			return open(end.N, want, "%s is another, but a Client has written to %s, %s or %s", name, ocf.PathACL, ocf.PathCred, ocf.PathDoxm)
		}
		if a != b && name == accessRulesName {
			return s.tolerated(broken(end.N, want, "other access rules", "the access control list is another after the update: %s before, %s now", brief(b), brief(a)))
		}
		if a != b {
			return s.tolerated(broken(end.N, want, name+"="+a, "%s was %s before the update and is %s after it", name, b, a))
		}
		compared = append(compared, name)
	}
	carried := ep.pre.Pstat.Present & end.Pstat.Present // a representation without it is DPM-13's
	if ep.hasPre && carried.Has(ocf.PropRowner) && ep.pre.Pstat.Rowner != end.Pstat.Rowner {
		return s.tolerated(broken(end.N, want, "rowneruuid="+end.Pstat.Rowner.String(), "pstat.rowneruuid changed with the update"))
	}
	rights, ok := s.keepsRights(ep, over)
	if ok && rights.Breach() {
		return rights
	}
	if ok {
		compared = append(compared, rights.Got)
	}
	if len(compared) == 0 {
		return open(end.N, want, "neither /oic/d nor doxm was read before and after the update")
	}
	reason := "as before: " + strings.Join(compared, ", ")
	if !s.target.Secured {
		reason += "; credentials and access rules can't be read without a session"
	}
	return passed(end.N, want, strings.Join(compared, ", "), "%s", reason)
}

// provisioned reports whether a Client has written before n to what says whose the Device is, and who
// may do what.
func (s *story) provisioned(n int) bool {
	for i := range min(n, len(s.tl.Observations)) {
		o := &s.tl.Observations[i]
		if f := o.Frame; o.Kind == conformance.Request && f != nil && f.Code != conformance.MethodGET && slices.Contains([]string{ocf.PathACL, ocf.PathCred, ocf.PathDoxm}, f.Path) {
			return true
		}
	}
	return false
}

// keepsRights compares what each Client got before ep with what it gets after n.
func (s *story) keepsRights(ep episode, n int) (f conformance.Finding, ok bool) {
	const want = "every Client may do after the update what it might before"
	before, after := s.rights(-1, ep.w.n), s.rights(n, ep.upto)
	var same []string
	for _, client := range s.clients() {
		b, a := before[client], after[client]
		if b.what == "" || a.what == "" {
			continue
		}
		if a.what != b.what && s.target.Secured && s.provisioned(ep.upto) {
			continue
		}
		if a.what != b.what && s.target.Secured {
			return s.tolerated(broken(a.n, want, client+": "+a.what, "Client %s, reading pstat, was %s before the update and is %s after it", client, b.what, a.what)), true
		}
		same = append(same, client)
	}
	return passed(n, want, "the rights of "+strings.Join(same, ", "), "as before"), s.target.Secured && len(same) > 1
}

// right is what a Client got when it read pstat, at n.
type right struct {
	n    int
	what string // permitted, refused, refused a session
}

// rights is what each Client got last between from and upto.
func (s *story) rights(from, upto int) map[string]right {
	found := map[string]right{}
	for i := max(from+1, 0); i < min(upto, len(s.tl.Observations)); i++ {
		o := &s.tl.Observations[i]
		switch {
		case o.Kind == conformance.Session && o.Outcome == conformance.Refused:
			found[o.Client] = right{i, "refused a session"}
		case !answers(o, ocf.PathPstat):
		case s.tl.Observations[*o.For].Frame == nil || s.tl.Observations[*o.For].Frame.Code != conformance.MethodGET:
		case s.tl.Observations[*o.For].Frame.Query != "":
		case o.Frame.Code == conformance.CodeContent:
			found[o.Client] = right{i, "permitted"}
		case conformance.Refusal(o.Frame.Code):
			found[o.Client] = right{i, "refused"}
		}
	}
	return found
}

// clients are the names of the Clients in the Timeline, sorted.
func (s *story) clients() []string {
	var names []string
	for i := range s.tl.Observations {
		names = append(names, s.tl.Observations[i].Client)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

const accessRulesName = "access rules"

// brief is what rules begins with: how many there are.
func brief(rules string) string {
	head, _, _ := strings.Cut(rules, ":")
	return head
}

// identity is what was last read of the Device's identity, its owner and its
// access rules between from and upto.
func (s *story) identity(from, upto int) map[string]string {
	found := map[string]string{}
	for i := max(from+1, 0); i < min(upto, len(s.tl.Observations)); i++ {
		o := &s.tl.Observations[i]
		if o.Kind != conformance.Response || o.Frame == nil || o.Frame.Code != conformance.CodeContent {
			continue
		}
		switch o.Frame.Path {
		case ocf.PathD:
			if d, _, err := ocf.DecodeD(o.Frame.Payload); err == nil && !d.DI.IsNil() {
				found["di"] = d.DI.String()
			}
		case ocf.PathDoxm:
			if x, _, err := ocf.DecodeDoxm(o.Frame.Payload); err == nil {
				found["deviceuuid"], found["devowneruuid"] = x.Device.String(), x.DevOwner.String()
				found["doxm.rowneruuid"], found["owned"] = x.Rowner.String(), fmt.Sprint(x.Owned)
			}
		case ocf.PathACL:
			if x, _, err := ocf.DecodeACL(o.Frame.Payload); err == nil {
				found[accessRulesName] = accessRules(x)
			}
		}
	}
	return found
}

// accessRules is x in one line, whatever order and numbers its entries have.
func accessRules(x ocf.ACL) string {
	var all []string
	for _, e := range x.List {
		e.ID = 0
		all = append(all, fmt.Sprintf("%+v", e))
	}
	slices.Sort(all)
	return fmt.Sprintf("%d entries, owned by %v: %s", len(all), x.Rowner, strings.Join(all, " "))
}

// tolerated lowers a breach to a warning where the edition does not say what an update
// keeps.
func (s *story) tolerated(f conformance.Finding) conformance.Finding {
	if s.edition.Update.Keeps.Is == "warn" {
		return warned(f)
	}
	return f
}
