package judge

import "github.com/ocfsim/ocfsim/conformance"

var obs01 = Requirement{
	ID: "OBS-1", Lines: "69-71",
	Clause: "by observing pstat resource changes.",
	Says:   "pstat can be observed by an authorised Client",
	Level:  Duty, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Verdicts: Verdicts{
		Pass: "2.05 with an Observe option",
		Fail: "2.05 without it, or an error",
	},
	rule: observable,
}

// observable judges that pstat can be observed (seed.txt 69-71).
func observable(s *story) []conformance.Finding {
	const want = "2.05 with an Observe option"
	var all []conformance.Finding
	for i := range s.tl.Observations {
		o := &s.tl.Observations[i]
		if o.Kind != conformance.Response && !s.tl.Unanswered(i) || o.For == nil {
			continue
		}
		r := &s.tl.Observations[*o.For]
		if !registers(r) || r.Frame.Query != "" || !s.observer(r.Client) {
			continue
		}
		switch {
		case o.Gone():
			all = append(all, open(i, want, "the registration was lost with a session that the Device no longer knew"))
		case o.Kind == conformance.Lost && s.answeredBefore(*o.For) && !s.silentIn(0, *o.For) && !s.loss:
			all = append(all, unseen(broken(i, want, "no answer", "the Device did not answer the registration of an observer")).About(*o.For))
		case o.Kind == conformance.Lost || o.Frame == nil:
			all = append(all, open(i, want, "the registration got no answer"))
		case (o.Frame.Code != conformance.CodeContent || o.Frame.Observe == nil) && s.nobodys(*o.For):
			all = append(all, open(i, want, "the Device was being reset, or has no owner: nobody is authorised there"))
		case o.Frame.Code != conformance.CodeContent:
			all = append(all, broken(i, want, o.Frame.Code, "the registration of Client %s was answered %s", r.Client, o.Frame.Code).About(*o.For))
		case o.Frame.Observe == nil:
			all = append(all, broken(i, want, "2.05 without it", "the answer has no Observe option: Client %s will be told nothing; if observers of runs that were killed fill the Device, it has to be restarted", r.Client).About(*o.For))
		default:
			all = append(all, passed(i, want, want, "Client %s observes pstat", r.Client))
		}
	}
	return all
}
