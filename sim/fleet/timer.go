package fleet

import "time"

// timed is the owner of a timer.
type timed interface {
	// expire is called with the shard's lock held, once the timer's time has
	// come. The timer may be set again.
	expire(sh *shard)
}

// timer is in at most one place of a heap. The zero value is not set.
type timer struct {
	at    time.Duration // time since the fleet began
	order uint64        // order of setting: timers with equal times expire in this order
	pos   int           // place in the heap plus one, 0 if the timer is not set
	owner timed
}

func (t *timer) isSet() bool { return t.pos != 0 }

// timers is a binary heap of all timers of a shard, the earliest first. Each timer
// knows its place, so stopping one removes it at once.
type timers struct {
	heap  []*timer
	order uint64
}

// set sets t to a time. If t is set already, it moves.
func (ts *timers) set(t *timer, at time.Duration, owner timed) {
	ts.stop(t)
	ts.order++
	t.at, t.order, t.owner = at, ts.order, owner
	ts.heap = append(ts.heap, t)
	t.pos = len(ts.heap)
	ts.up(t.pos - 1)
}

// stop removes t from the heap. It does nothing if t is not set.
func (ts *timers) stop(t *timer) {
	if t.pos == 0 {
		return
	}
	i, last := t.pos-1, len(ts.heap)-1
	ts.swap(i, last)
	ts.heap[last] = nil
	ts.heap = ts.heap[:last]
	t.pos, t.owner = 0, nil
	if i < last {
		ts.down(i)
		ts.up(i)
	}
}

// next returns the time of the earliest timer.
func (ts *timers) next() (time.Duration, bool) {
	if len(ts.heap) == 0 {
		return 0, false
	}
	return ts.heap[0].at, true
}

// due removes and returns the earliest timer if its time has come.
func (ts *timers) due(now time.Duration) timed {
	if len(ts.heap) == 0 || ts.heap[0].at > now {
		return nil
	}
	owner := ts.heap[0].owner
	ts.stop(ts.heap[0])
	return owner
}

func (ts *timers) less(i, j int) bool {
	a, b := ts.heap[i], ts.heap[j]
	return a.at < b.at || a.at == b.at && a.order < b.order
}

func (ts *timers) swap(i, j int) {
	ts.heap[i], ts.heap[j] = ts.heap[j], ts.heap[i]
	ts.heap[i].pos, ts.heap[j].pos = i+1, j+1
}

func (ts *timers) up(i int) {
	for i > 0 && ts.less(i, (i-1)/2) {
		ts.swap(i, (i-1)/2)
		i = (i - 1) / 2
	}
}

func (ts *timers) down(i int) {
	for {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(ts.heap); child++ {
			if ts.less(child, least) {
				least = child
			}
		}
		if least == i {
			return
		}
		ts.swap(i, least)
		i = least
	}
}
