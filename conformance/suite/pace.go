package suite

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"sync"
	"time"
)

// The lateness of the machine is that of a timer which fires every paceTick. Of the latest
// paceTicks, nine in ten may be late by calmLate on a machine that has time for more. It is
// more than the 10 ms for which Go lets one who is busy go on while others wait: those who
// write up take that long, and whoever tells of a change has 50 ms (lab's settle).
const (
	paceTick  = 10 * time.Millisecond
	paceTicks = 50
	calmLate  = 12 * time.Millisecond
)

// pace knows whether the machine has time for more: what answers late proves less
// (docs/adr/0106). The zero value knows nothing yet, and is safe for concurrent use.
type pace struct {
	mu   sync.Mutex
	late [paceTicks]bool
	n    int // ticks so far
}

// watch looks at the machine until ctx is over.
func (p *pace) watch(ctx context.Context) {
	for ctx.Err() == nil {
		due := time.Now().Add(paceTick)
		select {
		case <-ctx.Done():
		case <-time.After(paceTick):
			p.tick(time.Since(due))
		}
	}
}

// tick notes that a timer was late by so much.
func (p *pace) tick(late time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.late[p.n%paceTicks] = late > calmLate
	p.n++
}

// calm reports whether the machine was hardly late for the latest paceTicks.
func (p *pace) calm() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	late := 0
	for _, l := range p.late {
		if l {
			late++
		}
	}
	return p.n >= paceTicks && late <= paceTicks/10
}

// busy is how many Devices of all targets work at a time, for each processor. A scenario
// mostly waits: all of them take a Device a minute, and a processor two seconds or three, so
// some thirty keep it busy. Two dozen leave it some time for other programs: on a busy
// machine more of them are hardly faster, but everybody answers later, and what comes late
// proves less (docs/adr/0106).
const busy = 24

// atATime is how many targets are tested at a time where nobody says. Those that several
// Devices share are fewer. What was recorded of a target is in memory until it ends, however
// many Devices share it.
func (c Config) atATime() int {
	devices := 1 // of a target
	for _, copies := range c.Copies {
		devices = max(devices, 1+len(copies))
	}
	return max(min(Parallel(), busy*runtime.GOMAXPROCS(0)/devices), 1)
}

// order is the order in which the targets begin, by their places in Targets. Where nobody says
// how many are tested at a time and there are more, the slowest by their own declarations
// begin first: one that began last would go on alone while the processors are idle.
func (c Config) order() []int {
	all := make([]int, len(c.Targets))
	for i := range all {
		all[i] = i
	}
	if c.Parallel > 0 || len(all) <= c.atATime() {
		return all
	}
	slices.SortStableFunc(all, func(i, j int) int {
		a, b := c.Targets[i].Profile.Timing, c.Targets[j].Profile.Timing
		return cmp.Compare(b.Validation+b.Update, a.Validation+a.Update)
	})
	return all
}

// places are where targets are tested side by side: so many at any time, and as many as
// three halves of that more while the machine has time for them.
type places struct {
	taken, further chan struct{}
	pace           *pace // nil: never more
}

func newPlaces(n int, p *pace) places {
	return places{taken: make(chan struct{}, n), further: make(chan struct{}, n+n/2), pace: p}
}

// places are those of a run against so many targets, until they are closed.
func (c Config) places(targets int) (p places, close func()) {
	n := c.atATime()
	if c.Parallel > 0 || targets <= n {
		return places{taken: make(chan struct{}, cmp.Or(c.Parallel, n))}, func() {}
	}
	p = newPlaces(n, &pace{})
	ctx, cancel := context.WithCancel(context.Background())
	var watching sync.WaitGroup
	watching.Go(func() { p.pace.watch(ctx) })
	return p, func() {
		cancel()
		watching.Wait()
	}
}

// most is how many places there are at most.
func (p places) most() int { return cap(p.taken) + cap(p.further) }

// take waits for a place, and returns what gives it back.
func (p places) take() (leave func()) {
	if p.pace == nil {
		p.taken <- struct{}{}
		return func() { <-p.taken }
	}
	for {
		select {
		case p.taken <- struct{}{}:
			return func() { <-p.taken }
		case <-time.After(paceTick * paceTicks): // those that began just now are not felt earlier
		}
		if !p.pace.calm() {
			continue
		}
		select {
		case p.further <- struct{}{}:
			return func() { <-p.further }
		default:
		}
	}
}
