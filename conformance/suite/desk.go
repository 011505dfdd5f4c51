package suite

import "runtime"

// desks are where runs are written up, each at one desk. A page of evidence takes far more
// memory in the making than on disk, and a processor for a tenth of a second and more.
// There is a desk for each processor, but half of them stay empty while others wait for
// Devices: with all processors taken, everybody would hear the answers late.
type desks struct {
	taken chan struct{}
	kept  int // how many stay empty
}

func newDesks() desks {
	n := runtime.GOMAXPROCS(0)
	d := desks{taken: make(chan struct{}, n), kept: n - max(1, n/2)}
	for range d.kept {
		d.taken <- struct{}{}
	}
	return d
}

// sit waits for a desk, and returns what leaves it.
func (d desks) sit() (leave func()) {
	d.taken <- struct{}{}
	return func() { <-d.taken }
}

// open has the desks taken that were to stay empty. It may be called once.
func (d desks) open() {
	for range d.kept {
		<-d.taken
	}
}
