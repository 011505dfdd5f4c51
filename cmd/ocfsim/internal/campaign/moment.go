package campaign

import (
	"cmp"
	"maps"
	"slices"
)

// Moment is how many Devices had ended by a time, in seconds of campaign: the time between a
// run that was interrupted and the one that went on with it does not count.
type Moment struct {
	AtS      float64 `json:"at_s"`
	Well     int     `json:"well"`     // updated, or with nothing to do
	Troubled int     `json:"troubled"` // Devices whose verdict is a failure
}

// moments is how many Moments there are of a run at the most.
const moments = 256

// curve counts the Devices that end in each slice of a run's time. All slices are of one
// length, which doubles when the run outgrows them.
type curve struct {
	width  float64         // of a slice, in seconds
	ended  [moments]Moment // AtS is not used
	lastsS float64         // the run, as far as Devices tell
}

func newCurve() *curve { return &curve{width: 0.05} }

// add counts a Device that has ended.
func (c *curve) add(r Result) {
	c.lastsS = max(c.lastsS, r.EndedS)
	for r.EndedS >= c.width*moments {
		c.double()
	}
	m := &c.ended[int(max(r.EndedS, 0)/c.width)]
	switch {
	case r.Verdict.Failure():
		m.Troubled++
	case !r.Verdict.Open():
		m.Well++
	}
}

// double makes each slice twice as long.
func (c *curve) double() {
	for i := range c.ended {
		var sum Moment
		for j := 2 * i; j < min(2*i+2, moments); j++ {
			sum.Well, sum.Troubled = sum.Well+c.ended[j].Well, sum.Troubled+c.ended[j].Troubled
		}
		c.ended[i] = sum
	}
	c.width *= 2
}

// course is how the campaign went on, run after run: when Devices ended, and what each wave
// came to. A wave that was interrupted and gone on with is one.
func (t *Tally) course() ([]Moment, []WaveSummary) {
	var all []Moment
	var now Moment
	begins := map[int]float64{} // by run, on the axis of the campaign
	began := 0.0
	for _, run := range slices.Sorted(maps.Keys(t.runs)) {
		c := t.runs[run]
		begins[run] = began
		all = append(all, Moment{began, now.Well, now.Troubled})
		for i, m := range c.ended {
			if m.Well+m.Troubled > 0 {
				now.Well, now.Troubled = now.Well+m.Well, now.Troubled+m.Troubled
				all = append(all, Moment{began + min(float64(i+1)*c.width, c.lastsS), now.Well, now.Troubled})
			}
		}
		began += c.lastsS
	}
	waves := map[int]*WaveSummary{}
	for key, w := range t.waves {
		from, to := begins[key[0]]+w.BeganS, begins[key[0]]+w.EndedS
		sum := waves[w.Wave]
		if sum == nil {
			sum = &WaveSummary{Wave: w.Wave, BeganS: from, Counts: map[Verdict]int{}}
			waves[w.Wave] = sum
		}
		sum.BeganS, sum.EndedS = min(sum.BeganS, from), max(sum.EndedS, to)
		for v, n := range w.Counts {
			sum.Counts[v] += n
		}
	}
	var sums []WaveSummary
	for _, w := range waves {
		sums = append(sums, *w)
	}
	slices.SortFunc(sums, func(a, b WaveSummary) int { return cmp.Compare(a.Wave, b.Wave) })
	return all, sums
}
