//go:build !race

package lab_test

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/reports"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

// What a run tells of how long it will still take is right to a fifth and a second, whenever it
// tells anything. By the number of its scenarios it would tell much less at first, and then
// four times as much.
func TestARunTellsHowLongItWillTake(t *testing.T) {
	few, err := lab.Few()
	if err != nil {
		t.Fatal(err)
	}
	for _, copies := range []int{0, 3} {
		synctest.Test(t, func(t *testing.T) {
			l, err := lab.OpenVirtual(lab.Config{Specimens: few[:1], Copies: copies}, memnet.New(1, memnet.Impairment{}))
			if err != nil {
				t.Fatal(err)
			}
			told := &told{}
			p := reports.NewProgress(told, reports.ProgressStyle{Live: true, Width: 200, Targets: 1})
			res := runOne(context.Background(), t, suite.Config{Targets: l.Targets(), Copies: l.Copies(), Plain: true, Progress: p.Show})
			end := time.Now()
			if err := p.Close(); err != nil {
				t.Fatal(err)
			}
			if err := l.Close(); err != nil || res.Err != nil {
				t.Errorf("closing: %v, running: %v", err, res.Err)
			}
			if len(told.all) < 20 {
				t.Errorf("it is told %d times", len(told.all))
			}
			for _, e := range told.all {
				left := end.Sub(e.at)
				if e.left > left*6/5+time.Second || e.left < left*4/5-time.Second {
					t.Errorf("%d copies: %v is told, %v is left", copies, e.left, left)
				}
			}
		})
	}
}

// told is a terminal that remembers what it was told of how long a run will take.
type told struct {
	all []struct {
		at   time.Time
		left time.Duration
	}
}

var aboutToGo = regexp.MustCompile(`about (\S+) to go`)

func (w *told) Write(b []byte) (int, error) {
	for _, m := range aboutToGo.FindAllSubmatch(b, -1) {
		left, err := time.ParseDuration(strings.TrimSpace(string(m[1])))
		if err != nil {
			return 0, err
		}
		w.all = append(w.all, struct {
			at   time.Time
			left time.Duration
		}{time.Now(), left})
	}
	return len(b), nil
}
