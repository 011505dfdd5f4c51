// Package impair says what a bad network does to datagrams: it loses, delays, doubles,
// reorders and corrupts them. Package memnet does so between all its ends; a Conn does it
// in front of a fleet, on sockets as in memory.
package impair

import (
	"math"
	"time"
)

// reorderDelay is how long a reordered datagram is held back if the network has no
// delay of its own.
const reorderDelay = time.Millisecond

// Impairment says what happens to each datagram, in either direction. The zero value
// delivers everything at once, exactly once, and in order.
type Impairment struct {
	Loss      float64 // probability, 0 to 1
	Duplicate float64 // probability that a second copy arrives, with its own delay
	Reorder   float64 // probability of an extra delay of 2*(Delay+Jitter)
	Corrupt   float64 // probability that a copy arrives with one bit changed
	Delay     time.Duration
	Jitter    time.Duration // added to Delay, evenly distributed between 0 and Jitter
}

// Both is the impairment of a path through i and then through j.
func (i Impairment) Both(j Impairment) Impairment {
	either := func(a, b float64) float64 { return 1 - (1-a)*(1-b) }
	return Impairment{
		Loss: either(i.Loss, j.Loss), Duplicate: either(i.Duplicate, j.Duplicate),
		Reorder: either(i.Reorder, j.Reorder), Corrupt: either(i.Corrupt, j.Corrupt),
		Delay: i.Delay + j.Delay, Jitter: i.Jitter + j.Jitter,
	}
}

// Fate is what becomes of one datagram: the first N of Copies arrive. The zero value is
// lost.
type Fate struct {
	N      int
	Copies [2]Copy
}

// Copy is how a datagram arrives. The zero value is at once and unchanged.
type Copy struct {
	Delay     time.Duration
	Reordered bool // Delay is longer than that of others, so that they overtake it
	// Flip says which bit is changed, counted from 1 and around the datagram if that is
	// shorter; 0 for none.
	Flip uint32
}

// Intact is the fate of a datagram that arrives at once and exactly once.
func Intact() Fate { return Fate{N: 1} }

// Lost reports whether nothing arrives.
func (f *Fate) Lost() bool { return f.N == 0 }

// IsIntact reports whether the datagram arrives at once, exactly once and unchanged.
func (f *Fate) IsIntact() bool { return f.N == 1 && f.Copies[0] == Copy{} }

// Rand is where accidents come from. *rand.Rand of math/rand/v2 is one.
type Rand interface {
	Float64() float64
	Int64N(n int64) int64
}

// Fate draws what becomes of one datagram.
func (i Impairment) Fate(r Rand) Fate {
	if chance(r, i.Loss) {
		return Fate{}
	}
	f := Fate{N: 1}
	f.Copies[0] = i.copy(r)
	if chance(r, i.Duplicate) {
		f.N, f.Copies[1] = 2, i.copy(r)
	}
	return f
}

// copy draws how one copy arrives.
func (i Impairment) copy(r Rand) Copy {
	c := Copy{Delay: i.Delay}
	if i.Jitter > 0 {
		c.Delay += time.Duration(r.Int64N(int64(i.Jitter) + 1))
	}
	if chance(r, i.Reorder) {
		c.Reordered = true
		c.Delay += max(2*(i.Delay+i.Jitter), reorderDelay)
	}
	if chance(r, i.Corrupt) {
		c.Flip = 1 + uint32(r.Int64N(math.MaxUint16))
	}
	return c
}

func chance(r Rand, p float64) bool { return p > 0 && r.Float64() < p }

// Apply changes data, which arrives, as the copy says.
func (c Copy) Apply(data []byte) {
	if c.Flip == 0 || len(data) == 0 {
		return
	}
	bit := int(c.Flip-1) % (8 * len(data))
	data[bit/8] ^= 0x80 >> (bit % 8)
}
