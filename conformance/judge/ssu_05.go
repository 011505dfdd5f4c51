package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var ssu05 = Requirement{
	ID: "SSU-5", Lines: "49",
	Clause: "and initiates a software update process.",
	Says:   "an update process is initiated",
	Level:  Duty, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Needs: Needs{Target: Update},
	Verdicts: Verdicts{
		Pass: "the process is seen to run to an end; the software version changes where it is declared to",
		Fail: "2.04, and no process; or success with an unchanged version",
	},
	Course: Course{
		Of: ocf.SSU,
		Witness: []Step{
			{"Known", Completes, "Done"},
			{"Pending", Available, "Done"},
			{"Pending", Nothing, "NotDone"},
			{"Literal", Nothing, "NotDone"},
		},
	},
	rule: initiatesUpdate,
}

// initiatesUpdate judges that an accepted request starts an update, and that
// what it calls a success changed the software where that can be read
// (seed.txt 49).
func initiatesUpdate(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, ep := range s.episodes(ocf.SSU) {
		f := s.initiates(ep)
		if f.Verdict == conformance.Pass && s.target.Update.Version != "" {
			f = s.changedVersion(ep, f)
		}
		all = append(all, f)
	}
	return append(all, s.neglected(ocf.SSU)...)
}

// changedVersion judges f, an update that ran, by the installed version.
func (s *story) changedVersion(ep episode, f conformance.Finding) conformance.Finding {
	x, _ := last(ep.final)
	if !x.Pstat.CM.Has(ocf.SSU) {
		return f
	}
	before := s.versionBefore(ep.w.n)
	x, after := s.versioned(ep, x)
	want := "another software version than " + before
	switch {
	case (before == "" || after == "") && s.unversioned() != "":
		return open(x.N, want, "the software version can't be read where it is declared to be, %s: %s", s.target.Update.Version, s.unversioned())
	case before == "" || after == "":
		return open(x.N, want, "the software version was not read before and after the update")
	case before == after && s.noneToBeHad(ep):
		return open(x.N, want, "a success was announced where there was none to be had (SSU-7)")
	case before == after && s.unarranged(ep.w.n) != "":
		return open(x.N, want, "a success was announced and the software is still %s, but nobody knows whether anything was on offer (SSU-7 where nothing was)", after)
	case before == after:
		return broken(x.N, want, "version "+after+"; "+x.String(), "the update was announced as done, but the software is still %s", after)
	}
	return f
}

// versioned is the last look at the end of ep, the success end, after which the version was
// read, and what it was; or end and "". A look more, with no reading after it, takes
// nothing back.
func (s *story) versioned(ep episode, end conformance.Sample) (x conformance.Sample, version string) {
	for i := len(ep.final) - 1; i >= 0 && ep.final[i].Pstat.CM.Has(ocf.SSU); i-- {
		if version = s.versionIn(ep.final[i].N, s.replaced(ep.final[i].N)); version != "" {
			return ep.final[i], version
		}
	}
	return end, ""
}
