package campaign

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// How much a summary names: so many Devices of each verdict that is a failure, and so many
// reasons.
const (
	listed      = 100
	mostReasons = 100
)

// shown is how many Devices in trouble a terminal shows one by one.
const shown = 20

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
	Whole       *Distribution   `json:"whole,omitempty"`    // of Devices that were updated: from the first request to the last answer
	Progress    []Moment        `json:"progress,omitempty"` // how many Devices had ended when
	Waves       []WaveSummary   `json:"waves"`
	Groups      []Group         `json:"groups"`
	Reasons     []Reason        `json:"reasons,omitempty"`  // of Devices in trouble, the worst verdict first
	Slowest     []Result        `json:"slowest,omitempty"`  // updates
	Troubles    []Result        `json:"troubles,omitempty"` // some Devices of each verdict, the worst verdict first
	Unlisted    int             `json:"troubles_unlisted,omitempty"`
	Sample      *Sample         `json:"sample,omitempty"` // Devices that the suite was run on
}

// WaveSummary is what one wave came to. Its times are in seconds on the axis of Progress.
type WaveSummary struct {
	Wave   int             `json:"wave"`
	BeganS float64         `json:"began_s"` // when the first of its Devices was begun
	EndedS float64         `json:"ended_s"` // when the last of its Devices had ended
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
	p.f("# %s\n\n%s: %s.\n\n", cell(s.Name), ocf.Count(s.Devices, "Device"), Counted(s.Counts))
	if s.Stopped != "" {
		p.f("**The campaign was stopped: %s.**\n\n", s.Stopped)
	}
	if s.Interrupted {
		p.f("**The campaign was interrupted.** `ocfsim drive --resume` goes on with it.\n\n")
	}
	p.f("%.1f s, %.1f Devices a second; %s, %d sent again, %s.\n\n", s.TookS, s.PerSecond, ocf.Count(s.Requests, "request"), s.Copies, ocf.Count(s.Notified, "notification"))
	p.f("| seconds | Devices | min | 50 %% | 90 %% | 99 %% | 99.9 %% | max |\n|---|---|---|---|---|---|---|---|\n")
	for _, d := range []struct {
		name string
		of   *Distribution
	}{{"answer to a request", s.RTT}, {"validation", s.Validation}, {"update", s.Update}, {"from first to last", s.Whole}} {
		if d.of != nil {
			p.f("| %s | %d | %.3f | %.3f | %.3f | %.3f | %.3f | %.3f |\n", d.name, d.of.Count, d.of.Min, d.of.P50, d.of.P90, d.of.P99, d.of.P999, d.of.Max)
		}
	}
	p.f("\n| wave | from | to | what became of it |\n|---|---|---|---|\n")
	for _, v := range s.Waves {
		p.f("| %d | %.1f s | %.1f s | %s |\n", v.Wave, v.BeganS, v.EndedS, Counted(v.Counts))
	}
	p.f("\n| group | name | version | Devices | what became of them |\n|---|---|---|---|---|\n")
	for _, g := range s.Groups {
		p.f("| %s | %s | %s | %d | %s |\n", cell(g.Group), cell(g.Name), cell(g.From), g.Devices, Counted(g.Counts))
	}
	s.reasonsMarkdown(p)
	if len(s.Slowest) > 0 {
		p.f("\n## The slowest updates\n\n| Device | seconds |\n|---|---|\n")
		for _, r := range s.Slowest {
			p.f("| %s | %.3f |\n", r.Device, took(r))
		}
	}
	if len(s.Troubles) > 0 {
		p.f("\n## Devices in trouble\n\n| Device | | why |\n|---|---|---|\n")
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

// reasonsMarkdown writes why Devices are in trouble.
func (s *Summary) reasonsMarkdown(p *printer) {
	if len(s.Reasons) == 0 {
		return
	}
	p.f("\n## What went wrong\n\n| Devices | | why | such as |\n|---|---|---|---|\n")
	for _, why := range s.Reasons {
		p.f("| %d | %s | %s | %s |\n", why.Devices, why.Verdict, cell(why.Says), strings.Join(why.SuchAs, ", "))
	}
}

// markdown writes what the suite found.
func (s *Sample) markdown(p *printer) {
	p.f("\n## Conformance under load\n\nThe suite ran for %.1f s on %s while the others were under load: %s. The results are in %s.\n\n",
		s.TookS, ocf.Count(s.Devices, "Device"), judgedText(s.Counts), s.Folder)
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

// Failures is how many Devices are in trouble.
func (s *Summary) Failures() (n int) {
	for v, count := range s.Counts {
		if v.Failure() {
			n += count
		}
	}
	return n
}

// Text writes a few lines for a terminal.
func (s *Summary) Text(w io.Writer) error {
	p := &printer{w: w}
	s.troublesText(p)
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
	if len(s.Slowest) > 0 {
		var parts []string
		for _, r := range s.Slowest[:min(len(s.Slowest), 3)] {
			parts = append(parts, fmt.Sprintf("%.3f s %s", took(r), r.Device))
		}
		p.f("%-12s %s\n", "slowest", strings.Join(parts, ", "))
	}
	if s.Sample != nil {
		for _, q := range s.Sample.Requirements {
			p.f("%-12s %s  such as %s\n", q.ID, judgedText(q.Counts), q.Devices[0])
		}
		p.f("the suite ran on %s for %.1f s: %s\n", ocf.Count(s.Sample.Devices, "Device"), s.Sample.TookS, judgedText(s.Sample.Counts))
	}
	p.f("%s in %.1f s: %s\n", ocf.Count(s.Devices, "Device"), s.TookS, Counted(s.Counts))
	return p.err
}

// troublesText writes the Devices in trouble; where there are many, it writes why they are.
func (s *Summary) troublesText(p *printer) {
	if s.Failures() <= shown {
		for _, r := range s.Troubles {
			p.f("%-12s %s  %s\n", r.Verdict, r.Device, ocf.Visible(ocf.Short(r.Reason, 200)))
		}
		return
	}
	for _, why := range s.Reasons {
		p.f("%-12s %s, such as %s  %s\n", why.Verdict, ocf.Count(why.Devices, "Device"), strings.Join(why.SuchAs, " "), ocf.Visible(ocf.Short(why.Says, 200)))
	}
}
