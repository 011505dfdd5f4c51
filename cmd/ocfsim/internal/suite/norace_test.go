//go:build !race

package suite_test

const spared = 0
