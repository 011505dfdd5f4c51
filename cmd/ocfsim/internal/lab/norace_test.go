//go:build !race

package lab_test

const spared = 0
