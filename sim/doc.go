// Package sim is the reference OCF Device as a pure state machine. Apply takes
// an Event and appends the Effects it has; no goroutine, clock, socket,
// randomness outside the Device's own seed, or log is inside. The fleet does
// the I/O.
package sim
