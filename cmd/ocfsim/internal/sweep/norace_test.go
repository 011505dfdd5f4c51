//go:build !race

package sweep_test

const spared = 0
