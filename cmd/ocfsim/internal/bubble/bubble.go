// Package bubble runs a function in virtual time: the clock stands still while any
// goroutine is busy, and jumps to the next timer when all of them wait. What takes
// a Device minutes is over in milliseconds, and takes the same virtual time on every
// machine.
package bubble

import (
	"fmt"
	"runtime/debug"
	"sync"
	"testing"
	"testing/synctest"
)

// Run calls f in a bubble of its own and returns what f returns. All goroutines
// that f starts have to end with it. If f panics, Run returns an error that carries
// the stack; if the race detector finds something in the bubble, so does it. If
// everything in the bubble waits for ever, the process ends. Run may be called from
// several goroutines at once, but not from within a bubble (docs/adr/0041).
func Run(f func() error) error {
	err := fmt.Errorf("the bubble was left before its end")
	// synctest wants a T to report failures to. It ends the goroutine that called it
	// if the T has failed, which the race detector makes it do, so it has one of its own.
	var t testing.T
	var inside sync.WaitGroup
	inside.Go(func() {
		synctest.Test(&t, func(*testing.T) {
			defer func() {
				if p := recover(); p != nil {
					err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
				}
			}()
			err = f()
		})
	})
	inside.Wait()
	if err == nil && t.Failed() {
		err = fmt.Errorf("the race detector found something in the bubble")
	}
	return err
}

// Settle waits until everything else in the bubble waits, and no time passes
// meanwhile. By then all that was on its way has arrived, in whatever order it was
// sent. Settle may be called only in a bubble, by one goroutine at a time.
func Settle() { synctest.Wait() }
