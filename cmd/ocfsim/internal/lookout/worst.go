package lookout

import (
	"slices"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// pagesAtOnce is how many pages are looked through before the fleet may go on.
const pagesAtOnce = 64

// Slowest are the Devices whose updates took longest, of those that succeeded, with the
// time.Duration of the longest.
func (b *Board) Slowest() []Rank {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.slowest)
}

// MostRefused are the Devices that have refused most writes, with how many.
func (b *Board) MostRefused() []Rank {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.refused)
}

// RunningLongest are the Devices whose update has run for longest and runs still, with
// the time.Duration that it has run at now.
func (b *Board) RunningLongest(now time.Duration) []Rank {
	var longest ranking
	for first := 0; first < len(b.pages); first += pagesAtOnce {
		b.mu.Lock()
		for i := first; i < min(first+pagesAtOnce, len(b.pages)); i++ {
			if p := b.pages[i]; p != nil {
				p.running(i*pageCells, now, &longest)
			}
		}
		b.mu.Unlock()
	}
	return longest
}

// running adds the Devices of the page whose update runs.
func (p *page) running(first int, now time.Duration, to *ranking) {
	for i := range p {
		if c := &p[i]; c.is.Running.Has(ocf.SSU) {
			to.add(first+i, int64(now-c.began))
		}
	}
}
