package reports

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
)

// lasting is a scenario of a run that nobody watches but a Progress.
type lasting struct {
	cost Cost
	took time.Duration
}

// uneven are scenarios such as those of the suite: quick ones, long waits in the middle, and
// more work towards the end. A unit of work takes unit.
func uneven(unit time.Duration) []lasting {
	var all []lasting
	for i := range 200 {
		s := lasting{cost: Cost{Work: 1 + i/60}}
		if i%40 == 39 && i < 130 {
			s.cost.Waits = 30 * time.Second
		}
		s.took = s.cost.Waits + time.Duration(s.cost.Work)*unit
		all = append(all, s)
	}
	return all
}

// test has the targets run all scenarios, each one after another and all targets side by
// side. The channel that it returns is closed when they have.
func (p *Progress) test(targets int, scenarios []lasting) <-chan struct{} {
	var all Cost
	for _, s := range scenarios {
		all = Cost{all.Work + s.cost.Work, all.Waits + s.cost.Waits}
	}
	var going sync.WaitGroup
	for n := range targets {
		going.Go(func() {
			var spent Cost
			for i, s := range scenarios {
				e := ProgressEvent{Target: fmt.Sprint(n), Scenario: fmt.Sprint(i), Done: i, Total: len(scenarios), Spent: spent, All: all}
				p.Show(e)
				time.Sleep(s.took)
				spent = Cost{spent.Work + s.cost.Work, spent.Waits + s.cost.Waits}
				e.Done, e.Spent, e.Ended, e.Verdict, e.Took = i+1, spent, true, conformance.Pass, s.took
				p.Show(e)
			}
		})
	}
	over := make(chan struct{})
	go func() {
		going.Wait()
		close(over)
	}()
	return over
}

// TestProgressTellsHowLongIsLeft compares what is told, five times a second, with what then
// passes. The scenarios that wait take most of the time, so by their number alone it would be
// told as a third of what it is, and as twice as much.
func TestProgressTellsHowLongIsLeft(t *testing.T) {
	for _, c := range []struct {
		unit    time.Duration
		targets int
	}{{100 * time.Millisecond, 1}, {2 * time.Second, 1}, {100 * time.Millisecond, 5}} {
		synctest.Test(t, func(t *testing.T) {
			p := NewProgress(nowhere{}, ProgressStyle{Targets: c.targets})
			scenarios := uneven(c.unit)
			end := time.Now()
			for _, s := range scenarios {
				end = end.Add(s.took)
			}
			over := p.test(c.targets, scenarios)
			time.Sleep(time.Millisecond + 5*c.unit)
			told := 0
			for ; time.Until(end) > 0; time.Sleep(200 * time.Millisecond) {
				told++
				left, lasts := time.Until(end), p.lasts(c.targets)
				if lasts < left*9/10-c.unit || lasts > left*11/10+c.unit {
					t.Errorf("unit %v, %d targets: %v is told, %v is left", c.unit, c.targets, lasts, left)
				}
			}
			<-over
			if told < 100 {
				t.Errorf("looked %d times", told)
			}
			if err := p.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// TestProgressKnowsOfTargetsToCome has half of the targets wait for the others.
func TestProgressKnowsOfTargetsToCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewProgress(nowhere{}, ProgressStyle{Targets: 4})
		scenarios := uneven(time.Second)
		began := time.Now()
		<-p.test(2, scenarios)
		passed := time.Since(began)
		if told := p.lasts(4); told < passed*9/10 || told > passed*11/10 {
			t.Errorf("half of the targets took %v, and %v is told of the others", passed, told)
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

// TestProgressGoesOnTelling has less left while a scenario waits, and never less than nothing.
func TestProgressGoesOnTelling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewProgress(nowhere{}, ProgressStyle{Targets: 1})
		e := ProgressEvent{Target: "lamp", Scenario: "quick", Total: 2, All: Cost{Work: 2, Waits: 10 * time.Second}}
		if told := p.lasts(1); told != 0 {
			t.Errorf("before anything has ended, %v is told", told)
		}
		p.Show(e)
		time.Sleep(time.Second)
		e.Done, e.Spent, e.Ended, e.Took = 1, Cost{Work: 1}, true, time.Second
		p.Show(e)
		p.Show(ProgressEvent{Target: "lamp", Scenario: "waits", Done: 1, Total: 2, Spent: e.Spent, All: e.All})
		for _, want := range []time.Duration{11 * time.Second, 6 * time.Second, time.Second, 0} {
			if told := p.lasts(1); told != want {
				t.Errorf("%v is told, want %v", told, want)
			}
			time.Sleep(5 * time.Second)
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

// TestProgressOfWaitsThatEndSooner counts on no more than was waited for until now.
func TestProgressOfWaitsThatEndSooner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewProgress(nowhere{}, ProgressStyle{Targets: 1})
		e := ProgressEvent{Target: "lamp", Total: 2, All: Cost{Work: 2, Waits: 20 * time.Minute}}
		p.Show(e)
		time.Sleep(time.Minute)
		e.Done, e.Spent, e.Ended, e.Took = 1, Cost{Work: 1, Waits: 10 * time.Minute}, true, time.Minute
		p.Show(e)
		if told := p.lasts(1); told != time.Minute {
			t.Errorf("%v is told, want 1m0s", told)
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

// lasts is what p tells of how long the rest takes of a run against so many targets.
func (p *Progress) lasts(targets int) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.left.lasts(targets)
}

// nowhere is a writer that takes everything.
type nowhere struct{}

func (nowhere) Write(p []byte) (int, error) { return len(p), nil }
