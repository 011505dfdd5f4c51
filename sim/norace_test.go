//go:build !race

package sim_test

const rounds = 10
