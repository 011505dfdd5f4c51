// Package sim is the reference OCF Device as a pure state machine. Apply takes
// an Event and appends the Effects it has; no goroutine, clock, socket,
// randomness outside the Device's own seed, or log is inside. The fleet does
// the I/O.
//
// With Config.Security a Device is secured: it has an owner or waits for one,
// Door says which sessions it takes, and access.go who may do what over them.
// Without, it grants everything to everyone.
package sim
