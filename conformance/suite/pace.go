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

// paceBegins is the least time between two targets that begin while the machine has time: half
// of what is looked back at, so that those who began last have been felt for as long.
const paceBegins = paceTick * paceTicks / 2

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

// places are where targets are tested side by side: at each of them the Devices of one. A target
// holds room in memory besides, until what was recorded of it is written up. There is room for a
// quarter more targets than there are places, so that the next one begins while others are
// written up. While the machine has no time for more, those count as well, and there are so
// many places as begin with. The methods are safe for concurrent use.
type places struct {
	few, many int   // places in any case, and while the machine has time
	pace      *pace // nil: as if it always had, and few are all

	mu           sync.Mutex
	driven, held int           // targets at a place, and in memory
	began        time.Time     // when the latest took its place
	left         chan struct{} // closed when one leaves its place or the memory
}

// newPlaces are n places, and twice that more while the machine has time for them; with nil
// for p never more.
func newPlaces(n int, p *pace) *places {
	all := &places{few: n, many: n, pace: p, left: make(chan struct{})}
	if p != nil {
		all.many += 2 * n
	}
	return all
}

// places are those of a run against so many targets, until they are closed.
func (c Config) places(targets int) (p *places, close func()) {
	n := c.atATime()
	if c.Parallel > 0 || targets <= n {
		return newPlaces(cmp.Or(c.Parallel, n), nil), func() {}
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

// take waits for a place. The caller gives it on with leave when the Devices have done
// their part, and calls clear when nothing of the target is in memory any more; each once.
func (p *places) take() (leave, clear func()) {
	for {
		p.mu.Lock()
		if p.held < p.few || p.driven < p.many && p.held < p.many+p.many/4 && p.further() {
			p.driven++
			p.held++
			p.began = time.Now()
			p.mu.Unlock()
			return func() { p.leaves(&p.driven) }, func() { p.leaves(&p.held) }
		}
		left := p.left
		p.mu.Unlock()
		p.wait(left)
	}
}

// further reports whether the machine has time for another target, those that began last
// included. The lock is held.
func (p *places) further() bool {
	return p.pace == nil || time.Since(p.began) >= paceBegins && p.pace.calm()
}

// wait waits until a target leaves, or those that began last have been felt.
func (p *places) wait(left chan struct{}) {
	if p.pace == nil {
		<-left
		return
	}
	select {
	case <-left:
	case <-time.After(paceBegins):
	}
}

// leaves counts one target less.
func (p *places) leaves(count *int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	*count--
	close(p.left)
	p.left = make(chan struct{})
}
