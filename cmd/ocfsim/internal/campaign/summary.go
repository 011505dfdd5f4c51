package campaign

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// listed is how many Devices a summary names of each kind.
const listed = 20

// Summary is what a campaign came to. Distributions are of the Devices, not of averages.
type Summary struct {
	Schema      string          `json:"schema"` // "ocfsim.campaign/1"
	Name        string          `json:"name"`
	Do          string          `json:"do"`
	Devices     int             `json:"devices"`
	Counts      map[Verdict]int `json:"counts"`
	Stopped     string          `json:"stopped,omitempty"`
	Interrupted bool            `json:"interrupted,omitempty"`
	TookS       float64         `json:"took_s"` // of the last run, where there were several
	PerSecond   float64         `json:"devices_per_s"`
	Requests    int             `json:"requests"`
	Copies      int             `json:"copies"`
	Notified    int             `json:"notifications"`
	Strays      int             `json:"strays"`
	RTT         *Distribution   `json:"answer,omitempty"` // of requests that were sent once
	Validation  *Distribution   `json:"validation,omitempty"`
	Update      *Distribution   `json:"update,omitempty"`
	Whole       *Distribution   `json:"whole,omitempty"` // of Devices that were updated: from the first request to the last answer
	Waves       []WaveSummary   `json:"waves"`
	Groups      []Group         `json:"groups"`
	Slowest     []Result        `json:"slowest,omitempty"` // updates
	Troubles    []Result        `json:"troubles,omitempty"`
	Unlisted    int             `json:"troubles_unlisted,omitempty"`
	Sample      *Sample         `json:"sample,omitempty"` // Devices that the suite was run on
}

// WaveSummary is what one wave came to.
type WaveSummary struct {
	Wave   int             `json:"wave"`
	Counts map[Verdict]int `json:"counts"`
}

// Group is what the Devices of one group, name and version came to; the worst come first.
type Group struct {
	Group   string          `json:"group,omitempty"` // of the fleet file
	Name    string          `json:"name"`            // n of /oic/d
	From    string          `json:"from"`            // software version before
	Devices int             `json:"devices"`
	Counts  map[Verdict]int `json:"counts"`
}

// failures is how many Devices of the group are in trouble.
func (g Group) failures() (n int) {
	for v, count := range g.Counts {
		if v.Failure() {
			n += count
		}
	}
	return n
}

// Tally adds up Results, each Device once.
type Tally struct {
	s                         Summary
	groups                    map[[3]string]*Group
	waves                     map[int]map[Verdict]int
	validation, update, whole *Histogram
}

// mostGroups is how many groups are told apart; the Devices of further ones are one group.
const mostGroups = 1000

// NewTally begins the tally of a campaign.
func NewTally(p *Plan) *Tally {
	t := &Tally{
		groups: map[[3]string]*Group{}, waves: map[int]map[Verdict]int{},
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
	if t.waves[r.Wave] == nil {
		t.waves[r.Wave] = map[Verdict]int{}
	}
	t.waves[r.Wave][r.Verdict]++
	key := [3]string{r.Group, r.Name, r.From}
	if t.groups[key] == nil && len(t.groups) >= mostGroups {
		key = [3]string{"others"}
	}
	if t.groups[key] == nil {
		t.groups[key] = &Group{Group: key[0], Name: key[1], From: key[2], Counts: map[Verdict]int{}}
	}
	t.groups[key].Devices++
	t.groups[key].Counts[r.Verdict]++
	seconds := func(h *Histogram, s *float64) {
		if s != nil {
			h.Add(time.Duration(*s * float64(time.Second)))
		}
	}
	seconds(t.validation, r.ValidationS)
	seconds(t.update, r.UpdateS)
	switch {
	case r.Verdict == Updated:
		took := r.EndedS - r.BeganS
		seconds(t.whole, &took)
		t.slow(r)
	case r.Verdict.Failure() && len(t.s.Troubles) < listed:
		t.s.Troubles = append(t.s.Troubles, r)
	case r.Verdict.Failure():
		t.s.Unlisted++
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
	for w, counts := range t.waves {
		if w > 0 {
			s.Waves = append(s.Waves, WaveSummary{w, counts})
		}
	}
	slices.SortFunc(s.Waves, func(a, b WaveSummary) int { return a.Wave - b.Wave })
	for _, g := range t.groups {
		s.Groups = append(s.Groups, *g)
	}
	slices.SortFunc(s.Groups, func(a, b Group) int {
		return cmp.Or(b.failures()*max(a.Devices, 1)-a.failures()*max(b.Devices, 1), b.Devices-a.Devices, strings.Compare(a.Group+a.Name+a.From, b.Group+b.Name+b.From))
	})
	return &s, nil
}

// Counted writes counts in the order of the verdicts: "3 updated, 1 failed".
func Counted(counts map[Verdict]int) string {
	var parts []string
	for _, v := range Verdicts() {
		if n := counts[v]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, v))
		}
	}
	return cmp.Or(strings.Join(parts, ", "), "none")
}

// Markdown writes the report for people.
func (s *Summary) Markdown(w io.Writer) error {
	p := &printer{w: w}
	p.f("# %s\n\n%d Devices: %s.\n\n", cell(s.Name), s.Devices, Counted(s.Counts))
	if s.Stopped != "" {
		p.f("**The campaign was stopped: %s.**\n\n", s.Stopped)
	}
	if s.Interrupted {
		p.f("**The campaign was interrupted.** `ocfsim drive --resume` goes on with it.\n\n")
	}
	p.f("%.1f s, %.1f Devices a second; %d requests, %d of them sent again, %d notifications.\n\n", s.TookS, s.PerSecond, s.Requests, s.Copies, s.Notified)
	p.f("| seconds | Devices | min | 50 %% | 90 %% | 99 %% | 99.9 %% | max |\n|---|---|---|---|---|---|---|---|\n")
	for _, d := range []struct {
		name string
		of   *Distribution
	}{{"answer to a request", s.RTT}, {"validation", s.Validation}, {"update", s.Update}, {"from first to last", s.Whole}} {
		if d.of != nil {
			p.f("| %s | %d | %.3f | %.3f | %.3f | %.3f | %.3f | %.3f |\n", d.name, d.of.Count, d.of.Min, d.of.P50, d.of.P90, d.of.P99, d.of.P999, d.of.Max)
		}
	}
	p.f("\n| wave | what became of it |\n|---|---|\n")
	for _, v := range s.Waves {
		p.f("| %d | %s |\n", v.Wave, Counted(v.Counts))
	}
	p.f("\n| group | name | version | Devices | what became of them |\n|---|---|---|---|---|\n")
	for _, g := range s.Groups {
		p.f("| %s | %s | %s | %d | %s |\n", cell(g.Group), cell(g.Name), cell(g.From), g.Devices, Counted(g.Counts))
	}
	if len(s.Slowest) > 0 {
		p.f("\n## The slowest updates\n\n| Device | seconds |\n|---|---|\n")
		for _, r := range s.Slowest {
			p.f("| %s | %.3f |\n", r.Device, took(r))
		}
	}
	if len(s.Troubles) > 0 {
		p.f("\n## What went wrong\n\n| Device | | why |\n|---|---|---|\n")
		for _, r := range s.Troubles {
			p.f("| %s | %s | %s |\n", r.Device, r.Verdict, cell(r.Reason))
		}
		if s.Unlisted > 0 {
			p.f("\n%d more are in %s.\n", s.Unlisted, ResultsFile)
		}
	}
	if s.Sample != nil {
		s.Sample.markdown(p)
	}
	return p.err
}

// markdown writes what the suite found.
func (s *Sample) markdown(p *printer) {
	p.f("\n## Conformance under load\n\nThe suite ran for %.1f s on %d Devices while the others were under load: %s. The results are in %s.\n\n",
		s.TookS, s.Devices, judgedText(s.Counts), s.Folder)
	p.f("| group | Devices |\n|---|---|\n")
	for _, g := range s.Groups {
		p.f("| %s | %s |\n", cell(g.Group), judgedText(g.Counts))
	}
	if len(s.Requirements) == 0 {
		return
	}
	p.f("\n| requirement | Devices | such as |\n|---|---|---|\n")
	for _, q := range s.Requirements {
		p.f("| %s | %s | %s |\n", q.ID, judgedText(q.Counts), q.Devices[0])
	}
}

// judgedText writes counts of verdicts, the worst first: "1 fail, 3 pass".
func judgedText(counts map[conformance.Verdict]int) string {
	var parts []string
	for _, v := range append(bad(), conformance.Waived, conformance.Pass, conformance.NotApplicable) {
		if n := counts[v]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, v))
		}
	}
	return strings.Join(parts, ", ")
}

// cell is text as it can stand in a table.
func cell(text string) string {
	return cmp.Or(strings.ReplaceAll(ocf.Visible(ocf.Short(text, 200)), "|", `\|`), "-")
}

// printer writes until there is an error.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) f(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}

// Text writes a few lines for a terminal.
func (s *Summary) Text(w io.Writer) error {
	p := &printer{w: w}
	for _, r := range s.Troubles {
		p.f("%-12s %s  %s\n", r.Verdict, r.Device, ocf.Visible(ocf.Short(r.Reason, 200)))
	}
	if s.Unlisted > 0 {
		p.f("%d more are in %s\n", s.Unlisted, ResultsFile)
	}
	if s.Stopped != "" {
		p.f("stopped: %s\n", s.Stopped)
	}
	for _, d := range []struct {
		name string
		of   *Distribution
	}{{"validation", s.Validation}, {"update", s.Update}} {
		if d.of != nil {
			p.f("%-12s %.3f s at the median, 99 %% within %.3f s, at most %.3f s\n", d.name, d.of.P50, d.of.P99, d.of.Max)
		}
	}
	if s.Sample != nil {
		for _, q := range s.Sample.Requirements {
			p.f("%-12s %s  such as %s\n", q.ID, judgedText(q.Counts), q.Devices[0])
		}
		p.f("the suite ran on %d Devices for %.1f s: %s\n", s.Sample.Devices, s.Sample.TookS, judgedText(s.Sample.Counts))
	}
	p.f("%d Devices in %.1f s: %s\n", s.Devices, s.TookS, Counted(s.Counts))
	return p.err
}
