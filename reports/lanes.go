package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// clients lists the Clients that sent or saw anything, in order of their first
// appearance.
func clients(tl conformance.Timeline) []string {
	var names []string
	for _, o := range tl.Observations {
		if ofClient(o) {
			if !slices.Contains(names, o.Client) {
				names = append(names, o.Client)
			}
		}
	}
	return names
}

// ofClient reports whether o belongs in a Client's lane.
func ofClient(o conformance.Observation) bool {
	return o.Frame != nil || o.Kind == conformance.Lost || o.Kind == conformance.Session
}

// held returns the spans in which the trusted source is known to withhold its
// answers.
func held(tl conformance.Timeline) []span {
	var spans []span
	open := -1
	for i, o := range tl.Observations {
		if o.Kind != conformance.Condition || o.Outcome != conformance.Done {
			continue
		}
		switch {
		case o.Name == conformance.Hold && open < 0:
			open = i
		case o.Name == conformance.Release && open >= 0:
			spans = append(spans, span{open, i})
			open = -1
		}
	}
	if open >= 0 {
		spans = append(spans, span{open, len(tl.Observations) - 1})
	}
	return spans
}

// span reaches from one observation to another.
type span struct{ from, to int }

// world draws what happened around the Device: the gate, the conditions, and what
// the trusted source reported.
func (p *painter) world() {
	top := p.lane("gate", "", 22)
	for _, s := range held(p.tl) {
		x, w := p.axis.X[s.from], max(p.axis.X[s.to]-p.axis.X[s.from], 2)
		tip := "The trusted source withholds its answers, from " + clock(p.tl.Observations[s.from].At) +
			" to " + clock(p.tl.Observations[s.to].At)
		p.add(shape{Class: "held", At: x, Path: box(0, top+4, w, 14), Title: tip})
		if w > 40 {
			p.add(shape{Class: "heldtext", At: x, Text: "held", X: w / 2, Y: top + 15, Anchor: "middle", Title: tip})
		}
	}
	p.events()
}

// events draws the conditions, the reports of the trusted source, and the notes.
func (p *painter) events() {
	var shown []label
	r := rows{0, 0, 0}
	used := 1
	for i, o := range p.tl.Observations {
		if o.Kind != conformance.Condition && o.Kind != conformance.Source && o.Kind != conformance.Note {
			continue
		}
		if o.Outcome == conformance.Asked && p.granted(i) {
			continue
		}
		l := event(o)
		l.n = i
		l.x, l.left, l.anchor = p.axis.X[i], p.axis.X[i]+7, ""
		if l.left+l.width() > p.axis.end()+margin {
			l.left, l.anchor = l.x-7-l.width(), "end"
		}
		l.row = r.place(min(l.left, l.x)-4, max(l.left+l.width(), l.x+4))
		used = max(used, l.row+1)
		shown = append(shown, l)
	}
	top := p.lane("world", "", 6+15*px(used))
	for _, l := range shown {
		y := top + 10 + 15*px(l.row)
		s := shape{Class: l.class, At: l.x, Path: diamond(y, 4), Row: l.n + 1}
		if l.row < 0 { // no room for the text: only a small mark on the edge of the lane
			s.Path = diamond(p.y-3, 2.5)
		} else {
			s.Text, s.X, s.Y, s.Anchor = l.text, 7, y+4, l.anchor
			if l.anchor == "end" {
				s.X = -7
			}
		}
		p.add(s)
	}
}

// label is a text beside a mark. row is its row in the lane, -1 if there is no room.
type label struct {
	class, text, anchor string
	x, left             px
	row                 int
	n                   int // of the observation
}

func (l label) width() px { return px(len([]rune(l.text))) * letterPx }

// granted reports whether the request for a condition at i is answered later, so
// that one mark is enough for both.
func (p *painter) granted(i int) bool {
	asked := p.tl.Observations[i]
	for _, o := range p.tl.Observations[i+1:] {
		if o.Kind == conformance.Condition && o.Name == asked.Name {
			return o.Outcome != conformance.Asked
		}
	}
	return false
}

func event(o conformance.Observation) label {
	l := label{class: "condition", text: o.Name}
	switch {
	case o.Kind == conformance.Source:
		l.class, l.text = "source", "source"
		if s := o.Source; s != nil {
			l.text = fmt.Sprintf("asked %d, fetched %d", s.Checks, s.Fetches)
		}
	case o.Kind == conformance.Note:
		l.class, l.text = "note", "note"
	case o.Outcome != conformance.Done:
		l.class, l.text = "condition failed", o.Name+" "+o.Outcome
	}
	l.text = clip(clean(l.text), 30)
	return l
}

// diamond draws a diamond around 0 at y.
func diamond(y, r px) string {
	return "M0 " + (y - r).String() + strings.ReplaceAll("lr rl-r rl-r-rZ", "r", r.String())
}

// message is one datagram in a Client's lane, with its label.
type message struct {
	o conformance.Observation
	label
}

// client draws the line of one Client. Its requests go down from the line to the
// Device; answers and notifications come back up.
func (p *painter) client(name string) {
	shown, above, below := p.messages(name)
	const stem = 17
	base := 8 + 13*px(above)
	title := name
	if title == "" {
		title = "Client"
	}
	top := p.lane(clip(clean(title), 15), "client", base+stem+4+12*px(below))
	y := top + base
	p.add(shape{Class: "lifeline", Path: line(gutter, y, p.axis.end(), y)})
	for _, m := range shown {
		p.span(m, y+stem)
		s := shape{Class: m.class, At: m.x, Row: m.n + 1, Anchor: "middle"}
		switch m.o.Kind {
		case conformance.Request:
			s.Path = arrow(y, y+stem)
		case conformance.Response, conformance.Notification:
			s.Path = arrow(y+stem, y)
		case conformance.Session:
			s.Path = session(m.o, y)
		case conformance.Lost:
			s.Path = cross(0, y+stem/2, 5)
		default:
			s.Path, m.row = diamond(y, 2.5), -1
		}
		switch {
		case m.row < 0:
		case m.o.Kind == conformance.Request:
			s.Text, s.X, s.Y, s.Anchor = m.text, -4, y-5-13*px(m.row), ""
		default:
			s.Text, s.Y = m.text, y+stem+11+12*px(m.row)
		}
		p.add(s)
	}
}

// messages returns the datagrams of a Client with their labels in place, and how
// many rows of labels there are above and below the Client's line.
func (p *painter) messages(client string) (shown []message, above, below int) {
	over, under := rows{0, 0}, rows{0, 0}
	above, below = 1, 1
	for i, o := range p.tl.Observations {
		if o.Client != client || !ofClient(o) {
			continue
		}
		m := message{o, label{class: string(o.Kind), text: clean(shortLabel(o)), x: p.axis.X[i], n: i}}
		switch o.Kind {
		case conformance.Session:
			if o.Outcome != conformance.Opened {
				m.class += " refused"
			}
			m.row = under.place(m.x-m.width()/2, m.x+m.width()/2)
			below = max(below, m.row+1)
		case conformance.Request:
			m.row = over.place(m.x-5, m.x-5+m.width())
			above = max(above, m.row+1)
		case conformance.Response, conformance.Notification, conformance.Lost:
			if o.Kind == conformance.Lost {
				m.text = lost(o)
			} else if strings.HasPrefix(m.text, "4.") || strings.HasPrefix(m.text, "5.") {
				m.class += " refused"
			}
			m.row = under.place(m.x-m.width()/2, m.x+m.width()/2)
			below = max(below, m.row+1)
		}
		shown = append(shown, m)
	}
	return shown, above, below
}

// lost says why a request has no answer.
func lost(o conformance.Observation) string {
	if strings.HasPrefix(o.Text, conformance.SessionGone) {
		return "session gone"
	}
	return "no answer"
}

// span joins a request with its answer, or with the mark that there was none.
func (p *painter) span(m message, y px) {
	if m.o.For == nil || *m.o.For < 0 || *m.o.For >= m.o.N || m.o.Kind == conformance.Notification {
		return
	}
	from := p.axis.X[*m.o.For]
	p.add(shape{Class: "span " + m.class, At: from, Path: line(0, y, m.x-from, y)})
}

// arrow draws an arrow from y1 to y2 at 0.
func arrow(y1, y2 px) string {
	head := "m-4-5l4 5l4-5"
	if y2 < y1 {
		head = "m-4 5l4-5l4 5"
	}
	return line(0, y1, 0, y2) + head
}

// session draws the mark of a session on its Client's line at y, where the session
// was opened, refused or closed.
func session(o conformance.Observation, y px) string {
	if o.Outcome == conformance.Opened {
		return circle(0, y, 4)
	}
	return cross(0, y, 5)
}

func cross(x, y, r px) string { return line(x-r, y-r, x+r, y+r) + line(x-r, y+r, x+r, y-r) }

// values draws what pstat showed: dos by name, and each of the four bits as a
// stepped line.
func (p *painter) values() {
	all := p.tl.Samples()
	lead := leading(all)
	p.dos(all, lead)
	bit := func(mask func(ocf.Pstat) ocf.DPM, b ocf.DPM) func(ocf.Pstat) bool {
		return func(s ocf.Pstat) bool { return mask(s).Has(b) }
	}
	tm := func(s ocf.Pstat) ocf.DPM { return s.TM }
	cm := func(s ocf.Pstat) ocf.DPM { return s.CM }
	from := p.y
	p.bit("tm.V", "tm", all, lead, bit(tm, ocf.SVV))
	p.bit("tm.U", "tm", all, lead, bit(tm, ocf.SSU))
	p.bit("cm.V", "cm", all, lead, bit(cm, ocf.SVV))
	p.bit("cm.U", "cm", all, lead, bit(cm, ocf.SSU))
	for _, s := range all {
		p.add(shape{
			Class: "look", At: p.axis.X[s.N], Path: box(-4, from, 8, p.y-from), Row: s.N + 1,
		})
	}
}

// leading returns the Client with the most samples. Its view is drawn as a line, and
// the views of the others as hollow dots.
func leading(all []conformance.Sample) string {
	count := map[string]int{}
	best := ""
	for _, s := range all {
		count[s.Client]++
		if count[s.Client] > count[best] {
			best = s.Client
		}
	}
	return best
}

func (p *painter) dos(all []conformance.Sample, lead string) {
	top := p.lane("dos", "dos", 26)
	for i := 0; i < len(all); i++ {
		if all[i].Client != lead {
			continue
		}
		state, x := all[i].Pstat.DOS, p.axis.X[all[i].N]
		end := p.axis.end()
		first := i
		for i++; i < len(all); i++ {
			if all[i].Client == lead && all[i].Pstat.DOS != state {
				end = p.axis.X[all[i].N]
				break
			}
		}
		i--
		class := "state"
		if state != ocf.RFNOP {
			class = "state moved"
		}
		text := state.String()
		if end-x < px(len(text))*letterPx+4 {
			text = ""
		}
		p.add(shape{
			Class: class, At: x, Path: box(0, top+5, max(end-x, 3), 16), Text: text, X: 6, Y: top + 17,
			Title: fmt.Sprintf("dos %v, first seen in %s", state, title(p.tl.Observations[all[first].N])),
		})
	}
}

// bit draws one bit as it was seen: a dot for each sample, and between the dots the
// last value seen, because nothing more is known. The dots are a path of lines that have
// no length and round ends, each placed from the one before: lanes in which nothing
// happens have the same path.
func (p *painter) bit(name, class string, all []conformance.Sample, lead string, has func(ocf.Pstat) bool) {
	top := p.lane(name, class, 26)
	level := func(s ocf.Pstat) px {
		if has(s) {
			return top + 6
		}
		return top + 20
	}
	var path, fill, dots, others strings.Builder
	var last, from, at, height px // of the line, of its latest level, of the latest dot
	for _, s := range all {
		x, y := p.axis.X[s.N], level(s.Pstat)
		if s.Client != lead {
			others.WriteString(circle(x, y, 2))
			continue
		}
		dots.WriteString("m" + (x - at).String() + " " + (y - height).String() + "h0")
		at, height = x, y
		switch {
		case path.Len() == 0:
			path.WriteString("M" + x.String() + " " + y.String())
		case y == last:
			continue
		default:
			path.WriteString("H" + x.String() + "V" + y.String())
			block(&fill, from, x, last, top)
		}
		last, from = y, x
	}
	if path.Len() == 0 {
		p.text("unseen", "not seen", gutter+12, top+17, "")
		return
	}
	path.WriteString("H" + p.axis.end().String())
	block(&fill, from, p.axis.end(), last, top)
	for _, s := range []shape{
		{Class: "high " + class, Path: fill.String()},
		{Class: "level " + class, Path: path.String()},
		{Class: "dot " + class, Path: "M0 0" + dots.String()},
		{Class: "dot other " + class, Path: others.String()},
	} {
		if s.Path != "" {
			p.add(s)
		}
	}
}

// block fills the lane from x1 to x2, where the bit is 1.
func block(b *strings.Builder, x1, x2, level, top px) {
	if level == top+6 && x2 > x1 {
		b.WriteString(box(x1, level, x2-x1, 14))
	}
}

func circle(x, y, r px) string {
	return "M" + (x - r).String() + " " + y.String() + strings.NewReplacer("r", r.String(), "d", (2*r).String()).Replace("ar r 0 1 0 d 0ar r 0 1 0-d 0Z")
}
