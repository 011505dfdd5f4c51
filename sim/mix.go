package sim

import (
	"fmt"
	"strconv"
	"strings"
)

// Share is a behaviour and its weight in a Mix.
type Share struct {
	Name   string
	Weight int // more than 0
}

// Mix distributes Devices over behaviours by weight.
type Mix []Share

// ParseMix reads "success=70,no-update=20,failure=10", or a single name.
func ParseMix(text string) (Mix, error) {
	var m Mix
	total := 0
	for part := range strings.SplitSeq(text, ",") {
		name, weight, weighed := strings.Cut(part, "=")
		share := Share{Name: strings.TrimSpace(name), Weight: 1}
		if share.Name == "" {
			return nil, fmt.Errorf("mix %q: a behaviour has no name", text)
		}
		if weighed {
			n, err := strconv.Atoi(strings.TrimSpace(weight))
			if err != nil || n < 1 || n > 1_000_000 {
				return nil, fmt.Errorf("mix %q: weight of %s: expected a number from 1 to 1000000, got %q", text, share.Name, weight)
			}
			share.Weight = n
		}
		for _, other := range m {
			if other.Name == share.Name {
				return nil, fmt.Errorf("mix %q: %s stands twice", text, share.Name)
			}
		}
		total += share.Weight
		m = append(m, share)
	}
	if len(m) > 1 && !strings.Contains(text, "=") {
		return nil, fmt.Errorf("mix %q: no weights, expected NAME=WEIGHT,NAME=WEIGHT", text)
	}
	return m, nil
}

// Choose returns the behaviour of Device number i of a fleet with this seed, as an
// index into m. The same seed makes the same choice on every run.
func (m Mix) Choose(seed, i uint64) int {
	total := 0
	for _, s := range m {
		total += s.Weight
	}
	x := seed + (i+1)*0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	at := int((x ^ x>>31) % uint64(total))
	for k, s := range m {
		if at -= s.Weight; at < 0 {
			return k
		}
	}
	return 0
}
