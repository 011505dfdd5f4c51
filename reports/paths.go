package reports

import (
	"slices"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/ocf"
)

// pathShown limits the rows of one comparison. The table of observations below it
// has all of them.
const pathShown = 48

// pathView shows an expected path beside the observed one.
type pathView struct {
	Title  string // the sentence of the expectation
	Form   string
	Client string
	Rows   []pathRow
	Before int // number of rows left out before and after
	After  int
}

// pathRow is one state, either expected, observed or both.
type pathRow struct {
	Want, Seen *stateView
	At         string
	N          int    // number of the observation
	Class      string // same, differs, extra, unseen
	Mark       string // firstDivergence, deciding or empty
	Note       string
	to         int // the last observation that shows the state
}

// The marks of a row.
const (
	firstDivergence = "first divergence:"
	deciding        = "deciding"
)

// stateView is a state or a pattern of states, by property.
type stateView struct{ TM, CM, DOS string }

// stay is a run of samples that all show the same state.
type stay struct {
	first conformance.Sample
	to    int // the last observation that shows the state
}

// view is the state in the words of the edition e.
func (s stay) view(e *edition.Edition) *stateView {
	p := s.first.Pstat
	return &stateView{TM: e.Letters(p.TM.String()), CM: e.Letters(p.CM.String()), DOS: dosText(p)}
}

func dosText(p ocf.Pstat) string {
	if p.Pending {
		return p.DOS.String() + ", pending"
	}
	return p.DOS.String()
}

// stays returns the states that client saw from the observation from up to upto,
// each run of equal states as one stay. An empty client means all Clients, and an
// upto of 0 means the end of the timeline.
func stays(tl conformance.Timeline, client string, from, upto int) []stay {
	var all []stay
	for _, s := range tl.Samples() {
		if s.N < from || upto > 0 && s.N >= upto || client != "" && s.Client != client {
			continue
		}
		if n := len(all); n > 0 && alike(all[n-1].first.Pstat, s.Pstat) {
			all[n-1].to = s.N
			continue
		}
		all = append(all, stay{first: s, to: s.N})
	}
	return all
}

func alike(a, b ocf.Pstat) bool {
	return a.TM == b.TM && a.CM == b.CM && a.DOS == b.DOS && a.Pending == b.Pending
}

// compare puts what e expects beside what its Client saw, and marks the place where
// f found the divergence. It only explains a verdict that was concluded before.
func compare(e conformance.Expectation, f conformance.Finding, tl conformance.Timeline) pathView {
	v := pathView{Title: clean(e.Text), Form: string(e.Form), Client: clean(e.Client)}
	seen := stays(tl, e.Client, e.From, e.Upto)
	if e.Form == conformance.NeverDuring {
		v.Rows = never(e.Rows, seen, tl)
	} else {
		before := stays(tl, e.Client, 0, max(e.From, 1))
		if len(before) > 0 && len(seen) > 0 && alike(before[len(before)-1].first.Pstat, seen[0].first.Pstat) &&
			(len(e.Rows) == 0 || !e.Rows[0].Matches(seen[0].first.Pstat)) {
			row := seenRow(seen[0], tl, "same")
			row.Note = "as before"
			v.Rows, seen = append(v.Rows, row), seen[1:]
		}
		v.Rows = append(v.Rows, align(e.Rows, seen, tl)...)
	}
	v.diverge(e.Form, f)
	v.fold()
	return v
}

func seenRow(s stay, tl conformance.Timeline, class string) pathRow {
	at := clock(tl.Observations[s.first.N].At)
	if until := clock(tl.Observations[s.to].At); until != at {
		at += " … " + until
	}
	return pathRow{Seen: s.view(editionOf(tl)), N: s.first.N, to: s.to, At: at, Class: class}
}

// editionOf is the edition that tl was recorded for, whose words a reader expects.
func editionOf(tl conformance.Timeline) *edition.Edition { return edition.Of(tl.Header.Edition) }

// wantView is the pattern in the words of the edition e.
func wantView(e *edition.Edition, r conformance.Row) *stateView {
	cell := func(s string) string {
		if s == "" {
			return "*"
		}
		return clean(e.Letters(s))
	}
	return &stateView{TM: cell(r.TM), CM: cell(r.CM), DOS: cell(r.DOS)}
}

// never lists what was seen, with the forbidden pattern beside each state that
// matches it.
func never(rows []conformance.Row, seen []stay, tl conformance.Timeline) []pathRow {
	var out []pathRow
	for _, s := range seen {
		row := seenRow(s, tl, "same")
		for _, r := range rows {
			if r.Matches(s.first.Pstat) {
				row.Class, row.Want, row.Note = "differs", wantView(editionOf(tl), r), "must not be seen"
			}
		}
		out = append(out, row)
	}
	return out
}

// align pairs rows and states with as few differences as possible. Rows and states
// that do not match, but stand between the same two matches, are set side by side.
func align(rows []conformance.Row, seen []stay, tl conformance.Timeline) []pathRow {
	cost := costs(rows, seen)
	var out []pathRow
	var want []*stateView
	var extra []pathRow
	flush := func() {
		for i := range max(len(want), len(extra)) {
			row := pathRow{Class: "unseen", N: -1}
			if i < len(extra) {
				row = extra[i]
			}
			if i < len(want) {
				row.Want = want[i]
				if row.Seen != nil {
					row.Class = "differs"
				}
			}
			out = append(out, row)
		}
		want, extra = nil, nil
	}
	i, j := 0, 0
	for i < len(rows) || j < len(seen) {
		switch {
		case i < len(rows) && j < len(seen) && rows[i].Matches(seen[j].first.Pstat) && cost[i][j] == cost[i+1][j+1]:
			flush()
			row := seenRow(seen[j], tl, "same")
			row.Want = wantView(editionOf(tl), rows[i])
			out = append(out, row)
			i, j = i+1, j+1
		case i < len(rows) && cost[i][j] == cost[i+1][j]+1:
			want = append(want, wantView(editionOf(tl), rows[i]))
			i++
		default:
			extra = append(extra, seenRow(seen[j], tl, "extra"))
			j++
		}
	}
	flush()
	return out
}

// costs returns a table of how many rows and states from rows[i] and seen[j] on must
// at least stay unpaired.
func costs(rows []conformance.Row, seen []stay) [][]int {
	cost := make([][]int, len(rows)+1)
	for i := range cost {
		cost[i] = make([]int, len(seen)+1)
	}
	for i := len(rows); i >= 0; i-- {
		for j := len(seen); j >= 0; j-- {
			switch {
			case i == len(rows):
				cost[i][j] = len(seen) - j
			case j == len(seen):
				cost[i][j] = len(rows) - i
			default:
				cost[i][j] = 1 + min(cost[i+1][j], cost[i][j+1])
				if rows[i].Matches(seen[j].first.Pstat) {
					cost[i][j] = min(cost[i][j], cost[i+1][j+1])
				}
			}
		}
	}
	return cost
}

// diverge marks the row that f points at. Without one it marks the first row that
// the form does not allow, and if states are only missing, the first of those.
func (v *pathView) diverge(form conformance.Form, f conformance.Finding) {
	at := -1
	for i := range v.Rows {
		r := &v.Rows[i]
		if r.Note == "" {
			r.Note = note(r.Class, form)
		}
		if r.Seen != nil && r.N <= f.Witness && f.Witness <= r.to && r.Class != "same" {
			at = i
		}
	}
	if at < 0 {
		at = slices.IndexFunc(v.Rows, func(r pathRow) bool {
			return r.Class == "differs" || r.Class == "extra" && form == conformance.Exactly
		})
	}
	if at < 0 {
		at = slices.IndexFunc(v.Rows, func(r pathRow) bool { return r.Class == "unseen" })
	}
	if at >= 0 {
		v.Rows[at].Mark = firstDivergence
	}
}

func note(class string, form conformance.Form) string {
	switch class {
	case "extra":
		if form == conformance.Exactly {
			return "seen, not expected"
		}
		return "another state, allowed here"
	case "unseen":
		return "expected, not seen"
	case "differs":
		return "another state than expected"
	}
	return ""
}

// fold keeps only the rows around the first divergence.
func (v *pathView) fold() {
	if len(v.Rows) <= pathShown {
		return
	}
	at := max(slices.IndexFunc(v.Rows, func(r pathRow) bool { return r.Mark != "" }), 0)
	from := min(max(at-pathShown/2, 0), len(v.Rows)-pathShown)
	v.Before, v.After = from, len(v.Rows)-from-pathShown
	v.Rows = v.Rows[from : from+pathShown]
}

// beside returns the path around the observation that decided f. If the scenario
// expected a path at that time, the observed path stands beside it; otherwise it
// stands alone.
func beside(f conformance.Finding, tl conformance.Timeline) pathView {
	for _, e := range tl.Expectations {
		over := e.Upto > 0 && f.Witness >= e.Upto
		if e.Form == conformance.NeverDuring || f.Witness < e.From || over {
			continue
		}
		v := compare(e, f, tl)
		at := slices.IndexFunc(v.Rows, func(r pathRow) bool { return r.Seen != nil && r.N <= f.Witness && f.Witness <= r.to })
		if at < 0 {
			continue
		}
		v.unseen(at)
		v.Title = ""
		if v.Rows[at].Mark == "" {
			v.Rows[at].Mark = deciding
		}
		return v
	}
	return observedPath(tl, f.Witness)
}

// unseen marks the first expected state after the row at that was never seen, unless
// something else differs. It ignores expected states before that row, because
// missing them does not decide anything.
func (v *pathView) unseen(at int) {
	differs := false
	for i := range v.Rows {
		r := &v.Rows[i]
		if r.Class == "unseen" {
			r.Mark = ""
		}
		differs = differs || r.Mark != ""
	}
	for i := at + 1; i < len(v.Rows) && !differs; i++ {
		if v.Rows[i].Class == "unseen" {
			v.Rows[i].Mark, differs = firstDivergence, true
		}
	}
}

// observedPath returns the course of pstat around a deciding observation, for
// findings that no expectation of the scenario is about.
func observedPath(tl conformance.Timeline, witness int) pathView {
	client := leading(tl.Samples())
	if witness >= 0 && witness < len(tl.Observations) {
		if _, _, ok := tl.Observations[witness].Pstat(); ok {
			client = tl.Observations[witness].Client
		}
	}
	v := pathView{Form: "observed", Client: clean(client)}
	decided := -1
	for i, s := range stays(tl, client, 0, len(tl.Observations)) {
		v.Rows = append(v.Rows, seenRow(s, tl, "plain"))
		if s.first.N <= witness {
			decided = i
		}
	}
	if decided >= 0 {
		v.Rows[decided].Mark = deciding
	}
	v.fold()
	return v
}
