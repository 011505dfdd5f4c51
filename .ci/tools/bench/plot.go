//go:build linux

package main

import (
	"image/color"
	"math"
	"path/filepath"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"
	_ "gonum.org/v1/plot/vg/vgsvg" // plots are saved as SVG
)

// curve is a value that grows with the number of Devices.
type curve struct {
	row  string
	unit string
	name string
}

// growth is a plot of how something grows with the number of Devices, both axes
// logarithmic: what is in proportion is a straight line at 45 degrees.
type growth struct {
	file   string
	says   string // of its vertical axis
	per    float64
	curves []curve
}

// growths are the plots of a run.
func growths() []growth {
	return []growth{
		{"benchmarks-memory.svg", "MB resident", 1e6, []curve{
			{"idle", "B-resident", "idle"}, {"motion", "B-checked", "after a check"}, {"motion", "B-updated", "after an update"},
		}},
		{"benchmarks-ready.svg", "ms until ready", 1e6, []curve{{"idle", "ns-ready", "start"}}},
	}
}

// plots draws the growth of what was measured, and shows each plot with the row of its
// last curve.
func (p *report) plots(dir string) error {
	for _, g := range growths() {
		shown, drawing, err := p.draw(g)
		if err != nil {
			return err
		}
		if shown == nil {
			continue
		}
		if err := drawing.Save(6*vg.Inch, 4*vg.Inch, filepath.Join(dir, g.file)); err != nil {
			return err
		}
		shown.results.plots = append(shown.results.plots, g.file)
	}
	return nil
}

// draw makes a plot. shown is the row of its last curve, and nil if nothing of it was
// measured.
func (p *report) draw(g growth) (shown *measured, drawing *plot.Plot, err error) {
	drawing = plot.New()
	drawing.X.Label.Text, drawing.Y.Label.Text = "Devices", g.says
	drawing.X.Scale, drawing.Y.Scale = plot.LogScale{}, plot.LogScale{}
	drawing.X.Tick.Marker = decades{at: []float64{1}, label: func(v float64) string { return sized(int(v)) }}
	drawing.Y.Tick.Marker = decades{at: []float64{1, 2, 5}, label: number}
	drawing.Legend.Top, drawing.Legend.Left = true, true
	drawing.Legend.XOffs, drawing.Legend.YOffs = 2*vg.Millimeter, -2*vg.Millimeter
	drawing.Add(plotter.NewGrid())
	for i, c := range g.curves {
		m, points := p.points(c, g.per)
		if len(points) == 0 {
			continue
		}
		line, dots, err := plotter.NewLinePoints(points)
		if err != nil {
			return nil, nil, err
		}
		line.Color, dots.Color, dots.Shape = plotutil.Color(i), plotutil.Color(i), plotutil.Shape(i)
		drawing.Add(line, dots)
		drawing.Legend.Add(c.name, line, dots)
		shown = m
	}
	if shown != nil {
		err = guide(drawing)
		drawing.X.Max *= 1.4 // room for the last label
		drawing.Y.Max *= 1.4
	}
	return shown, drawing, err
}

// guide draws a line through the upper right corner that grows as the Devices do: what is
// flatter grows less.
func guide(drawing *plot.Plot) error {
	last := plotter.XY{X: drawing.X.Max, Y: drawing.Y.Max}
	from := max(drawing.X.Min, last.X*drawing.Y.Min/last.Y)
	line, err := plotter.NewLine(plotter.XYs{{X: from, Y: last.Y * from / last.X}, last})
	if err != nil {
		return err
	}
	line.Color, line.Dashes = color.Gray{Y: 160}, plotutil.Dashes(1)
	drawing.Add(line)
	drawing.Legend.Add("in proportion", line)
	return nil
}

// decades marks some multiples of each power of ten.
type decades struct {
	at    []float64
	label func(v float64) string
}

// Ticks implements plot.Ticker.
func (d decades) Ticks(lowest, highest float64) []plot.Tick {
	var all []plot.Tick
	for power := math.Pow(10, math.Floor(math.Log10(lowest))); power <= highest; power *= 10 {
		for _, times := range d.at {
			if v := times * power; v >= lowest && v <= highest {
				all = append(all, plot.Tick{Value: v, Label: d.label(v)})
			}
		}
	}
	return all
}

// points are the medians of a curve.
func (p *report) points(c curve, per float64) (*measured, plotter.XYs) {
	var points plotter.XYs
	for i := range p.rows {
		m := &p.rows[i]
		if m.name != c.row {
			continue
		}
		for _, size := range p.settings.sizes {
			if v, ok := m.results.median(sized(size), c.unit); ok && v > 0 {
				points = append(points, plotter.XY{X: float64(size), Y: v / per})
			}
		}
		return m, points
	}
	return nil, nil
}
