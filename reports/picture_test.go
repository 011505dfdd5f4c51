package reports

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/ocf"
)

// extent returns the space that a shape's text takes.
func (s shape) extent() (left, right px) {
	width := px(len([]rune(s.Text))) * letterPx
	switch s.Anchor {
	case "middle":
		return s.At + s.X - width/2, s.At + s.X + width/2
	case "end":
		return s.At + s.X - width, s.At + s.X
	}
	return s.At + s.X, s.At + s.X + width
}

func pictures(t *testing.T) map[string]picture {
	t.Helper()
	s := acme()
	b := newBook(s.report, assess.Sentences())
	out := map[string]picture{}
	for _, r := range s.report.Scenarios {
		out[r.ID] = *b.scenario(r, b.findingsOf()[r.ID], s.timeline, rerun, new(int)).Picture
	}
	crowded := newScene("crowded", "crowded", "crowded")
	for i := range 60 {
		crowded.step("Given a step").condition(conformance.AutonomousValidation).source(i, i, i).observe(me).observe("second").
			post(me, tm(ocf.SVV), "4.00").moves(ocf.SVV, 0, ocf.RFNOP, me, "second")
	}
	var marks []mark
	for i := range 200 {
		marks = append(marks, mark{N: i, Verdict: conformance.Fail, Who: []string{"SVV-8"}, Says: []string{"fail"}})
	}
	out["crowded"] = draw("crowded", crowded.tl, marks)
	return out
}

func TestNoLabelCoversAnother(t *testing.T) {
	for id, p := range pictures(t) {
		var texts []shape
		for _, s := range slices.Concat(p.Shapes, p.Names) {
			if s.Text == "" {
				continue
			}
			left, right := s.extent()
			if left < 0 || right > p.Width || s.Y > p.Height {
				t.Errorf("%s: %q leaves the picture", id, s.Text)
			}
			for _, other := range texts {
				l, r := other.extent()
				if s.Y-other.Y < 9 && other.Y-s.Y < 9 && left < r && l < right {
					t.Errorf("%s: %q covers %q", id, s.Text, other.Text)
				}
			}
			texts = append(texts, s)
		}
	}
}

func TestAxisRunsForwards(t *testing.T) {
	for name, tl := range acme().timelines {
		a := newAxis(tl.Observations)
		for i := 1; i < len(a.X); i++ {
			if a.X[i] <= a.X[i-1] {
				t.Errorf("%s: observation %d is not right of the one before it", name, i)
			}
		}
		if n := len(a.X); a.X[n-1] >= a.end() {
			t.Errorf("%s: the last observation lies beyond the axis", name)
		}
	}
}

func TestIdleTimeIsABreak(t *testing.T) {
	sc := newScene("a", "a", "a")
	sc.observe(me).wait(10 * time.Minute).get(me).wait(900 * time.Millisecond).get(me)
	a := newAxis(sc.tl.Observations)
	if len(a.Breaks) != 1 || a.Breaks[0].Text != "600 s idle" {
		t.Errorf("breaks %v", a.Breaks)
	}
}

func TestPictureOfManyObservationsIsBounded(t *testing.T) {
	sc := newScene("a", "a", "a")
	for range 4000 {
		sc.get(me).wait(5 * time.Millisecond)
	}
	p := draw("a", sc.tl, nil)
	if p.Width > widest+200 || p.Height > 600 {
		t.Errorf("%v by %v", p.Width, p.Height)
	}
}

func TestPictureOfNoSample(t *testing.T) {
	sc := newScene("a", "a", "a")
	sc.step("Given nothing").post(me, tm(ocf.SVV), "4.04")
	p := draw("a", sc.tl, []mark{{N: 99, Verdict: conformance.Fail}, {N: -1, Verdict: conformance.Fail}})
	unseen := 0
	for _, s := range p.Shapes {
		if s.Text == "not seen" {
			unseen++
		}
		if strings.Contains(s.Path, "NaN") || strings.Contains(s.Path, "Inf") {
			t.Errorf("path %q", s.Path)
		}
	}
	if unseen != 4 {
		t.Errorf("%d of 4 bits are said not to be seen", unseen)
	}
}

// TestBitsAreDrawnAsSeen reads the levels from the line of each bit.
func TestBitsAreDrawnAsSeen(t *testing.T) {
	sc := newScene("a", "a", "a")
	sc.observe(me).moves(ocf.SVV, 0, ocf.RFNOP, me).moves(ocf.SVV, ocf.SVV, ocf.RFNOP, me).moves(0, ocf.SVV, ocf.RFNOP, me)
	var got []string
	for _, s := range draw("a", sc.tl, nil).Shapes {
		if strings.HasPrefix(s.Class, "level") {
			got = append(got, levels(t, s.Path))
		}
	}
	if want := []string{"010", "0", "01", "0"}; !slices.Equal(got, want) {
		t.Errorf("tm.V, tm.U, cm.V and cm.U are drawn as %v, expected %v", got, want)
	}
}

// levels translates "M10 20H30V6H50" into 01, a digit for each level between two changes. Every bit is 0 at first.
func levels(t *testing.T, path string) string {
	t.Helper()
	var x, low float64
	if _, err := fmt.Sscanf(path, "M%g %g", &x, &low); err != nil {
		t.Fatalf("path %q: %v", path, err)
	}
	got := "0"
	for part := range strings.SplitSeq(path, "V") {
		y, err := strconv.ParseFloat(strings.Split(part, "H")[0], 64)
		if err != nil {
			continue // skip what comes before the first V
		}
		if y < low {
			got += "1"
		} else {
			got += "0"
		}
	}
	return got
}

func TestGateThatStaysHeld(t *testing.T) {
	sc := newScene("a", "a", "a")
	sc.condition(conformance.Hold).condition(conformance.Hold).get(me).condition(conformance.Release).condition(conformance.Release).
		condition(conformance.Hold).get(me)
	if got := held(sc.tl); len(got) != 2 || got[0] != (span{1, 7}) || got[1] != (span{11, 13}) {
		t.Errorf("held %v", got)
	}
}
