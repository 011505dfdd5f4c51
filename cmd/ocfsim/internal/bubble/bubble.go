// Package bubble runs a function in virtual time: clocks stand still while
// anything is busy, and leap to the next timer when everything waits. What
// takes a Device minutes is over in milliseconds, and takes the same time on
// every machine.
package bubble

import (
	"fmt"
	"runtime/debug"
	"testing"
	"testing/synctest"
)

// Run calls f in a bubble of its own and returns what it returns. All that f
// starts has to end with it. A panic in f is an error that carries the stack;
// a bubble that can't go on, since everything in it waits for ever, ends the
// process. It may be called from several goroutines at once, but not from
// within a bubble (docs/adr/0041).
func Run(f func() error) error {
	err := fmt.Errorf("the bubble was left before its end")
	// synctest asks for a T to report failures to, and finds none in this one.
	var t testing.T
	synctest.Test(&t, func(*testing.T) {
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
			}
		}()
		err = f()
	})
	return err
}

// Settle waits, without time going by, until everything else in the bubble
// waits: what is on its way has arrived by then, in whatever order it was sent.
// It may be called in a bubble alone, by one goroutine at a time.
func Settle() { synctest.Wait() }
