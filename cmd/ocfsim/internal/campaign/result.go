package campaign

import (
	"slices"

	"github.com/ocfsim/ocfsim/ocf"
)

// Verdict is what became of a Device in a campaign.
type Verdict string

// The verdicts.
const (
	Updated     Verdict = "updated"      // the Device showed that it was updated
	NoUpdate    Verdict = "no-update"    // its check found nothing newer
	Available   Verdict = "available"    // its check found something newer, and no more was asked for
	Unproven    Verdict = "unproven"     // it says that it was updated, and its software is what it was
	Failed      Verdict = "failed"       // it gave up its update, or answered by faults only
	Refused     Verdict = "refused"      // it denied what was asked for
	Lost        Verdict = "lost"         // it did not answer, or not any more
	Straggler   Verdict = "straggler"    // it answers, and had not ended when the time was over
	NotSelected Verdict = "not-selected" // the campaign is not meant for it
	UnderWay    Verdict = "under-way"    // the campaign was interrupted
	NotBegun    Verdict = "not-begun"    // the campaign ended before
)

// Verdicts are all verdicts, those that are well first.
func Verdicts() []Verdict {
	return []Verdict{Updated, NoUpdate, Available, NotSelected, Unproven, Failed, Refused, Straggler, Lost, UnderWay, NotBegun}
}

// Failure reports whether v counts against the limits of a campaign.
func (v Verdict) Failure() bool {
	return slices.Contains([]Verdict{Unproven, Failed, Refused, Lost, Straggler}, v)
}

// Open reports whether a run that is resumed goes on with a Device of this verdict.
func (v Verdict) Open() bool { return v == UnderWay || v == NotBegun }

// Unfinished reports whether what a Device of this verdict was asked for, by this run or by one
// before it, may still go on, or may have ended without being seen.
func (v Verdict) Unfinished() bool { return v.Open() || v == Straggler || v == Lost }

// Result is what became of one Device. Times are in seconds from the beginning of the
// run; those of a check and of an update count from the Device's answer to the request.
type Result struct {
	Device        string   `json:"device"`          // its endpoint
	Group         string   `json:"group,omitempty"` // of the fleet file
	DI            string   `json:"di,omitempty"`
	Name          string   `json:"name,omitempty"`
	Verdict       Verdict  `json:"verdict"`
	Reason        string   `json:"reason,omitempty"`
	From          string   `json:"from,omitempty"` // software version before, if the Device shows one
	To            string   `json:"to,omitempty"`   // and after an update
	Wave          int      `json:"wave,omitempty"` // counts from 1; 0 is a Device that was never begun
	Run           int      `json:"run,omitempty"`  // in which run it ended, where the campaign was gone on with; the first is 0 or 1
	Asked         string   `json:"asked,omitempty"`
	Before        string   `json:"before,omitempty"` // pstat before the update, of a Device whose update was not seen to end
	BeganS        float64  `json:"began_s"`
	EndedS        float64  `json:"ended_s"`
	ValidationS   *float64 `json:"validation_s,omitempty"`
	UpdateS       *float64 `json:"update_s,omitempty"`
	Requests      int      `json:"requests"`
	Copies        int      `json:"copies,omitempty"` // requests that were sent again, each time
	Notifications int      `json:"notifications,omitempty"`
}

// pending is what a later run has to know of a Device that is about to be asked for an update.
func (e *Engine) pending(i int) Result {
	d := &e.devices[i]
	return Result{Verdict: UnderWay, From: d.from, Asked: d.process.Bit.String(), Before: d.before().String()}
}

// result is what became of a Device.
func (e *Engine) result(i int) Result {
	d := &e.devices[i]
	r := Result{
		Verdict: d.verdict, Reason: d.reason, Name: d.name, From: d.from, To: d.to,
		BeganS: d.began.Seconds(), EndedS: d.finished.Seconds(),
		Requests: int(d.requests), Copies: int(d.resent), Notifications: int(d.notifications),
	}
	if !d.di.IsNil() {
		r.DI = d.di.String()
	}
	if d.process.Bit != 0 {
		r.Asked = d.process.Bit.String()
	}
	if r.Verdict.Unfinished() && d.process.Bit == ocf.SSU {
		r.Before = d.before().String()
	}
	for at, took := range map[**float64]float64{&r.ValidationS: d.validation.Seconds(), &r.UpdateS: d.update.Seconds()} {
		if took > 0 {
			*at = &took
		}
	}
	return r
}
