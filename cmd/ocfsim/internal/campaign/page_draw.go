package campaign

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"slices"
	"strings"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/ocfsim/ocfsim/ocf"
)

// The pictures of a page, in the units of their viewBox.
const (
	chartWidth  = 1000.0 // of the progress; a histogram is narrower, since two stand side by side
	barsWidth   = 560.0
	chartHeight = 240.0
	chartLeft   = 60.0 // the numbers of the axis stand left of it
	chartTop    = 18.0
	chartBottom = 210.0
)

// picture is an SVG that is being drawn.
type picture struct {
	strings.Builder
	width float64
}

func newPicture(width float64, label string) *picture {
	p := &picture{width: width}
	p.f(`<svg viewBox="0 0 %g %g" role="img" aria-label="%s">`, width, chartHeight, html.EscapeString(label))
	return p
}

func (p *picture) f(format string, args ...any) { fmt.Fprintf(p, format, args...) }

// text writes a label; anchor is start, middle or end.
func (p *picture) text(x, y float64, anchor, class, says string) {
	p.f(`<text x="%.1f" y="%.1f" text-anchor="%s" class="%s">%s</text>`, x, y, anchor, class, html.EscapeString(says))
}

// line draws a straight line.
func (p *picture) line(class string, x1, y1, x2, y2 float64) {
	p.f(`<path class="%s" d="M%.1f %.1fL%.1f %.1f"/>`, class, x1, y1, x2, y2)
}

func (p *picture) done() template.HTML {
	p.f("</svg>")
	return template.HTML(p.String())
}

// height is where a count stands, of at most so many.
func height(n, most float64) float64 {
	return chartBottom - (chartBottom-chartTop)*n/max(most, 1)
}

// counts draws the lines of an axis that counts up to most.
func (p *picture) counts(most float64) {
	step := nice(most / 4)
	for n := 0.0; n <= most; n += max(step, 1) {
		y := height(n, most)
		p.line("grid", chartLeft, y, p.width, y)
		p.text(chartLeft-6, y+4, "end", "", fmt.Sprintf("%.0f", n))
	}
}

// nice is the number 1, 2 or 5 times a power of ten that is next to x, or above it.
func nice(x float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(max(x, 1e-9))))
	for _, m := range []float64{1, 2, 5} {
		if m*power >= x*0.999 {
			return m * power
		}
	}
	return 10 * power
}

// drawProgress shows how many Devices had ended by when; "" where none had.
func drawProgress(s *Summary) template.HTML {
	if len(s.Progress) == 0 {
		return ""
	}
	last := s.Progress[len(s.Progress)-1]
	most, until := float64(s.Devices), max(last.AtS, 1e-3)*1.02
	end := last
	end.AtS = until // how many there were in the end is seen, too
	steps := append(slices.Clone(s.Progress), end)
	x := func(at float64) float64 { return chartLeft + (chartWidth-chartLeft-10)*at/until }
	p := newPicture(chartWidth, fmt.Sprintf("after %.1f s %s had ended well and %d were in trouble, of %d", last.AtS, ocf.Count(last.Well, "Device"), last.Troubled, s.Devices))
	p.counts(most)
	area := func(class string, from, to func(Moment) int) {
		p.f(`<path class="area %s" d="M`, class)
		for i, m := range steps {
			if i > 0 { // what ended in a slice of time is told at its end
				p.f("L%.1f %.1fL", x(m.AtS), height(float64(to(steps[i-1])), most))
			}
			p.f("%.1f %.1f", x(m.AtS), height(float64(to(m)), most))
		}
		for i := len(steps) - 1; i >= 0; i-- {
			m := steps[i]
			p.f("L%.1f %.1f", x(m.AtS), height(float64(from(m)), most))
			if i > 0 {
				p.f("L%.1f %.1f", x(m.AtS), height(float64(from(steps[i-1])), most))
			}
		}
		p.f(`Z"/>`)
	}
	none, troubled := func(Moment) int { return 0 }, func(m Moment) int { return m.Troubled }
	area("failed", none, troubled)
	area("updated", troubled, func(m Moment) int { return m.Troubled + m.Well })
	for i, w := range s.Waves {
		p.line("begins", x(w.BeganS), chartTop-6, x(w.BeganS), chartBottom)
		if len(s.Waves) <= 20 || i%(len(s.Waves)/20+1) == 0 {
			p.text(x(w.BeganS)+3, chartTop-4, "start", "", fmt.Sprintf("%d", w.Wave))
		}
	}
	p.line("axis", chartLeft, chartBottom, chartWidth, chartBottom)
	for at, step := 0.0, nice(until/8); at <= until; at += step {
		p.text(x(at), chartBottom+16, "middle", "", fmt.Sprintf("%.3g s", at))
	}
	return p.done()
}

// bins is how many bars a histogram has.
const bins = 60

// drawHistogram shows how many took how long, on a logarithmic scale.
func drawHistogram(name string, d *Distribution) (template.HTML, error) {
	all, err := hdrhistogram.Decode([]byte(d.HDR))
	if err != nil {
		return "", err
	}
	low, high := math.Log10(max(d.Min, 1e-6)*0.9), math.Log10(max(d.Max, 1e-6)*1.1)
	var bars [bins]float64
	most := 0.0
	for _, b := range all.Distribution() {
		if b.Count == 0 {
			continue
		}
		at := (math.Log10(math.Sqrt(float64(max(b.From, 1))*float64(max(b.To, 1)))/1e6) - low) / (high - low)
		i := min(max(int(at*bins), 0), bins-1)
		bars[i] += float64(b.Count)
		most = max(most, bars[i])
	}
	x := func(seconds float64) float64 {
		return chartLeft + (barsWidth-chartLeft)*(math.Log10(max(seconds, 1e-6))-low)/(high-low)
	}
	p := newPicture(barsWidth, fmt.Sprintf("%s: of %d, half took %.3f s at most, 99 %% %.3f s, all %.3f s", name, d.Count, d.P50, d.P99, d.Max))
	p.counts(most)
	width := (barsWidth - chartLeft) / bins
	p.f(`<path class="bars" d="`)
	for i, n := range bars {
		if n > 0 {
			y := min(height(n, most), chartBottom-1.5) // one of a million is seen, too
			p.f("M%.1f %.1fV%.1fh%.1fV%.1fZ", chartLeft+float64(i)*width, chartBottom, y, width-1, chartBottom)
		}
	}
	p.f(`"/>`)
	p.percentiles(d, x)
	p.line("axis", chartLeft, chartBottom, barsWidth, chartBottom)
	p.decades(low, high, x)
	return p.done(), nil
}

// percentiles draws a line at each percentile, and names it where there is room.
func (p *picture) percentiles(d *Distribution, x func(float64) float64) {
	free := 0.0
	for _, m := range []struct {
		name string
		at   float64
	}{{"50 %", d.P50}, {"90 %", d.P90}, {"99 %", d.P99}, {"99.9 %", d.P999}, {"max", d.Max}} {
		at := x(m.at)
		p.line("mark", at, chartTop, at, chartBottom)
		if at >= free {
			p.label(at, chartTop-4, "mark", m.name)
			free = at + 40
		}
	}
}

// label writes something at a place of the axis of a histogram, and within its picture.
func (p *picture) label(x, y float64, class, text string) {
	if half := 3.2 * float64(len(text)); x+half > barsWidth { // about half as wide as the text
		p.text(barsWidth, y, "end", class, text)
		return
	}
	p.text(x, y, "middle", class, text)
}

// decades writes times below a logarithmic axis: 1, 2 and 5 times each power of ten, or all
// powers alone where there are many.
func (p *picture) decades(low, high float64, x func(float64) float64) {
	free := 0.0
	steps := []float64{1, 2, 5}
	switch {
	case high-low > 4:
		steps = steps[:1]
	case high-low < 0.5:
		steps = []float64{1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 9}
	}
	for decade := math.Floor(low); decade <= high; decade++ {
		for _, m := range steps {
			seconds := m * math.Pow(10, decade)
			if at := math.Log10(seconds); at >= low && at <= high && x(seconds) >= free {
				p.label(x(seconds), chartBottom+16, "", shortly(seconds))
				free = x(seconds) + 45
			}
		}
	}
}

// shortly writes a time: "20 ms", "1.5 s".
func shortly(seconds float64) string {
	switch {
	case seconds < 0.999e-3:
		return fmt.Sprintf("%.3g µs", seconds*1e6)
	case seconds < 0.999:
		return fmt.Sprintf("%.3g ms", seconds*1e3)
	}
	return fmt.Sprintf("%.3g s", seconds)
}
