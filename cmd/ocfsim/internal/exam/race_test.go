//go:build race

package exam_test

// spared is how many candidates are left out for each one that is tried: the race
// detector makes everything several times slower.
const spared = 15
