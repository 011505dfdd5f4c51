package campaign

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Tally adds up Results, each Device once.
type Tally struct {
	s                         Summary
	groups                    map[[3]string]*Group
	waves                     map[[2]int]*WaveSummary // by run and wave
	runs                      map[int]*curve
	reasons                   map[reasonKey]*Reason
	troubles                  map[Verdict][]Result
	validation, update, whole *Histogram
}

// mostGroups is how many groups are told apart; the Devices of further ones are one group.
const mostGroups = 1000

// NewTally begins the tally of a campaign.
func NewTally(p *Plan) *Tally {
	t := &Tally{
		groups: map[[3]string]*Group{}, waves: map[[2]int]*WaveSummary{}, runs: map[int]*curve{},
		reasons: map[reasonKey]*Reason{}, troubles: map[Verdict][]Result{},
		validation: NewHistogram(), update: NewHistogram(), whole: NewHistogram(),
	}
	t.s = Summary{Schema: "ocfsim.campaign/1", Name: p.Name, Do: "update", Counts: map[Verdict]int{}}
	if p.Check {
		t.s.Do = "check"
	}
	return t
}

// Add counts what became of a Device.
func (t *Tally) Add(r Result) {
	t.s.Devices++
	t.s.Counts[r.Verdict]++
	t.s.Requests += r.Requests
	t.s.Copies += r.Copies
	t.s.Notified += r.Notifications
	t.addTimes(r)
	t.addGroup(r)
	switch {
	case r.Verdict == Updated:
		took := r.EndedS - r.BeganS
		seconds(t.whole, &took)
		t.slow(r)
	case r.Verdict.Failure():
		t.addReason(r)
		if some := t.troubles[r.Verdict]; len(some) < listed {
			t.troubles[r.Verdict] = append(some, r)
		} else {
			t.s.Unlisted++
		}
	}
}

// addTimes counts when the Device ended, and how long it took.
func (t *Tally) addTimes(r Result) {
	seconds(t.validation, r.ValidationS)
	seconds(t.update, r.UpdateS)
	if r.Wave == 0 {
		return // it was never begun
	}
	key := [2]int{max(r.Run, 1), r.Wave}
	w := t.waves[key]
	if w == nil {
		w = &WaveSummary{Wave: r.Wave, BeganS: r.BeganS, Counts: map[Verdict]int{}}
		t.waves[key] = w
	}
	w.BeganS, w.EndedS = min(w.BeganS, r.BeganS), max(w.EndedS, r.EndedS)
	w.Counts[r.Verdict]++
	if t.runs[key[0]] == nil {
		t.runs[key[0]] = newCurve()
	}
	t.runs[key[0]].add(r)
}

// addGroup counts the Device in its group.
func (t *Tally) addGroup(r Result) {
	key := [3]string{r.Group, r.Name, r.From}
	if t.groups[key] == nil && len(t.groups) >= mostGroups {
		key = [3]string{"others"}
	}
	if t.groups[key] == nil {
		t.groups[key] = &Group{Group: key[0], Name: key[1], From: key[2], Counts: map[Verdict]int{}}
	}
	t.groups[key].Devices++
	t.groups[key].Counts[r.Verdict]++
}

// seconds counts a duration, where there is one.
func seconds(h *Histogram, s *float64) {
	if s != nil {
		h.Add(time.Duration(*s * float64(time.Second)))
	}
}

// slow keeps the slowest updates, the slowest first.
func (t *Tally) slow(r Result) {
	const most = 10
	slower := func(a, b Result) int { return cmp.Compare(took(b), took(a)) }
	at, _ := slices.BinarySearchFunc(t.s.Slowest, r, slower)
	if at == most {
		return
	}
	t.s.Slowest = slices.Insert(t.s.Slowest, at, r)
	t.s.Slowest = t.s.Slowest[:min(len(t.s.Slowest), most)]
}

// took is how long an update took, 0 where it is not known.
func took(r Result) float64 {
	if r.UpdateS == nil {
		return 0
	}
	return *r.UpdateS
}

// Summary is what all that was counted comes to.
func (t *Tally) Summary(o Outcome) (*Summary, error) {
	s := t.s
	s.Stopped, s.Interrupted, s.Strays, s.TookS = o.Stopped, o.Interrupted, o.Strays, o.Took.Seconds()
	if concluded := s.Devices - s.Counts[NotBegun] - s.Counts[UnderWay]; s.TookS > 0 {
		s.PerSecond = float64(concluded) / s.TookS
	}
	for _, d := range []struct {
		to   **Distribution
		from *Histogram
	}{{&s.RTT, o.RTT}, {&s.Validation, t.validation}, {&s.Update, t.update}, {&s.Whole, t.whole}} {
		var err error
		if *d.to, err = d.from.Distribution(); err != nil {
			return nil, err
		}
	}
	s.Progress, s.Waves = t.course()
	s.Reasons = t.worstReasons()
	for _, v := range worstFirst() {
		s.Troubles = append(s.Troubles, t.troubles[v]...)
	}
	for _, g := range t.groups {
		s.Groups = append(s.Groups, *g)
	}
	slices.SortFunc(s.Groups, func(a, b Group) int {
		return cmp.Or(b.failures()*max(a.Devices, 1)-a.failures()*max(b.Devices, 1), b.Devices-a.Devices, strings.Compare(a.Group+a.Name+a.From, b.Group+b.Name+b.From))
	})
	return &s, nil
}
