package main

import "math"

// ruling is what the mutants that were tried say of all that could have been.
type ruling string

// The rulings. A run fails by tooFew alone.
const (
	enough    ruling = "enough"
	undecided ruling = "undecided" // under the threshold, which chance explains
	tooFew    ruling = "too few"
)

// rare is how often a share that just reaches the threshold may be ruled too
// small: once in twenty samples.
const rare = 0.05

// ruling compares s with the threshold, in percent.
func (s score) ruling(threshold float64) ruling {
	switch {
	case s.share() >= threshold:
		return enough
	case s.chance(threshold) >= rare:
		return undecided
	}
	return tooFew
}

// bound is the largest share, in percent, that still gives a sample as bad as s
// once in twenty times: the upper end of Clopper and Pearson's interval, one-sided
// at 95 %. It is 100 where none survived, or none was tried.
func (s score) bound() float64 {
	if s.killed == s.tried {
		return 100
	}
	low, high := s.share(), 100.0
	for range 40 { // halves: what is left is far below what is printed
		if middle := (low + high) / 2; s.chance(middle) >= rare {
			low = middle
		} else {
			high = middle
		}
	}
	return low
}

// chance is the probability that of so many mutants no more are killed than of
// s, if share, in percent and below 100, of all mutants would be.
func (s score) chance(share float64) float64 {
	n, p, sum := float64(s.tried), share/100, 0.0
	for i := range s.killed + 1 {
		k := float64(i)
		sum += math.Exp(logFactorial(n) - logFactorial(k) - logFactorial(n-k) + k*math.Log(p) + (n-k)*math.Log1p(-p))
	}
	return sum
}

func logFactorial(n float64) float64 {
	log, _ := math.Lgamma(n + 1)
	return log
}
