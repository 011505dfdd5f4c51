//go:build linux

package main

import (
	"fmt"
	"slices"
	"time"
)

// row is one thing that is measured: several programs, or several sizes, side by side.
type row struct {
	name   string // of -only, and of its samples
	title  string
	says   string // how it is measured
	units  []unit
	ratios []ratio
	goals  []goal
	run    func(b *bench, r *results) error
}

// unit is something that each sample has a value of.
type unit struct {
	name  string  // as Go's benchmarks write it
	head  string  // of the table
	shown string  // what a figure is shown in, such as MB; "" for a bare number
	per   float64 // how much of the unit that is; 0 stands for 1
}

// scaled is a value as it is shown.
func (u *unit) scaled(v float64) float64 {
	if u.per == 0 {
		return v
	}
	return v / u.per
}

// ratio compares the samples of a round with one another: how many times better each is
// than base.
type ratio struct {
	head string
	unit string
	base string // subject
	less bool   // less of the unit is better; otherwise the ratio is simply how many times base
}

// goal is what is to be reached.
type goal struct {
	what    string
	subject string
	unit    string // the name of a unit, or the head of a ratio
	least   float64
	most    float64 // 0: there is no upper bound
	none    bool    // it has to be 0
}

// sample is what one round has measured of one subject: a program, or a size.
type sample struct {
	subject string
	round   int
	n       int // how often what is measured was done
	values  map[string]float64
}

// results is what was measured for a row.
type results struct {
	samples []sample
	notes   []string          // about all of the row
	missing []string          // what was skipped, and why
	invalid map[string]string // why a subject's figures do not count
	crowd   crowd
	plots   []string // files
}

// add keeps a sample.
func (r *results) add(subject string, round, n int, values map[string]float64) {
	r.samples = append(r.samples, sample{subject, round, n, values})
}

// note keeps a remark, once.
func (r *results) note(text string) {
	if !slices.Contains(r.notes, text) {
		r.notes = append(r.notes, text)
	}
}

// skip says why something was not measured.
func (r *results) skip(what string, why error) {
	r.missing = append(r.missing, what+": "+why.Error())
}

// distrust says why a subject's figures do not count.
func (r *results) distrust(subject, why string) {
	if r.invalid == nil {
		r.invalid = map[string]string{}
	}
	r.invalid[subject] = why
}

// subjects are those of the samples, in the order of their first.
func (r *results) subjects() []string {
	var all []string
	for _, s := range r.samples {
		if !slices.Contains(all, s.subject) {
			all = append(all, s.subject)
		}
	}
	return all
}

// median is that of a subject's values of a unit; ok is false if it has none.
func (r *results) median(subject, unit string) (value float64, ok bool) {
	var all []float64
	for _, s := range r.samples {
		if v, there := s.values[unit]; there && s.subject == subject {
			all = append(all, v)
		}
	}
	return middle(all)
}

// compare is the median over the rounds of how a subject compares.
func (r *results) compare(subject string, by ratio) (value float64, ok bool) {
	base := map[int]float64{}
	for _, s := range r.samples {
		if v, there := s.values[by.unit]; there && s.subject == by.base {
			base[s.round] = v
		}
	}
	var all []float64
	for _, s := range r.samples {
		own, there := s.values[by.unit]
		b := base[s.round]
		if s.subject != subject || !there || own == 0 || b == 0 {
			continue
		}
		if by.less {
			own, b = b, own
		}
		all = append(all, own/b)
	}
	return middle(all)
}

// value is the median of a unit, or of a ratio of the row.
func (r *results) value(w *row, subject, unit string) (float64, bool) {
	for _, by := range w.ratios {
		if by.head == unit {
			return r.compare(subject, by)
		}
	}
	return r.median(subject, unit)
}

// middle is the median.
func middle(all []float64) (float64, bool) {
	if len(all) == 0 {
		return 0, false
	}
	slices.Sort(all)
	m := len(all) / 2
	if len(all)%2 == 1 {
		return all[m], true
	}
	return (all[m-1] + all[m]) / 2, true
}

// reached reports whether a value is what the goal asks for.
func (g *goal) reached(v float64) bool {
	if g.none {
		return v == 0
	}
	return (g.least == 0 || v >= g.least) && (g.most == 0 || v <= g.most)
}

// settings say how much is measured.
type settings struct {
	rounds    int
	span      time.Duration // of one measurement
	devices   int           // of a fleet that is asked
	observers int
	found     int // Devices of the discovery
	sessions  int // that live at once
	sizes     []int
	moving    int // the largest of sizes that is put in motion
	rate      int // of the open loop, requests a second
}

// usual is what is measured unless flags say otherwise.
func usual() settings {
	return settings{
		rounds: 3, span: 2 * time.Second, devices: 100_000, observers: 100_000, found: 10_000, sessions: 100_000,
		sizes: []int{1_000, 10_000, 100_000, 1_000_000, 10_000_000}, moving: 1_000_000, rate: 100_000,
	}
}

// validate returns an error that names what is out of range.
func (o *settings) validate() error {
	for name, n := range map[string]int{
		"rounds": o.rounds, "devices": o.devices, "observers": o.observers, "found": o.found, "rate": o.rate, "sessions": o.sessions, "sizes": len(o.sizes), "span": int(o.span),
	} {
		if n < 1 {
			return fmt.Errorf("%s: %d is below 1", name, n)
		}
	}
	if most := 1 << 24; max(o.devices, o.observers) >= most {
		return fmt.Errorf("devices, observers: a token has no room for more than %d", most-1)
	}
	return nil
}

// smaller reports whether less is measured than the goals speak of.
func (o *settings) smaller() bool {
	u := usual()
	return o.devices < u.devices || o.observers < u.observers || o.found < u.found || o.sessions < u.sessions || o.rate < u.rate
}

// bench is where the measurements are made.
type bench struct {
	settings
	top        string // of the repository
	scratch    string // directory for what is made meanwhile
	self       string // this program
	product    string // the program that is measured
	given      bool   // product was not built here
	serverCPUs []int
	loadCPU    []int
	allCPUs    []int
	goBench    func(b *bench, pkg, pattern, long string) ([]byte, error)
}
