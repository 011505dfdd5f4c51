//go:build !race

package explore

const spared = 0
