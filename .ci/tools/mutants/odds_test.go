package main

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
)

// Each part is ruled by itself, and a run fails where one of them is too bad for
// chance to explain it.
func TestThreeOutcomes(t *testing.T) {
	for _, c := range []struct {
		changed, others score
		want            bool
		says            string
	}{
		{score{}, score{300, 282}, true, "300 tried, 282 killed: 94.0 %, upper bound 96.1 %, at least 90 % have to be: enough\n"},
		{score{}, score{300, 270}, true, "have to be: enough\n"},
		{score{}, score{300, 269}, true, "300 tried, 269 killed: 89.7 %, upper bound 92.4 %, at least 90 % have to be: undecided\n"},
		{score{}, score{300, 261}, true, "upper bound 90.1 %, at least 90 % have to be: undecided\n"},
		{score{}, score{300, 260}, false, "300 tried, 260 killed: 86.7 %, upper bound 89.8 %, at least 90 % have to be: too few\n"},
		{score{20, 18}, score{300, 282}, true, "20 tried, 18 killed: 90.0 %, upper bound 98.2 %, at least 90 % have to be: enough\n"},
		{score{20, 16}, score{300, 282}, true, "20 tried, 16 killed: 80.0 %, upper bound 92.9 %, at least 90 % have to be: undecided\n"},
		{score{20, 15}, score{300, 300}, false, "20 tried, 15 killed: 75.0 %, upper bound 89.6 %, at least 90 % have to be: too few\n"},
		{score{1, 0}, score{300, 282}, true, "1 tried, 0 killed: 0.0 %, upper bound 95.0 %, at least 90 % have to be: undecided\n"},
		{score{2, 0}, score{300, 282}, false, "2 tried, 0 killed: 0.0 %, upper bound 77.6 %, at least 90 % have to be: too few\n"},
		{score{20, 20}, score{}, true, "20 tried, 20 killed: 100.0 %, upper bound 100.0 %, at least 90 % have to be: enough\n"},
		{score{20, 20}, score{300, 260}, false, "260 killed: 86.7 %, upper bound 89.8 %, at least 90 % have to be: too few\n"},
	} {
		o := outcome{Changed: c.changed.tried, Others: c.others.tried}
		o.add(c.changed, true)
		o.add(c.others, false)
		var out bytes.Buffer
		ok, err := config{bounds: bounds{threshold: 90}, out: &out}.report(o)
		_, lines, _ := strings.Cut(out.String(), " mutants, ")
		if ok != c.want || err != nil || !strings.Contains(lines, c.says) {
			t.Errorf("%+v: %v, %v, want %v and %q\n%s", c, ok, err, c.want, c.says, lines)
		}
		for end, want := range map[string]bool{"too many survive": !c.want, "undecided: ": c.want && strings.Contains(c.says, "undecided")} {
			if strings.Contains(lines, "\n"+end) != want {
				t.Errorf("%+v: %q is said or not, want %v\n%s", c, end, want, lines)
			}
		}
	}
}

// add adds mutants of which so many were killed.
func (o *outcome) add(s score, changed bool) {
	for i := range s.tried {
		m := &mutant{Status: survived, Changed: changed}
		if i < s.killed {
			m.Status = killed
		}
		o.Mutants = append(o.Mutants, m)
	}
}

// Of samples that are drawn where just 90 % of all are killed, one in twenty at
// most is ruled too small, whatever its size; where 80 % are killed, nearly all are.
func TestChanceRarelyFails(t *testing.T) {
	const samples = 1000
	draw := rand.New(rand.NewPCG(1, 0))
	failed := func(size int, share float64) (n int) {
		for range samples {
			s := score{tried: size}
			for range size {
				if draw.Float64() < share {
					s.killed++
				}
			}
			if s.ruling(90) == tooFew {
				n++
			}
		}
		return n
	}
	for _, size := range []int{1, 2, 5, 20, 100, 300} {
		if n := failed(size, 0.90); n > samples*7/100 {
			t.Errorf("%d of %d samples of %d fail by chance", n, samples, size)
		}
	}
	if n := failed(300, 0.80); n < samples*98/100 {
		t.Errorf("%d of %d samples of 300 fail though a tenth more survives than may", n, samples)
	}
}
