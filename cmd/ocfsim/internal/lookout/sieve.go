package lookout

import (
	"sync/atomic"
	"time"
)

// sieve chooses the events that are written: those of some kinds, and of each kind at most
// so many a second. It counts what it leaves out.
type sieve struct {
	kinds KindSet
	rate  float64 // events a second of each kind; 0: no limit
	left  [kindCount]leftOut

	buckets [kindCount]bucket // used under the Board's lock
}

// leftOut counts the events of a kind that were left out.
type leftOut struct{ byRate, byQueue atomic.Uint64 }

// bucket holds the events that a kind may still tell at once.
type bucket struct {
	tokens float64
	last   time.Duration
}

// take takes an event out of the bucket, which fills by rate a second and holds as many
// as come in a second.
func (b *bucket) take(at time.Duration, rate float64) bool {
	b.tokens = min(b.tokens+(at-b.last).Seconds()*rate, max(rate, 1))
	b.last = at
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

func newSieve(kinds KindSet, rate float64) *sieve {
	v := &sieve{kinds: kinds, rate: rate}
	for k := range v.buckets {
		v.buckets[k].tokens = max(rate, 1)
	}
	return v
}

// Takes is what is written.
func (v *sieve) Takes() KindSet { return v.kinds }

// admits reports whether an event is within the rate of its kind, and counts it otherwise.
func (v *sieve) admits(h *Happening) bool {
	if v.rate == 0 || v.buckets[h.Kind].take(h.At, v.rate) {
		return true
	}
	v.left[h.Kind].byRate.Add(1)
	return false
}

// takeLeft returns by kind how many events were left out since it was called last.
func (v *sieve) takeLeft() (byRate, byQueue map[string]uint64) {
	byRate, byQueue = map[string]uint64{}, map[string]uint64{}
	for k := range v.left {
		if n := v.left[k].byRate.Swap(0); n > 0 {
			byRate[Kind(k).String()] = n
		}
		if n := v.left[k].byQueue.Swap(0); n > 0 {
			byQueue[Kind(k).String()] = n
		}
	}
	return byRate, byQueue
}
