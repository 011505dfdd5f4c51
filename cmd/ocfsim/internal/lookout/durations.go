package lookout

import (
	"cmp"
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Durations says how long something took. The percentiles are of all values, not of
// other percentiles.
type Durations struct {
	Count               int64
	Min, Mean, Max      time.Duration
	P50, P90, P99, P999 time.Duration
	Bars                []Bar // the shortest first
}

// Bar counts the values up to a bound, which are above that of the bar before.
type Bar struct {
	To    time.Duration
	Count int64
}

// Took says how long the updates took that succeeded: from when the Device turned to one
// until tm no longer asked for it.
func (b *Board) Took() Durations {
	b.mu.Lock()
	took := b.took.Clone() // to go through it takes a while
	b.mu.Unlock()
	return durationsOf(took)
}

// durationsOf reads a histogram of microseconds.
func durationsOf(h *hdrhistogram.Histogram) Durations {
	if h.TotalCount() == 0 {
		return Durations{}
	}
	at := func(percent float64) time.Duration {
		return time.Duration(h.ValueAtQuantile(percent)) * time.Microsecond
	}
	return Durations{
		Count: h.TotalCount(), Min: time.Duration(h.Min()) * time.Microsecond, Max: time.Duration(h.Max()) * time.Microsecond,
		Mean: time.Duration(h.Mean() * float64(time.Microsecond)),
		P50:  at(50), P90: at(90), P99: at(99), P999: at(99.9),
		Bars: barsOf(h),
	}
}

// mostBars is how many bars are shown at most.
const mostBars = 12

// barsOf puts the values of a histogram into bars whose bounds are 1, 2 and 5 of each power
// of ten, in the range of the values. All that is shorter than the first bound is in the
// first bar.
func barsOf(h *hdrhistogram.Histogram) []Bar {
	least, most := h.Min(), h.Max()
	var bars []Bar
	for unit, to := int64(1), int64(0); to < most; unit *= 10 {
		for _, n := range []int64{1, 2, 5} {
			if to < most && n*unit > least {
				bars = append(bars, Bar{To: time.Duration(n*unit) * time.Microsecond})
			}
			to = n * unit
		}
	}
	bars = bars[max(0, len(bars)-mostBars):]
	for _, part := range h.Distribution() {
		if part.Count == 0 {
			continue
		}
		value := time.Duration(min(part.To, most)) * time.Microsecond
		i, _ := slices.BinarySearchFunc(bars, value, func(b Bar, v time.Duration) int { return cmp.Compare(b.To, v) })
		bars[min(i, len(bars)-1)].Count += part.Count
	}
	return bars
}
