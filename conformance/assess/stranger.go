package assess

import (
	"fmt"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
	"github.com/ocfsim/ocfsim/ocf"
)

// acquaintance remembers, by its di, which Device answers. A reset may give the
// Device another di; whether an update keeps it is for a requirement to judge; and
// whatever the harness did between two scenarios stands as a note at the end of the
// first or at the beginning of the second. After any of these nothing is known
// until di is read again.
type acquaintance struct {
	header string // the di that the last scenario began with
	known  string // "" for unknown
}

// meet reads tl and says why another Device answered in it; "" where none did.
func (a *acquaintance) meet(tl conformance.Timeline) (why string) {
	if di := tl.Header.Target.DI; di != a.header {
		a.header, a.known = di, di
	}
	for i := range tl.Observations {
		o := &tl.Observations[i]
		between := i == 0 || i == len(tl.Observations)-1 && tl.Full() < 0
		if between && o.Kind == conformance.Note || judge.MayChangeIdentity(tl, i) {
			a.known = ""
		}
		di := identity(o)
		if di != "" && a.known != "" && di != a.known && why == "" {
			why = fmt.Sprintf("another Device answers: di was %s, and at %.3gs it is %s, though neither an update nor a reset was asked for or seen",
				a.known, o.At.Seconds(), di)
		}
		if di != "" {
			a.known = di
		}
	}
	return why
}

// identity is the di that o carries, "" where it carries none.
func identity(o *conformance.Observation) string {
	f := o.Frame
	if o.Kind != conformance.Response || f == nil || f.Code != conformance.CodeContent || f.Path != ocf.PathD {
		return ""
	}
	d, _, err := ocf.DecodeD(f.Payload)
	if err != nil || d.DI.IsNil() {
		return ""
	}
	return d.DI.String()
}

// Known is the di of the Device as it has to be after these runs; "" where that
// can't be told.
func Known(runs []conformance.ScenarioRun) string {
	var a acquaintance
	for _, run := range runs {
		a.meet(run.Timeline)
	}
	return a.known
}
