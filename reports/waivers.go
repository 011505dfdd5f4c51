package reports

import (
	"fmt"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
)

// waiverView is a waiver and its effect.
type waiverView struct {
	Requirement, Of     string // Of: the scenarios and Devices that the waiver names
	State, Says         string
	Reason, Reference   string
	ApprovedBy, Expires string
	At                  string
	Verdict             conformance.Verdict // the verdict that it is shown with
}

func (b reportBook) waivers() []waiverView {
	var all []waiverView
	for _, w := range b.rep.Waivers {
		of := "on " + w.Device
		if w.Scenario != "" {
			of = "in " + w.Scenario + " " + of
		}
		v := waiverView{
			Requirement: clean(w.Requirement), Of: clean(of), State: string(w.State), Says: clean(w.Says), Reason: clean(w.Reason),
			Reference: clean(w.Reference), ApprovedBy: clean(w.ApprovedBy), Expires: clean(w.Expires), At: clean(w.At), Verdict: conformance.NotApplicable,
		}
		switch {
		case w.Red():
			v.Verdict = conformance.Fail
		case w.State == assess.WaiverUsed:
			v.Verdict = conformance.Waived
		}
		all = append(all, v)
	}
	return all
}

// stale returns the concerns about the waivers themselves.
func (b reportBook) stale() []concern {
	var out []concern
	for _, w := range b.waivers() {
		if w.Verdict != conformance.Fail {
			continue
		}
		out = append(out, concern{
			ID: "waiver " + w.At, Anchor: "waivers", Verdict: w.Verdict, Reason: w.State + ": " + w.Says,
			Says: fmt.Sprintf("of %s %s: %s (%s)", w.Requirement, w.Of, w.Reason, w.Reference),
		})
	}
	return out
}

// excuse says what a waived finding was, and why it is accepted.
func (b reportBook) excuse(f conformance.Finding) string {
	if f.Verdict != conformance.Waived {
		return ""
	}
	words := []string{"it was " + string(f.Waived)}
	for _, w := range b.rep.Waivers {
		if w.At == f.Waiver {
			words = append(words, fmt.Sprintf("%s (%s)", w.Reason, w.Reference), "approved by "+w.ApprovedBy+", holds until "+w.Expires)
			break
		}
	}
	return clean(strings.Join(append(words, f.Waiver), "; "))
}

// junitWaivers makes a case for each waiver. It is failed if somebody should look
// into the waiver, and skipped otherwise; it is never a success.
func junitWaivers(rep assess.Report) *junitSuite {
	s := newSuite(rep, "waivers")
	for _, w := range newBook(rep, nil).waivers() {
		c := junitCase{Classname: classname(rep, "waivers"), Name: strings.TrimSpace(w.Requirement + " " + w.At)}
		c.Properties = junitNamed("requirement", w.Requirement, "state", w.State, "of", w.Of, "reason", w.Reason, "reference", w.Reference,
			"approved-by", w.ApprovedBy, "expires", w.Expires)
		text := fmt.Sprintf("\nwaiver of %s %s\n  state: %s\n  says: %s\n  reason: %s\n  reference: %s\n", w.Requirement, w.Of, w.State, w.Says, w.Reason, w.Reference)
		s.add(w.Verdict, c, w.State+": "+w.Says, text, 0)
	}
	return s
}
