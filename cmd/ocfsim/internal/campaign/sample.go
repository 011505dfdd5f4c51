package campaign

import (
	"cmp"
	"math/rand/v2"
	"slices"

	"github.com/ocfsim/ocfsim/conformance"
)

// Draw takes n Devices out of a fleet by chance, from each group by its share, at least one
// where n allows it. The same seed draws the same Devices.
func Draw(all []Member, n int, seed uint64) (drawn, rest []Member) {
	order := rand.New(rand.NewPCG(seed, 2)).Perm(len(all))
	byGroup := map[string][]int{}
	var names []string
	for _, i := range order {
		g := all[i].Group
		if byGroup[g] == nil {
			names = append(names, g)
		}
		byGroup[g] = append(byGroup[g], i)
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(len(byGroup[b])-len(byGroup[a]), cmp.Compare(a, b))
	})
	picked := make([]bool, len(all))
	has := map[string]int{}
	for range min(n, len(all)) {
		next := slices.MaxFunc(names, func(a, b string) int { // who lacks most of its share; one who has none comes first
			return cmp.Compare(lack(len(byGroup[a]), has[a]), lack(len(byGroup[b]), has[b]))
		})
		picked[byGroup[next][has[next]]] = true
		has[next]++
	}
	for i, m := range all {
		if picked[i] {
			drawn = append(drawn, m)
		} else {
			rest = append(rest, m)
		}
	}
	return drawn, rest
}

// lack is how much a group of so many Devices, of which some are drawn, is owed another one
// (as D'Hondt has it for seats).
func lack(devices, drawn int) float64 {
	switch drawn {
	case devices:
		return -1
	case 0:
		return 1e12 + float64(devices)
	}
	return float64(devices) / float64(drawn+1)
}

// Sample is what the suite found on Devices of a fleet, while the others were under load.
type Sample struct {
	Devices int                         `json:"devices"`
	TookS   float64                     `json:"took_s"`
	Verdict conformance.Verdict         `json:"verdict"` // the worst
	Counts  map[conformance.Verdict]int `json:"counts"`  // of Devices
	Groups  []SampleGroup               `json:"groups"`
	// Requirements are those that did not pass somewhere, the worst first.
	Requirements []SampleRequirement `json:"requirements,omitempty"`
	Folder       string              `json:"folder"` // where the results are
}

// SampleGroup is what the suite found on the Devices of one group; the worst come first.
type SampleGroup struct {
	Group  string                      `json:"group"`
	Counts map[conformance.Verdict]int `json:"counts"` // of Devices
}

// SampleRequirement is how Devices did by one requirement.
type SampleRequirement struct {
	ID      string                      `json:"id"`
	Counts  map[conformance.Verdict]int `json:"counts"`  // of Devices
	Devices []string                    `json:"devices"` // some of those that did not pass
}

// Judged is what the suite found on one Device.
type Judged struct {
	Member
	Verdict      conformance.Verdict
	Requirements map[string]conformance.Verdict
}

// bad are the verdicts that a fleet report is sorted by, the worst first.
func bad() []conformance.Verdict {
	return []conformance.Verdict{conformance.Error, conformance.Fail, conformance.Inconclusive, conformance.Warn}
}

// worst compares two counts: that with more of what is worst comes first.
func worst(a, b map[conformance.Verdict]int) int {
	for _, v := range bad() {
		if d := b[v] - a[v]; d != 0 {
			return d
		}
	}
	return 0
}

// SampleOf adds up what the suite found.
func SampleOf(judged []Judged) *Sample {
	s := &Sample{Devices: len(judged), Verdict: conformance.Pass, Counts: map[conformance.Verdict]int{}}
	groups, requirements := map[string]*SampleGroup{}, map[string]*SampleRequirement{}
	for _, j := range judged {
		s.Counts[j.Verdict]++
		if groups[j.Group] == nil {
			groups[j.Group] = &SampleGroup{Group: j.Group, Counts: map[conformance.Verdict]int{}}
		}
		groups[j.Group].Counts[j.Verdict]++
		for id, v := range j.Requirements {
			q := requirements[id]
			if q == nil {
				q = &SampleRequirement{ID: id, Counts: map[conformance.Verdict]int{}}
				requirements[id] = q
			}
			q.Counts[v]++
			if slices.Contains(bad(), v) && len(q.Devices) < listed {
				q.Devices = append(q.Devices, j.Endpoint)
			}
		}
	}
	if i := slices.IndexFunc(bad(), func(v conformance.Verdict) bool { return s.Counts[v] > 0 }); i >= 0 {
		s.Verdict = bad()[i]
	}
	for _, g := range groups {
		s.Groups = append(s.Groups, *g)
	}
	slices.SortFunc(s.Groups, func(a, b SampleGroup) int { return cmp.Or(worst(a.Counts, b.Counts), cmp.Compare(a.Group, b.Group)) })
	for _, q := range requirements {
		if len(q.Devices) > 0 {
			s.Requirements = append(s.Requirements, *q)
		}
	}
	slices.SortFunc(s.Requirements, func(a, b SampleRequirement) int {
		return cmp.Or(worst(a.Counts, b.Counts), cmp.Compare(a.ID, b.ID))
	})
	return s
}
