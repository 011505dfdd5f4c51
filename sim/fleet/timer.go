package fleet

import (
	"math/bits"
	"time"
)

// timed is the owner of a timer.
type timed interface {
	// expire is called with the shard's lock held, once the timer's time has
	// come. The timer may be set again.
	expire(sh *shard)
}

// timer is the number of a node in timers. It must not move while it is set. The zero
// value is not set.
type timer uint32

func (t timer) isSet() bool { return t != 0 }

const (
	// levels is how many digits of 8 bits a time has.
	levels = 8
	// buckets is how many values a digit has.
	buckets = 256
)

// timers holds all timers of a shard. It is a hierarchical wheel that is exact to the
// nanosecond. A time is read as eight digits of 8 bits. A timer waits at the level of the
// first digit, from the left, in which its time differs from base, in the bucket of that
// digit. All timers in a bucket of level 0 have the same time. Once the earliest timer of a
// bucket of a higher level is due, base is its time, and the others move to lower levels.
//
// Timers with equal times are always in the same bucket, in the order of setting.
type timers struct {
	base  time.Duration // the time of the timer that was due last; no timer is earlier
	wheel [levels]*[buckets]queue
	full  [levels][buckets / 64]uint64 // a bit for each bucket that may have a timer
	pages []*[nodesAPage]node          // by number; 0 is none
	made  timer                        // the last number that was ever used
	free  timer                        // the first free node
	count int

	soonest time.Duration // the time of the earliest timer, if sure
	sure    bool
}

// queue is the timers of a bucket, in the order of setting.
type queue struct{ first, last timer }

// node is a timer that is set. If it is free, next is the next free node.
type node struct {
	at         time.Duration // since the fleet began
	owner      timed
	handle     *timer // the owner's, which is 0 once the timer is not set
	next, prev timer
}

// set sets t to a time. If t is set already, it moves.
func (ts *timers) set(t *timer, at time.Duration, owner timed) {
	ts.stop(t)
	*t = ts.place()
	n := ts.node(*t)
	n.at, n.owner, n.handle = max(at, ts.base), owner, t
	ts.count++
	if ts.count == 1 {
		ts.sure, ts.soonest = true, n.at
	}
	ts.soonest = min(ts.soonest, n.at)
	ts.enter(*t)
}

// place returns the number of a free node.
func (ts *timers) place() timer {
	if t := ts.free; t != 0 {
		ts.free = ts.node(t).next
		return t
	}
	ts.made++ // 0 is none
	if int(ts.made/nodesAPage) == len(ts.pages) {
		ts.pages = append(ts.pages, new([nodesAPage]node))
	}
	return ts.made
}

// node returns the node of a timer. It stays where it is.
func (ts *timers) node(t timer) *node { return &ts.pages[t/nodesAPage][t%nodesAPage] }

// enter puts a timer into the bucket where it belongs.
func (ts *timers) enter(t timer) {
	n := ts.node(t)
	level, digit := ts.bucket(n.at)
	if ts.wheel[level] == nil {
		ts.wheel[level] = new([buckets]queue)
	}
	q := &ts.wheel[level][digit]
	n.prev, n.next = q.last, 0
	if q.last == 0 {
		q.first = t
	} else {
		ts.node(q.last).next = t
	}
	q.last = t
	ts.full[level][digit/64] |= 1 << (digit % 64)
}

// bucket returns where a time belongs.
func (ts *timers) bucket(at time.Duration) (level int, digit uint8) {
	level = max(bits.Len64(uint64(at^ts.base))-1, 0) / 8
	return level, uint8(at >> (8 * level))
}

// stop stops t. It does nothing if t is not set.
func (ts *timers) stop(t *timer) {
	if *t == 0 {
		return
	}
	n := ts.node(*t)
	level, digit := ts.bucket(n.at)
	q := &ts.wheel[level][digit]
	if n.prev == 0 {
		q.first = n.next
	} else {
		ts.node(n.prev).next = n.next
	}
	if n.next == 0 {
		q.last = n.prev
	} else {
		ts.node(n.next).prev = n.prev
	}
	if q.first == 0 {
		ts.full[level][digit/64] &^= 1 << (digit % 64)
	}
	ts.sure = ts.sure && n.at > ts.soonest
	*n = node{next: ts.free}
	ts.free, *t = *t, 0
	if ts.count--; ts.count == 0 && len(ts.pages) > sparePages {
		ts.pages, ts.made, ts.free = nil, 0, 0
	}
}

const (
	// nodesAPage is how many nodes are made at a time. None of them moves when there are more: a
	// fleet whose Devices all set one would copy each several times.
	nodesAPage = 256
	// sparePages is how many pages of nodes are kept while no timer is set.
	sparePages = 16
)

// at returns the time of a timer that is set.
func (ts *timers) at(t timer) time.Duration { return ts.node(t).at }

// first returns the bucket of the earliest timers; ok is false if there is none.
func (ts *timers) first() (level, digit int, ok bool) {
	for level := range ts.full {
		for i, word := range ts.full[level] {
			if word != 0 {
				return level, 64*i + bits.TrailingZeros64(word), true
			}
		}
	}
	return 0, 0, false
}

// earliest returns the earliest timer and its bucket; of several with one time, it is the one
// that was set first. There is one.
func (ts *timers) earliest() (earliest timer, level, digit int) {
	level, digit, _ = ts.first()
	earliest = ts.wheel[level][digit].first
	for t := earliest; t != 0 && level > 0; t = ts.node(t).next {
		if ts.node(t).at < ts.node(earliest).at {
			earliest = t
		}
	}
	ts.sure, ts.soonest = true, ts.node(earliest).at
	return earliest, level, digit
}

// next returns the time of the earliest timer.
func (ts *timers) next() (time.Duration, bool) {
	if ts.count == 0 {
		return 0, false
	}
	if !ts.sure {
		ts.earliest()
	}
	return ts.soonest, true
}

// due stops and returns the earliest timer's owner if its time has come, which base then is.
func (ts *timers) due(now time.Duration) timed {
	if ts.count == 0 {
		ts.base = max(ts.base, now)
		return nil
	}
	if ts.sure && ts.soonest > now {
		return nil
	}
	t, level, digit := ts.earliest()
	if ts.soonest > now {
		return nil
	}
	owner := ts.node(t).owner
	ts.stop(ts.node(t).handle)
	ts.base = ts.soonest
	if level > 0 {
		ts.spread(level, digit)
	}
	return owner
}

// spread moves the timers of a bucket to lower levels. base was where the timers have their
// first different digit, and is a time of the bucket by now.
func (ts *timers) spread(level, digit int) {
	q := &ts.wheel[level][digit]
	t := q.first
	*q = queue{}
	ts.full[level][digit/64] &^= 1 << (digit % 64)
	for t != 0 {
		next := ts.node(t).next
		ts.enter(t)
		t = next
	}
}
