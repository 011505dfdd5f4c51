package campaign

import "time"

// alarms is the queue of the times at which something is due, at most one for each
// Device: a heap in which each Device knows its place.
type alarms struct {
	due   []time.Duration // by Device
	place []int32         // by Device: index in heap, -1 for none
	heap  []int32
}

func newAlarms(devices int) alarms {
	a := alarms{due: make([]time.Duration, devices), place: make([]int32, devices)}
	for i := range a.place {
		a.place[i] = -1
	}
	return a
}

// first is the Device whose time comes first.
func (a *alarms) first() (device int32, at time.Duration, ok bool) {
	if len(a.heap) == 0 {
		return 0, 0, false
	}
	return a.heap[0], a.due[a.heap[0]], true
}

// set lets something be due for a Device at a time; 0 lets nothing be due.
func (a *alarms) set(device int32, at time.Duration) {
	p := a.place[device]
	switch {
	case at == 0 && p < 0:
		return
	case at == 0:
		a.remove(p)
		return
	case p < 0:
		p = int32(len(a.heap))
		a.heap = append(a.heap, device)
		a.place[device] = p
	}
	a.due[device] = at
	a.down(a.up(p))
}

func (a *alarms) remove(p int32) {
	last := int32(len(a.heap) - 1)
	a.place[a.heap[p]] = -1
	if p != last {
		a.heap[p] = a.heap[last]
		a.place[a.heap[p]] = p
	}
	a.heap = a.heap[:last]
	if p < last {
		a.down(a.up(p))
	}
}

func (a *alarms) before(p, q int32) bool { return a.due[a.heap[p]] < a.due[a.heap[q]] }

func (a *alarms) swap(p, q int32) {
	a.heap[p], a.heap[q] = a.heap[q], a.heap[p]
	a.place[a.heap[p]], a.place[a.heap[q]] = p, q
}

func (a *alarms) up(p int32) int32 {
	for p > 0 && a.before(p, (p-1)/2) {
		a.swap(p, (p-1)/2)
		p = (p - 1) / 2
	}
	return p
}

func (a *alarms) down(p int32) {
	for n := int32(len(a.heap)); ; {
		least := p
		for _, child := range [2]int32{2*p + 1, 2*p + 2} {
			if child < n && a.before(child, least) {
				least = child
			}
		}
		if least == p {
			return
		}
		a.swap(p, least)
		p = least
	}
}
