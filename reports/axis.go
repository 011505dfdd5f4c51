package reports

import (
	"math"
	"strconv"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
)

// px is a length in a picture.
type px float64

// String is x with at most one decimal.
func (x px) String() string { return strconv.FormatFloat(math.Round(float64(x)*10)/10, 'f', -1, 64) }

// The sizes of a picture's time axis.
const (
	gutter    px = 104 // left of the axis, for the names of the lanes
	margin    px = 26  // right of the axis
	lead      px = 28  // before the first observation
	wanted    px = 966
	widest    px = 6000
	crowded   px = 15 // between two messages at the same time
	quiet     px = 7  // before an entry that needs no space of its own
	perDecade px = 9
	breakRoom px = 54
	idleBreak    = time.Second
	letterPx  px = 6.3 // width of a character in a label
)

// axis places observations. It is not to scale, because bursts of milliseconds and
// idle minutes have to be readable in one picture. The width of a gap grows with the
// logarithm of its time, and a gap of idleBreak or more is drawn as a break.
type axis struct {
	X      []px // of each observation
	Right  px
	Ticks  []tick
	Breaks []tick
}

// tick is the label of a time or of a break, at X.
type tick struct {
	X    px
	Text string
}

func newAxis(obs []conformance.Observation) axis {
	a := axis{X: make([]px, len(obs))}
	natural := px(0)
	for i := range obs {
		if i > 0 {
			natural += gap(obs[i-1], obs[i])
		}
		a.X[i] = natural
	}
	scale := px(1)
	if natural > 0 {
		scale = min(max(wanted/natural, 1), 3, widest/natural)
	}
	for i := range a.X {
		a.X[i] = gutter + lead + a.X[i]*scale
		if scale >= 1 { // then a whole number is exact enough, and half as long
			a.X[i] = px(math.Round(float64(a.X[i])))
		}
	}
	a.Right = px(math.Round(float64(gutter + lead + max(natural*scale, wanted) + 16)))
	a.label(obs)
	return a
}

// gap returns the natural width between two consecutive observations.
func gap(before, after conformance.Observation) px {
	room := crowded
	switch after.Kind {
	case conformance.Step, conformance.Waiting, conformance.Message, conformance.Note:
		room = quiet
	}
	dt := max(after.At-before.At, 0)
	room += perDecade * px(math.Log10(1+float64(dt)/float64(time.Millisecond)))
	if dt >= idleBreak {
		room = max(room, breakRoom)
	}
	return room
}

// label puts the time at as many observations as there is room for, and a mark into
// each idle gap.
func (a *axis) label(obs []conformance.Observation) {
	free := px(0)
	for i, o := range obs {
		if i > 0 && o.At-obs[i-1].At >= idleBreak {
			middle := (a.X[i] + a.X[i-1]) / 2
			a.Breaks = append(a.Breaks, tick{middle, clock(o.At-obs[i-1].At) + " idle"})
		}
		text := clock(o.At)
		half := px(len(text)) * letterPx / 2
		if a.X[i]-half < free && i > 0 {
			continue
		}
		if n := len(a.Ticks); n > 0 && a.Ticks[n-1].Text == text {
			continue
		}
		a.Ticks = append(a.Ticks, tick{a.X[i], text})
		free = a.X[i] + half + 10
	}
}

// end is where the lanes end.
func (a *axis) end() px { return a.Right }

// rows places labels so that none covers another. Each label goes into the first row
// that has room; if none has, place returns -1.
type rows []px

func (r rows) place(left, right px) int {
	for i := range r {
		if left >= r[i] {
			r[i] = right + 6
			return i
		}
	}
	return -1
}
