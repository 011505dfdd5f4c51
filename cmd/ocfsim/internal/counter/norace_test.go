//go:build !race

package counter_test

const spared = 0
