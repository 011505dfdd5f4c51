package campaign

import "time"

// The bounds of a throttle, in requests that wait. A socket's buffer holds some 10,000 datagrams.
const (
	leastOpen = 64
	mostOpen  = 4096
)

// cutPause is the least time from one cut of a throttle to the next: what is lost at the same
// time is lost for the same reason.
const cutPause = time.Second

// throttle bounds how many requests wait for the first sign of an answer at one time, all
// Devices taken together. It grows while answers come, and is cut in half where they have to
// be asked for again: a campaign must not drown the network that it shares with the Devices
// (RFC 7252 section 4.7), and then take them for lost.
type throttle struct {
	size    float64
	calm    float64 // up to here it grows by one with each answer, then more slowly
	open    int     // requests that wait
	cutAt   time.Duration
	waiting []int32 // Devices whose next request waits, the first first
	head    int
}

func newThrottle() throttle { return throttle{size: leastOpen, calm: mostOpen} }

// full reports whether no further request may be sent now.
func (w *throttle) full() bool { return w.open >= int(w.size) }

// grow takes note of an answer to a request that was sent once.
func (w *throttle) grow() {
	if w.size < w.calm {
		w.size++
	} else {
		w.size += 1 / w.size
	}
	w.size = min(w.size, mostOpen)
}

// cut takes note of a request, or of an answer, that was lost.
func (w *throttle) cut(now time.Duration) {
	if w.cutAt != 0 && now-w.cutAt < cutPause {
		return
	}
	w.cutAt = now
	w.size = max(w.size/2, leastOpen)
	w.calm = w.size
}

// line puts a Device at the end of the line.
func (w *throttle) line(device int32) { w.waiting = append(w.waiting, device) }

// next takes the first Device of the line.
func (w *throttle) next() (device int32, ok bool) {
	if w.head == len(w.waiting) {
		w.waiting, w.head = w.waiting[:0], 0
		return 0, false
	}
	device = w.waiting[w.head]
	if w.head++; w.head > 1024 && w.head*2 > len(w.waiting) {
		n := copy(w.waiting, w.waiting[w.head:])
		w.waiting, w.head = w.waiting[:n], 0
	}
	return device, true
}
