//go:build !race

package lab_test

// spared is how many Devices are left out today for each one that is tried with security:
// each is tried every third day. The exam tries all of them daily.
const spared = 2

// heldAtMost is how much memory the results of one Device and sixteen that nobody can reach
// may hold, in bytes: 30 % more than they did when this was written. With the whole
// report of the Device they held 1.1 MB.
const heldAtMost = 410_000
