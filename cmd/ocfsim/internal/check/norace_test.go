//go:build !race

package check_test

const spared = 0
