package fortune

import (
	"container/heap"
	"time"
)

// what is the kind of a happening.
type what uint8

// The kinds of happenings. All hits every Device of a group that a fault is for.
const (
	switchOn what = iota + 1
	offer
	withdraw
	start
	crash
	powerLoss
	crashAll
	powerLossAll
)

// happening is something that happens at a time since the start of the run.
type happening struct {
	at     time.Duration
	order  uint32 // what comes at the same time comes in this order: series first, then what was planned first
	device int32  // index in the fleet; of crashAll and powerLossAll the group's
	off    time.Duration
	n      uint32 // how many drawn ones of the same kind and Device, or others of the series, came before
	of     uint32 // which profile of the group, or which series
	what   what
	goesOn goesOn
}

// goesOn says whether another happening follows when this one has happened.
type goesOn uint8

const (
	once     goesOn = iota
	drawn           // another one of the same kind and Device is drawn
	inSeries        // the next of the series follows
)

// agenda holds what is going to happen, the earliest first.
type agenda struct {
	heap   happenings
	sorted bool // what is put there before sort is in no order
}

func (a *agenda) put(h happening) {
	if !a.sorted {
		a.heap = append(a.heap, h)
		return
	}
	heap.Push(&a.heap, h)
}

// sort puts everything in order at once, which takes less than one by one.
func (a *agenda) sort() {
	heap.Init(&a.heap)
	a.sorted = true
}

// due takes out what comes first, if its time has come.
func (a *agenda) due(now time.Duration) (h happening, ok bool) {
	if len(a.heap) == 0 || a.heap[0].at > now {
		return h, false
	}
	return heap.Pop(&a.heap).(happening), true
}

// wait is the time until the first happening; long, if there is none.
func (a *agenda) wait(now time.Duration) time.Duration {
	if len(a.heap) == 0 {
		return 1000 * time.Hour
	}
	return max(a.heap[0].at-now, 0)
}

// happenings is a heap, ordered by time and then by the order of planning.
type happenings []happening

func (h happenings) Len() int      { return len(h) }
func (h happenings) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h happenings) Less(i, j int) bool {
	return h[i].at < h[j].at || h[i].at == h[j].at && h[i].order < h[j].order
}
func (h *happenings) Push(x any) { *h = append(*h, x.(happening)) }

// Pop takes the last element, as package heap asks for.
func (h *happenings) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	*h = (*h)[:last]
	return x
}
