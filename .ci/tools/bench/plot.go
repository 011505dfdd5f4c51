//go:build linux

package main

import (
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
		var shown *measured
		drawing := plot.New()
		drawing.X.Label.Text, drawing.Y.Label.Text = "Devices", g.says
		drawing.X.Scale, drawing.Y.Scale = plot.LogScale{}, plot.LogScale{}
		drawing.X.Tick.Marker, drawing.Y.Tick.Marker = plot.LogTicks{Prec: -1}, plot.LogTicks{Prec: -1}
		drawing.Legend.Top, drawing.Legend.Left = true, true
		drawing.Add(plotter.NewGrid())
		for i, c := range g.curves {
			m, points := p.points(c, g.per)
			if len(points) == 0 {
				continue
			}
			line, dots, err := plotter.NewLinePoints(points)
			if err != nil {
				return err
			}
			line.Color, dots.Color, dots.Shape = plotutil.Color(i), plotutil.Color(i), plotutil.Shape(i)
			drawing.Add(line, dots)
			drawing.Legend.Add(c.name, line, dots)
			shown = m
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
