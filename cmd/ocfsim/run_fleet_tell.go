package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/fortune"
	"github.com/ocfsim/ocfsim/fixtures/fleetfile"
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim/fleet"
)

// aPlan is what --json says of a fleet file, or of the part of it that runs.
type aPlan struct {
	Name   string   `json:"name,omitempty"`
	File   string   `json:"file"`
	Seed   uint64   `json:"seed"`
	Shard  string   `json:"shard"`
	First  int      `json:"first_device"` // number of the first Device
	Of     int      `json:"of"`           // how many Devices the whole has
	Groups []aGroup `json:"groups"`
}

// aGroup is the part of a group that runs.
type aGroup struct {
	Name       string         `json:"name"`
	Devices    int            `json:"devices"`
	From       string         `json:"from"` // address of its first Device
	To         string         `json:"to"`
	Behaviours map[string]int `json:"behaviours"`
	Variants   map[string]int `json:"variants,omitempty"`
	Deviations map[string]int `json:"deviations,omitempty"`
	Quirks     map[string]int `json:"quirks,omitempty"`
	Source     string         `json:"source,omitempty"` // address of one of its own
	DDI        bool           `json:"source_ddi,omitempty"`
	Secured    int            `json:"secured"`
	Owners     map[string]int `json:"owners,omitempty"` // of the secured ones
	SwitchedOn *aSpan         `json:"switched_on,omitempty"`
	Waves      []aSpan        `json:"waves,omitempty"`
	Unoffered  int            `json:"in_no_wave,omitempty"`
	Starts     []aSpan        `json:"starts,omitempty"`
	Faults     []string       `json:"faults,omitempty"`
	Slow       int            `json:"slow,omitempty"`
	Skewed     int            `json:"wrong_clock,omitempty"`
}

// aSpan is when something happens to how many Devices, in seconds since the start.
type aSpan struct {
	Starts  string  `json:"starts,omitempty"`
	From    float64 `json:"from_s"`
	To      float64 `json:"to_s"`
	Devices int     `json:"devices"`
}

// add puts one more Device into the span.
func (s *aSpan) add(at time.Duration) {
	if s.Devices == 0 {
		s.From, s.To = at.Seconds(), at.Seconds()
	}
	s.From, s.To = min(s.From, at.Seconds()), max(s.To, at.Seconds())
	s.Devices++
}

// planned is what is planned for the part of a fleet that runs.
func (f *fleetFlags) planned() *aPlan {
	first, count := f.part.Of(f.plan.Len())
	all := &aPlan{Name: f.plan.Name, File: f.file, Seed: f.plan.Seed, Shard: f.part.String(), First: first, Of: f.plan.Len()}
	var last *fleetfile.Group
	for i := first; i < first+count; i++ {
		g, within := f.plan.GroupOf(i)
		d := f.plan.Device(i)
		if g != last {
			all.Groups, last = append(all.Groups, newAGroup(g, d)), g
		}
		all.Groups[len(all.Groups)-1].add(g, within, d)
	}
	return all
}

// groups names the group of each Device that runs; nil without a fleet file.
func (f *fleetFlags) groups() func(i int) string {
	if f.plan == nil {
		return nil
	}
	first, _ := f.part.Of(f.plan.Len())
	return func(i int) string {
		g, _ := f.plan.GroupOf(first + i)
		return g.Name
	}
}

func newAGroup(g *fleetfile.Group, first fleetfile.Device) aGroup {
	a := aGroup{
		Name: g.Name, From: first.Addr.Addr().String(), Waves: make([]aSpan, len(g.Waves)), Starts: make([]aSpan, len(g.Starts)),
		Behaviours: map[string]int{}, Variants: map[string]int{}, Deviations: map[string]int{}, Quirks: map[string]int{}, Owners: map[string]int{},
	}
	for k, s := range g.Starts {
		a.Starts[k].Starts = s.Starts
	}
	if g.RampUp != (fleetfile.RampUp{}) {
		a.SwitchedOn = &aSpan{}
	}
	if g.Source != nil {
		a.Source, a.DDI = g.Source.URL, g.Source.DDI
	}
	for k := range g.Faults {
		a.Faults = append(a.Faults, g.Faults[k].Name)
	}
	return a
}

// add counts one more Device.
func (a *aGroup) add(g *fleetfile.Group, within int, d fleetfile.Device) {
	a.Devices++
	a.To = d.Addr.Addr().String()
	a.Behaviours[d.Behaviour]++
	for names, name := range map[*map[string]int]string{&a.Variants: d.Variant, &a.Deviations: d.Deviation, &a.Quirks: d.Quirk} {
		if name != "" {
			(*names)[name]++
		}
	}
	if d.Secured {
		a.Secured++
		owner := d.Owner
		if owner == "" {
			owner = fleetfile.None
		}
		a.Owners[owner]++
	}
	if a.SwitchedOn != nil {
		a.SwitchedOn.add(d.On)
	}
	switch {
	case d.Wave >= 0:
		a.Waves[d.Wave].add(d.Offered)
	case len(g.Waves) > 0:
		a.Unoffered++
	}
	for k := range g.Starts {
		if at, ok := g.StartOf(k, within); ok {
			a.Starts[k].add(at)
		}
	}
	if d.Slow > 1 {
		a.Slow++
	}
	if d.Skew != 0 || d.Drift != 0 {
		a.Skewed++
	}
}

// text is a in the words that a person reads.
func (a *aPlan) text() string {
	var b strings.Builder
	n := 0
	for _, g := range a.Groups {
		n += g.Devices
	}
	name := a.File
	if a.Name != "" {
		name = fmt.Sprintf("%q (%s)", a.Name, a.File)
	}
	fmt.Fprintf(&b, "fleet %s, seed %d: %s", name, a.Seed, ocf.Count(n, "Device"))
	if n < a.Of {
		fmt.Fprintf(&b, " of %d, shard %s, from number %d on", a.Of, a.Shard, a.First)
	}
	b.WriteString("\n")
	for _, g := range a.Groups {
		b.WriteString(g.text())
	}
	return b.String()
}

func (a *aGroup) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s, %s to %s\n", a.Name, ocf.Count(a.Devices, "Device"), a.From, a.To)
	line := func(about, format string, args ...any) {
		fmt.Fprintf(&b, "  %-12s"+format+"\n", append([]any{about}, args...)...)
	}
	for _, names := range []struct {
		about string
		n     map[string]int
	}{{"behaviours", a.Behaviours}, {"variants", a.Variants}, {"deviations", a.Deviations}, {"quirks", a.Quirks}} {
		if len(names.n) > 0 {
			line(names.about, "%s", tally(names.n))
		}
	}
	line("secured", "%d", a.Secured)
	if a.Secured > 0 {
		line("owners", "%s", tally(a.Owners))
	}
	switch {
	case a.DDI:
		line("source", "%s, by DDI", a.Source)
	case a.Source != "":
		line("source", "%s", a.Source)
	}
	if a.SwitchedOn != nil {
		line("switched on", "%s", a.SwitchedOn)
	}
	for k := range a.Waves {
		line(fmt.Sprintf("wave %d", k+1), "%s", &a.Waves[k])
	}
	if a.Unoffered > 0 {
		line("in no wave", "%d", a.Unoffered)
	}
	for k := range a.Starts {
		line("starts "+a.Starts[k].Starts, "%s", &a.Starts[k])
	}
	if len(a.Faults) > 0 {
		line("faults", "%s", strings.Join(a.Faults, ", "))
	}
	if a.Slow > 0 {
		line("slow", "%d", a.Slow)
	}
	if a.Skewed > 0 {
		line("wrong clock", "%d", a.Skewed)
	}
	return b.String()
}

// String reads "from 1m0s to 1m30s: 63 Devices".
func (s *aSpan) String() string {
	from, to := time.Duration(s.From*float64(time.Second)), time.Duration(s.To*float64(time.Second))
	if from == to {
		return fmt.Sprintf("at %v: %s", from, ocf.Count(s.Devices, "Device"))
	}
	return fmt.Sprintf("from %v to %v: %s", from.Round(time.Millisecond), to.Round(time.Millisecond), ocf.Count(s.Devices, "Device"))
}

// tally reads "70 success, 30 no-update", the most frequent first.
func tally(n map[string]int) string {
	names := slices.Sorted(maps.Keys(n))
	slices.SortStableFunc(names, func(a, b string) int { return n[b] - n[a] })
	for i, name := range names {
		names[i] = fmt.Sprintf("%d %s", n[name], name)
	}
	return strings.Join(names, ", ")
}

// writePlan writes what is planned, for --dry-run.
func (f *fleetFlags) writePlan(w io.Writer, asJSON bool) error {
	p := f.planned()
	if asJSON {
		return json.NewEncoder(w).Encode(struct {
			Event string `json:"event"` // "plan"
			*aPlan
		}{"plan", p})
	}
	_, err := io.WriteString(w, p.text())
	return err
}

// inFleet adds to r what is said of the Devices of a fleet file.
func (f *fleetFlags) inFleet(r *ready, fl *fleet.Fleet) {
	if f.plan == nil {
		return
	}
	r.Fleet, r.Behaviour = f.planned(), "by fleet file"
	first, _ := f.part.Of(f.plan.Len())
	r.Secure, r.SecureLast = "", ""
	for i := range fl.Len() {
		if d := f.plan.Device(first + i); d.Secured {
			at := "coaps://" + fl.SecureAddr(i).String()
			if r.SecureLast = at; r.Secure == "" {
				r.Secure = at
			}
		}
	}
}

// ended is what --json writes when the Devices of a fleet file have ended.
type ended struct {
	Event      string         `json:"event"` // "ended"
	Virtual    *aPass         `json:"virtual,omitempty"`
	Faults     map[string]int `json:"faults"`
	States     fortune.Ends   `json:"states"`
	AsRecorded *bool          `json:"as_recorded,omitempty"` // with --replay and --replay-faults: whether each Device ended as in the record

	Replay *fortune.Outcome `json:"replay,omitempty"` // with --replay
}

// ended says how the Devices ended.
func (t *teller) ended(e ended) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.json {
		return json.NewEncoder(t.w).Encode(e)
	}
	faults := "none"
	if len(e.Faults) > 0 {
		faults = tally(e.Faults)
	}
	text := fmt.Sprintf("%sfaults: %s\nthe Devices ended in these states:\n%v", e.Virtual.text(), faults, e.States)
	if e.AsRecorded != nil {
		text += map[bool]string{true: "Each Device ended as in the record.\n", false: "Not all Devices ended as in the record.\n"}[*e.AsRecorded]
	}
	if e.Replay != nil {
		text += e.Replay.String()
	}
	_, err := io.WriteString(t.w, text)
	return err
}
