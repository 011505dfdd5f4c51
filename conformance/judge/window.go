package judge

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// window is what an Expectation looks at.
type window struct {
	rows     []conformance.Row
	samples  []conformance.Sample // after From
	earlier  []conformance.Sample // before From
	distinct []conformance.Sample // of these, each state once between two GETs: a Device may notify very often
	timedOut bool                 // a wait ended without what it waited for
	overheld bool                 // the source's answer came so late that the Device may have given up
	requests []write              // for processes, after From
}

func windowOf(e conformance.Expectation, s *story) window {
	tl := s.tl
	upto := min(cmp.Or(e.Upto, never), len(tl.Observations))
	w := window{rows: e.Rows}
	pre, _ := s.lastBefore(e.From)
	present := map[int]bool{} // the observations that have told by now what was before From
	for _, x := range s.samples {
		switch {
		case x.N >= upto || e.Client != "" && x.Client != e.Client:
		case x.N < e.From:
			w.earlier = append(w.earlier, x)
		case !present[x.Stream] && s.belated(x, e.From):
			w.earlier = append(w.earlier, x)
			present[x.Stream] = len(differences(x.Pstat, pre.Pstat)) == 0
		default:
			w.samples = append(w.samples, x)
		}
	}
	w.distinct = distinct(w.earlier)
	for _, u := range s.writes {
		w.overheld = w.overheld || u.n < upto && u.asks() != 0 && s.overheld(u, upto)
		if u.n >= e.From && u.n < upto && u.asks() != 0 && !u.refused() {
			w.requests = append(w.requests, u)
		}
	}
	for i := max(e.From, 0); i < upto; i++ {
		if o := &tl.Observations[i]; o.Kind == conformance.Waiting && o.Outcome == conformance.Timeout {
			w.timedOut = true
		}
	}
	return w
}

// distinct are the samples that show another state than those since the GET before.
func distinct(all []conformance.Sample) []conformance.Sample {
	var out []conformance.Sample
	seen := map[string]bool{}
	for _, x := range all {
		if !x.Notified {
			clear(seen)
		} else if text := x.String(); seen[text] {
			continue
		} else {
			seen[text] = true
		}
		out = append(out, x)
	}
	return out
}

// fits reports whether s is in row i, counted from 1. Row 0 is the state
// before anything happened.
func (w window) fits(s conformance.Sample, i int) bool {
	if i == 0 {
		return w.ofBefore(s)
	}
	return w.rows[i-1].Matches(s.Pstat)
}

// defined is the state in s without the bits that this edition does not define.
func defined(s conformance.Sample) string {
	s.Pstat.TM, s.Pstat.CM = s.Pstat.TM&0xff, s.Pstat.CM&0xff
	return s.String()
}

// ofBefore reports whether s shows the state before anything happened: that of
// the last look, or, since a notification may be late, any earlier one's.
func (w window) ofBefore(s conformance.Sample) bool {
	for i := len(w.distinct) - 1; i >= 0; i-- {
		e := w.distinct[i]
		if defined(e) == defined(s) || w.clearsFirst(e, s) {
			return true
		}
		if !s.Notified && !e.Notified {
			return false
		}
	}
	return false
}

// clearsFirst reports whether s is e but for what the start of a requested process
// takes out of cm: a Device may clear cm before tm shows the process (docs/adr/0013).
func (w window) clearsFirst(e, s conformance.Sample) bool {
	for _, r := range w.requests {
		cleared := ocf.SVV
		if r.asks().Has(ocf.SSU) {
			cleared = bothBits
		}
		if gone := e.Pstat.CM.Without(s.Pstat.CM); r.n < s.N && gone.Without(cleared) == 0 {
			e.Pstat.CM = e.Pstat.CM.Without(gone)
			if defined(e) == defined(s) {
				return true
			}
		}
	}
	return false
}

// least gives each sample the first row that can explain it, after the rows of
// the samples that were certainly before. bad is the first sample that no row
// explains, or -1.
func (w window) least() (rows []int, bad int) {
	rows = make([]int, len(w.samples))
	streams := map[int]int{}              // the greatest row in each observation so far
	upto := make([]int, len(w.samples)+1) // the greatest row among so many samples
	for i, s := range w.samples {
		arrived, _ := slices.BinarySearchFunc(w.samples[:i], s.Since, func(x conformance.Sample, n int) int { return x.N - n })
		row := max(upto[arrived], streams[s.Stream])
		for row <= len(w.rows) && !w.fits(s, row) {
			row++
		}
		if row > len(w.rows) {
			return rows, i
		}
		rows[i], upto[i+1] = row, max(upto[i], row)
		if s.Stream >= 0 {
			streams[s.Stream] = row
		}
	}
	return rows, -1
}

// most gives each sample the last row that can explain it, before the rows of
// the samples that were certainly after. It is called where least found no bad one.
func (w window) most() []int {
	rows := make([]int, len(w.samples))
	streams := map[int]int{} // the least row in each observation so far, counted from the end
	bySince := make([]int, len(w.samples))
	for i := range bySince {
		bySince[i] = i
	}
	slices.SortStableFunc(bySince, func(a, b int) int { return w.samples[b].Since - w.samples[a].Since })
	row := len(w.rows) // the least row of those that were asked for after the sample arrived
	for i := len(w.samples) - 1; i >= 0; i-- {
		s := w.samples[i]
		for ; len(bySince) > 0 && w.samples[bySince[0]].Since > s.N; bySince = bySince[1:] {
			row = min(row, rows[bySince[0]])
		}
		rows[i] = row
		if of, ok := streams[s.Stream]; ok && s.Stream >= 0 {
			rows[i] = min(rows[i], of)
		}
		for rows[i] > 0 && !w.fits(s, rows[i]) {
			rows[i]--
		}
		streams[s.Stream] = rows[i]
	}
	return rows
}

func (w window) exactly() conformance.Finding {
	least, bad := w.least()
	if bad >= 0 {
		s := w.samples[bad]
		if w.overheld {
			return conformance.Finding{Verdict: conformance.Inconclusive, Witness: s.N, Got: s.String(), Reason: gaveUp}
		}
		return conformance.Finding{Verdict: conformance.Fail, Witness: s.N, Got: s.String(), Reason: fmt.Sprintf(
			"%s saw %v, which the path does not have at that point (seen: %s)", s.Client, s, w.seen())}
	}
	most := w.most()
	unseen, witness := []string{}, -1
	for row := 1; row <= len(w.rows); row++ {
		found := -1
		for i, s := range w.samples {
			if least[i] <= row && row <= most[i] && w.fits(s, row) {
				found = s.N
				break
			}
		}
		if found < 0 {
			unseen = append(unseen, w.rows[row-1].String())
		} else {
			witness = found
		}
	}
	if len(unseen) == 0 {
		return conformance.Finding{Verdict: conformance.Pass, Witness: witness, Reason: "every state was seen, in this order and no other"}
	}
	return w.missing(unseen)
}

// gaveUp is why a path that was not followed proves nothing.
const gaveUp = "the source's answer was withheld for so long that the Device may have given up"

// missing judges a path of which some rows were not seen.
func (w window) missing(unseen []string) conformance.Finding {
	end, last := w.last(), w.rows[len(w.rows)-1]
	if end != nil && last.Matches(end.Pstat) {
		return conformance.Finding{Verdict: conformance.None, Witness: end.N, Reason: "not seen: " + strings.Join(unseen, ", then ")}
	}
	f := conformance.Finding{Verdict: conformance.Inconclusive, Witness: -1, Reason: fmt.Sprintf("%v was not reached while it was looked for", last)}
	if end != nil {
		f.Witness = end.N
		if w.timedOut && !w.overheld {
			f.Verdict, f.Silent = conformance.Fail, end.Notified
			f.Reason = fmt.Sprintf("%v was not reached in time; the last state seen was %v", last, end)
		}
	}
	return f
}

// last is the latest sample to arrive. No other is certainly after it.
func (w window) last() *conformance.Sample {
	if n := len(w.samples); n > 0 {
		return &w.samples[n-1]
	}
	if n := len(w.earlier); n > 0 {
		return &w.earlier[n-1]
	}
	return nil
}

// inOrderSeen are the samples that witness the first rows of the path, one each.
func (w window) inOrderSeen() []conformance.Sample {
	var found []conformance.Sample
	for _, s := range w.samples {
		if len(found) == len(w.rows) {
			break
		}
		if w.rows[len(found)].Matches(s.Pstat) {
			found = append(found, s)
		}
	}
	return found
}

func (w window) inOrder() conformance.Finding {
	found := w.inOrderSeen()
	if len(found) == len(w.rows) {
		return conformance.Finding{Verdict: conformance.Pass, Witness: found[len(found)-1].N, Reason: "every state was seen in this order"}
	}
	if w.saw(w.rows[len(w.rows)-1]) {
		return conformance.Finding{Verdict: conformance.None, Witness: -1, Reason: "not seen in this order: " + path(w.rows[len(found):])}
	}
	return w.missing(rowNames(w.rows[len(found):]))
}

func (w window) saw(r conformance.Row) bool {
	for _, s := range w.samples {
		if r.Matches(s.Pstat) {
			return true
		}
	}
	return false
}

func (w window) endsWith() conformance.Finding {
	end := w.last()
	last := w.rows[len(w.rows)-1]
	if end == nil || len(w.samples) == 0 {
		return conformance.Finding{Verdict: conformance.Inconclusive, Witness: -1, Reason: "no state was seen"}
	}
	if !last.Matches(end.Pstat) {
		return w.missing(rowNames(w.rows))
	}
	row := len(w.rows) - 1
	for i := len(w.samples) - 1; i >= 0 && row > 0; i-- {
		s := w.samples[i]
		switch {
		case w.rows[row].Matches(s.Pstat):
		case w.rows[row-1].Matches(s.Pstat):
			row--
		default:
			return conformance.Finding{Verdict: conformance.None, Witness: end.N, Reason: "not seen: " + path(w.rows[:row])}
		}
	}
	if row > 0 {
		return conformance.Finding{Verdict: conformance.None, Witness: end.N, Reason: "not seen: " + path(w.rows[:row])}
	}
	return conformance.Finding{Verdict: conformance.Pass, Witness: end.N, Reason: "the last states are these"}
}

func (w window) neverDuring() conformance.Finding {
	moved := false
	for _, s := range w.samples {
		if w.fits(s, 0) && !moved && s.Notified {
			continue // it may be of before, and late
		}
		moved = true
		for _, r := range w.rows {
			if r.Matches(s.Pstat) {
				return conformance.Finding{
					Verdict: conformance.Fail, Witness: s.N, Got: s.String(),
					Reason: fmt.Sprintf("%s saw %v, which must never be seen here", s.Client, s),
				}
			}
		}
	}
	if !moved {
		return conformance.Finding{Verdict: conformance.Inconclusive, Witness: -1, Reason: "no state was seen"}
	}
	return conformance.Finding{Verdict: conformance.Pass, Witness: w.samples[len(w.samples)-1].N, Reason: "no sample shows it"}
}

// seen is the path that was seen, in the order of arrival, repeats left out.
func (w window) seen() string {
	var parts []string
	for _, s := range w.samples {
		if text := s.String(); len(parts) == 0 || parts[len(parts)-1] != text {
			parts = append(parts, text)
		}
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}

func path(rows []conformance.Row) string { return strings.Join(rowNames(rows), ", ") }

func rowNames(rows []conformance.Row) []string {
	names := make([]string, len(rows))
	for i, r := range rows {
		names[i] = r.String()
	}
	return names
}
