package reports

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// written formats a comparison as lines of text.
func (v pathView) written() string {
	state := func(s *stateView) string {
		if s == nil {
			return "."
		}
		return s.TM + " " + s.CM + " " + s.DOS
	}
	var b strings.Builder
	for _, r := range v.Rows {
		first := ""
		if r.Mark != "" {
			first = " <"
		}
		fmt.Fprintf(&b, "%s | %s | %s%s\n", state(r.Want), state(r.Seen), r.Class, first)
	}
	return b.String()
}

func TestCompare(t *testing.T) {
	row := func(tm, cm string) conformance.Row { return conformance.Row{TM: tm, CM: cm, DOS: "RFNOP"} }
	check := []conformance.Row{row("V", "-"), row("V", "V"), row("-", "V")}
	type state struct{ tm, cm ocf.DPM }
	v, none := ocf.SVV, ocf.DPM(0)
	for _, c := range []struct {
		name string
		form conformance.Form
		rows []conformance.Row
		seen []state
		want string
	}{
		{"as expected", conformance.Exactly, check, []state{{v, none}, {v, v}, {none, v}}, `
V - RFNOP | V - RFNOP | same
V V RFNOP | V V RFNOP | same
- V RFNOP | - V RFNOP | same
`},
		{"merged", conformance.Exactly, check, []state{{v, none}, {none, v}}, `
V - RFNOP | V - RFNOP | same
V V RFNOP | . | unseen <
- V RFNOP | - V RFNOP | same
`},
		{"the state before is none of the path", conformance.Exactly, check, []state{{none, none}, {v, none}, {none, v}}, `
. | - - RFNOP | same
V - RFNOP | V - RFNOP | same
V V RFNOP | . | unseen <
- V RFNOP | - V RFNOP | same
`},
		{"another end", conformance.Exactly, check, []state{{v, none}, {none, none}}, `
V - RFNOP | V - RFNOP | same
V V RFNOP | - - RFNOP | differs <
- V RFNOP | . | unseen
`},
		{"more than expected", conformance.Exactly, check[:1], []state{{v, none}, {v, v}}, `
V - RFNOP | V - RFNOP | same
. | V V RFNOP | extra <
`},
		{"in order, with others between", conformance.InOrder, []conformance.Row{check[0], check[2]}, []state{{v, none}, {v, v}, {none, v}}, `
V - RFNOP | V - RFNOP | same
. | V V RFNOP | extra
- V RFNOP | - V RFNOP | same
`},
		{"never", conformance.NeverDuring, []conformance.Row{row("V", "V")}, []state{{v, none}, {v, v}, {none, v}}, `
. | V - RFNOP | same
V V RFNOP | V V RFNOP | differs <
. | - V RFNOP | same
`},
		{"nothing seen", conformance.EndsWith, check[2:], nil, `
- V RFNOP | . | unseen <
`},
		{"nothing expected", conformance.Exactly, nil, []state{{v, v}}, `
. | V V RFNOP | extra <
`},
	} {
		t.Run(c.name, func(t *testing.T) {
			sc := newScene("a", "a", "a")
			sc.observe(me)
			from := sc.last() + 1
			for _, s := range c.seen {
				sc.moves(s.tm, s.cm, ocf.RFNOP, me)
			}
			sc.expect(c.form, "the path", from, c.rows...)
			got := compare(sc.tl.Expectations[0], conformance.Finding{Witness: -1}, sc.tl)
			if diff := cmp.Diff(strings.TrimPrefix(c.want, "\n"), got.written()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCompareFollowsTheWitness(t *testing.T) {
	sc := newScene("a", "a", "a")
	sc.observe(me).moves(ocf.SSU, 0, ocf.RFNOP, me).moves(ocf.SVV, 0, ocf.RFNOP, me).moves(ocf.SSU, 0, ocf.RFPRO, me)
	sc.expect(conformance.Exactly, "the path", 2, conformance.Row{TM: "-", CM: "-", DOS: "RFNOP"})
	got := compare(sc.tl.Expectations[0], conformance.Finding{Witness: 4}, sc.tl)
	if got.Rows[2].Mark == "" || got.Rows[0].Mark != "" {
		t.Errorf("not the witness is marked:\n%s", got.written())
	}
}

func TestCompareFoldsLongPaths(t *testing.T) {
	sc := newScene("a", "a", "a")
	sc.observe(me)
	for i := range 300 {
		sc.moves(ocf.DPM(i%2)*ocf.SVV, 0, ocf.RFNOP, me)
	}
	got := compare(conformance.Expectation{Form: conformance.NeverDuring, Client: me, Rows: []conformance.Row{{TM: "U"}}},
		conformance.Finding{Witness: -1}, sc.tl)
	if len(got.Rows) != pathShown || got.Before+got.After+len(got.Rows) != 300 {
		t.Errorf("%d rows, %d before, %d after", len(got.Rows), got.Before, got.After)
	}
}

func TestWhatAJudgeDecidedStandsBesideTheExpectedPath(t *testing.T) {
	sc := newScene("a", "a", "a")
	sc.observe(me)
	from := sc.last() + 1
	sc.moves(ocf.SVV, ocf.SVV, ocf.RFNOP, me).get(me)
	held := sc.last()
	sc.moves(0, ocf.SVV, ocf.RFNOP, me)
	sc.expect(conformance.Exactly, "the path", from,
		conformance.Row{TM: "V", CM: "-"}, conformance.Row{TM: "V", CM: "V"}, conformance.Row{TM: "-", CM: "V"})
	want := `V - * | . | unseen
V V * | V V RFNOP | same <
- V * | - V RFNOP | same
`
	if diff := cmp.Diff(want, beside(conformance.Finding{Witness: held}, sc.tl).written()); diff != "" {
		t.Error(diff)
	}
	for _, witness := range []int{-1, 0, from - 1} {
		if got := beside(conformance.Finding{Witness: witness}, sc.tl); got.Form != "observed" {
			t.Errorf("witness %d lies outside and stands beside\n%s", witness, got.written())
		}
	}
}
