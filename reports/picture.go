package reports

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
)

// picture shows the timeline of one scenario as lanes over time.
type picture struct {
	ID            string // prefix of the identifiers inside
	Label         string // for people who cannot see it
	Width, Height px
	Shapes        []shape // in the order of painting
	Names         []shape // names of the lanes, which stay in view when the rest is scrolled
	Steps         []step
}

// shape is one thing to paint: a path, a text, or both. Its title appears when the
// pointer rests on it. Shapes of one kind have the same path and differ in At: they are
// packed together, and what is the same takes no room.
type shape struct {
	Class  string
	At     px // where x is 0, for the path and the text
	Path   string
	X, Y   px
	Text   string
	Anchor string // of the text: middle, end, empty for start
	Title  string
	Row    int // without a title: the row of the table that says it all, counted from 1
}

// SVG returns p as an element. It does not use the template, for speed: a page has
// tens of thousands of shapes. It escapes everything.
func (p picture) SVG() template.HTML {
	var b strings.Builder
	label := template.HTMLEscapeString(p.Label)
	fmt.Fprintf(&b, `<svg viewBox="0 0 %v %v" width="%v" height="%v" role="img" aria-label="%s">`,
		p.Width, p.Height, p.Width, p.Height, label)
	for _, s := range p.Shapes {
		s.write(&b)
	}
	fmt.Fprintf(&b, "\n<g class=\"names\"><path d=\"%s\"/>", box(0, 0, gutter-1, p.Height))
	for _, s := range p.Names {
		s.write(&b)
	}
	b.WriteString("</g>\n</svg>")
	return template.HTML(b.String())
}

func (s shape) write(b *strings.Builder) {
	b.WriteString("\n<g class=\"" + template.HTMLEscapeString(s.Class) + "\"")
	if s.At != 0 {
		b.WriteString(" transform=\"translate(" + s.At.String() + ")\"")
	}
	if s.Row > 0 {
		b.WriteString(" data-n=\"" + strconv.Itoa(s.Row-1) + "\"")
	}
	b.WriteString(">")
	if s.Title != "" {
		b.WriteString("<title>" + template.HTMLEscapeString(s.Title) + "</title>")
	}
	if s.Path != "" {
		b.WriteString("<path d=\"" + template.HTMLEscapeString(s.Path) + "\"/>")
	}
	if s.Text != "" {
		b.WriteString("<text")
		if s.X != 0 {
			b.WriteString(" x=\"" + s.X.String() + "\"")
		}
		b.WriteString(" y=\"" + s.Y.String() + "\"")
		if s.Anchor != "" {
			b.WriteString(" text-anchor=\"" + template.HTMLEscapeString(s.Anchor) + "\"")
		}
		b.WriteString(">" + template.HTMLEscapeString(s.Text) + "</text>")
	}
	b.WriteString("</g>")
}

// step is a Gherkin step, numbered as in the picture.
type step struct {
	N    int
	Text string
	At   string
}

// mark is what one observation decided.
type mark struct {
	N       int
	Verdict conformance.Verdict
	Who     []string // requirement ids, or "expectation 2"
	Says    []string
}

// painter draws one picture from the top down.
type painter struct {
	pic     picture
	tl      conformance.Timeline
	axis    axis
	y       px // where the next lane goes
	lanes   px // where the lanes begin
	flagged map[int]bool
}

// draw draws tl with marks for what was decided in it.
func draw(id string, tl conformance.Timeline, marks []mark) picture {
	p := painter{tl: tl, axis: newAxis(tl.Observations)}
	p.pic.ID = id
	p.pic.Label = "Timeline of " + clean(tl.Header.Name)
	p.pic.Width = p.axis.end() + margin
	p.flags(marks)
	p.times()
	p.lanes = p.y
	p.steps()
	p.world()
	for _, client := range clients(tl) {
		p.client(client)
	}
	p.values()
	p.breaks(p.lanes, p.y)
	p.verdicts(marks)
	p.pic.Height = p.y + 6
	p.pic.Shapes = append(p.deciding(marks), p.pic.Shapes...)
	return p.pic
}

func (p *painter) add(s shape) { p.pic.Shapes = append(p.pic.Shapes, s) }

func (p *painter) text(class, text string, x, y px, anchor string) {
	p.add(shape{Class: class, Text: text, X: x, Y: y, Anchor: anchor})
}

func (p *painter) name(class, text string, y px) {
	p.pic.Names = append(p.pic.Names, shape{Class: class, Text: text, X: gutter - 10, Y: y, Anchor: "end"})
}

// lane begins a lane of height h and returns its top edge.
func (p *painter) lane(name, class string, h px) px {
	top := p.y
	p.y += h
	p.name("name "+class, name, top+h/2+4)
	p.add(shape{Class: "rule", Path: line(gutter, p.y, p.axis.end(), p.y)})
	return top
}

func line(x1, y1, x2, y2 px) string {
	from := "M" + x1.String() + " " + y1.String()
	switch {
	case y1 == y2:
		return from + "h" + (x2 - x1).String()
	case x1 == x2:
		return from + "v" + (y2 - y1).String()
	}
	return from + "L" + x2.String() + " " + y2.String()
}

func box(x, y, w, h px) string {
	return "M" + x.String() + " " + y.String() + "h" + w.String() + "v" + h.String() + "h" + (-w).String() + "Z"
}

// times draws the axis: labels, ticks and the lengths of the idle gaps.
func (p *painter) times() {
	top := p.y
	p.name("name axis", "time", top+14)
	p.name("scale", "not to scale", top+28)
	for _, t := range p.axis.Ticks {
		p.add(shape{Class: "time", At: t.X, Path: line(0, top+18, 0, top+23), Text: t.Text, Y: top + 14, Anchor: "middle"})
	}
	r := rows{0}
	for _, b := range p.axis.Breaks {
		half := px(len(b.Text)) * 2.8
		if r.place(b.X-half, b.X+half) == 0 {
			p.text("scale", b.Text, b.X, top+31, "middle")
		}
	}
	p.y += 37
	p.add(shape{Class: "rule", Path: line(gutter, p.y, p.axis.end(), p.y)})
}

// breaks marks idle gaps through all lanes.
func (p *painter) breaks(from, to px) {
	for _, b := range p.axis.Breaks {
		const half = 4
		p.add(shape{Class: "idle", At: b.X, Path: box(-half, from, 2*half, to-from), Title: b.Text})
		p.add(shape{Class: "zigzag", At: b.X, Path: zigzag(-half, from, to) + zigzag(half, from, to), Title: b.Text})
	}
}

func zigzag(x, from, to px) string {
	var b strings.Builder
	fmt.Fprintf(&b, "M%v %v", x, from)
	for y, side := from+6, px(3); y <= to; y, side = y+6, -side {
		fmt.Fprintf(&b, "L%v %v", x+side, y)
	}
	return b.String()
}

// steps draws a numbered flag where each step of the scenario begins.
func (p *painter) steps() {
	top := p.lane("steps", "", 24)
	r := rows{0}
	for i, o := range p.tl.Observations {
		if o.Kind != conformance.Step {
			continue
		}
		n := len(p.pic.Steps) + 1
		p.pic.Steps = append(p.pic.Steps, step{N: n, Text: clean(o.Text), At: clock(o.At)})
		x := p.axis.X[i]
		number := fmt.Sprint(n)
		width := px(len(number))*letterPx + 8
		p.add(shape{Class: "stepline", At: x, Path: line(0, top+4, 0, top+24)})
		if r.place(x, x+width-4) == 0 {
			p.add(shape{
				Class: "flag", At: x, Path: box(0, top+4, width, 14), Text: number, X: width / 2, Y: top + 15, Anchor: "middle",
				Row: i + 1,
			})
		}
	}
}

// flags writes every decision except a pass above the axis.
func (p *painter) flags(marks []mark) {
	p.flagged = map[int]bool{}
	r := rows{0, 0, 0}
	height := px(4)
	for _, m := range marks {
		if !decisive(m.Verdict) || m.N < 0 || m.N >= len(p.axis.X) {
			continue
		}
		text := fmt.Sprintf("%s %s", strings.ToUpper(string(m.Verdict)), some(m.Who, 3))
		x := p.axis.X[m.N]
		width := px(len(text))*letterPx + 12
		left := min(max(x-width/2, gutter), p.axis.end()-width)
		row := r.place(left, left+width)
		if row < 0 {
			continue
		}
		y := px(row) * 19
		height = max(height, y+22)
		p.flagged[m.N] = true
		p.add(shape{
			Class: "verdict " + class(m.Verdict), At: left, Path: box(0, y+1, width, 16), Text: text,
			X: width / 2, Y: y + 13, Anchor: "middle", Title: strings.Join(m.Says, "\n"),
		})
	}
	p.y += height
}

// decisive reports whether a verdict is marked through the whole picture.
func decisive(v conformance.Verdict) bool {
	switch v {
	case conformance.Fail, conformance.Error, conformance.Warn, conformance.Waived:
		return true
	}
	return false
}

// some joins the first n words and says how many more there are.
func some(words []string, n int) string {
	if len(words) <= n {
		return strings.Join(words, " ")
	}
	return fmt.Sprintf("%s +%d", strings.Join(words[:n], " "), len(words)-n)
}

// verdicts draws the lane of letters, with one letter at each observation that
// decided something.
func (p *painter) verdicts(marks []mark) {
	top := p.lane("decided", "", 28)
	r := rows{0}
	for _, m := range marks {
		if m.N < 0 || m.N >= len(p.axis.X) {
			continue
		}
		x := p.axis.X[m.N]
		tip := strings.Join(m.Says, "\n")
		if m.Verdict == conformance.Pass { // the table of findings says why
			tip = strings.Join(m.Who, " ") + " pass"
		}
		if r.place(x-9, x+3) < 0 {
			p.add(shape{Class: "crumb " + class(m.Verdict), At: x, Path: box(-2, top+19, 4, 4), Title: tip})
			continue
		}
		p.add(shape{
			Class: "verdict " + class(m.Verdict), At: x, Path: box(-8, top+5, 16, 16), Text: letter(m.Verdict),
			Y: top + 17, Anchor: "middle", Title: tip,
		})
	}
}

// deciding draws lines through all lanes where something went wrong. They are
// painted first, so that they hide no text.
func (p *painter) deciding(marks []mark) []shape {
	var lines []shape
	for _, m := range marks {
		if m.N < 0 || m.N >= len(p.axis.X) || !decisive(m.Verdict) {
			continue
		}
		from := p.lanes - 14
		if p.flagged[m.N] {
			from = p.lanes - 40
		}
		x := p.axis.X[m.N]
		lines = append(lines, shape{
			Class: "deciding " + class(m.Verdict), At: x, Path: line(0, from, 0, p.y-22), Title: strings.Join(m.Says, "\n"),
		})
	}
	return lines
}
