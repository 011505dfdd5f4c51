package assess

import (
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

// unarranged is a check that finds an update which nobody had arranged.
const unarranged = `
lacks update-available
get tm=- cm=- dos=RFNOP
observe tm=- cm=- dos=RFNOP
post tm=V 2.04
notify 11 tm=V cm=- dos=RFNOP
notify 12 tm=V cm=V dos=RFNOP
notify 13 tm=- cm=V dos=RFNOP
wait seen
sleep 200ms
get tm=- cm=V dos=RFNOP
`

// TestWhatIsLackedIsSaid holds the row of a scenario that ran without a condition to
// what it says: what needs none passes, and the rest says what to write.
func TestWhatIsLackedIsSaid(t *testing.T) {
	for _, c := range []struct {
		name, script, requirement string
		always                    []string
		verdict                   conformance.Verdict
		reason                    string
	}{
		{"it needs no offer", unarranged, "SVV-8", nil, conformance.Pass, ""},
		{"it needs one", unarranged, "SVV-6", nil, conformance.Inconclusive, "SVV-6: nothing to judge it by; to test it: `always: [update-available]` where that is always so, or `conditions: {exec: [./prepare.sh]}`, a hook that knows update-available"},
		{"it needs the gate", "lacks hold\n" + unarranged, "SVV-10", nil, conformance.Inconclusive, "SVV-10: nothing to judge it by; to test it: `conditions: {exec: [./prepare.sh]}`, a hook that knows hold and release"},
		{"it needs a report", "lacks report\n" + unarranged, "SVV-2", nil, conformance.Inconclusive, "SVV-2: the source is not under control: it gave no report before the request; to test it: `conditions: {exec: [./prepare.sh]}`, a hook that knows report"},
		{"it is always otherwise", "no-update\n" + strings.ReplaceAll(unarranged, "cm=V", "cm=-"), "SVV-6", []string{conformance.NoUpdate}, conformance.Inconclusive, "SVV-6: nothing to judge it by; it takes update-available, and the target declares that it is always no-update"},
		{"the offer was arranged", strings.Replace(unarranged, "lacks ", "", 1), "SVV-6", nil, conformance.Pass, ""},
	} {
		run := ran(t, "one", c.script, c.requirement)
		run.Timeline.Header.Target.Always = c.always
		p := run.Timeline.Header.Target
		row := Run{Target: p, Scenarios: []conformance.ScenarioRun{run}}.Assess().Scenarios[0]
		if row.Verdict != c.verdict || row.Reason != c.reason {
			t.Errorf("%s: %s (%s), want %s (%s)", c.name, row.Verdict, row.Reason, c.verdict, c.reason)
		}
	}
}

// TestARunIsRestlessOnlyWhereNobodyArranges: a process that nobody requested excuses
// other scenarios only where no hook keeps the Device from beginning one.
func TestARunIsRestlessOnlyWhereNobodyArranges(t *testing.T) {
	const alone = "get tm=- cm=- dos=RFNOP\nobserve tm=- cm=- dos=RFNOP\nsleep 1s\nnotify 11 tm=V cm=- dos=RFNOP\nnotify 12 tm=- cm=V dos=RFNOP\n"
	for _, c := range []struct {
		name   string
		always []string
		script string
		want   bool
	}{
		{"arranged", nil, "update-available\n" + alone, false},
		{"nobody can arrange", nil, "lacks update-available\n" + alone, true},
		{"always the same", []string{conformance.UpdateAvailable}, "update-available\n" + alone, true},
		{"told to begin", nil, "lacks update-available\nautonomous-validation\n" + alone, false},
		{"nothing began", nil, unarranged, false},
	} {
		r := Run{Target: conformance.Profile{Always: c.always}, Scenarios: []conformance.ScenarioRun{ran(t, "one", c.script)}}
		if got := r.restless(); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestEveryOfferThatIsJudgedIsSaid: what a requirement about an offer could not do
// without is the offer of the scenario.
func TestEveryOfferThatIsJudgedIsSaid(t *testing.T) {
	offers := 0
	for _, q := range judge.Requirements() {
		got := Wanting(q, []string{conformance.NoUpdate})
		if q.Needs.Offer {
			offers++
		}
		if (len(got) == 1) != q.Needs.Offer {
			t.Errorf("%s: wants %v", q.ID, got)
		}
	}
	if offers == 0 {
		t.Error("no requirement is about an offer")
	}
}
