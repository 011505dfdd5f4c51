package lookout

import (
	"cmp"
	"slices"
)

// ranked is how many Devices a ranking names.
const ranked = 10

// Rank is a Device, and the value by which it is one of the worst.
type Rank struct {
	Device int
	Value  int64
}

// ranking is the Devices with the largest values, the largest first. A Device is in it
// once, with the largest value that it has had.
type ranking []Rank

// add takes a value of a Device.
func (r *ranking) add(device int, value int64) {
	list := *r
	if len(list) == ranked && value <= list[ranked-1].Value {
		return
	}
	i := slices.IndexFunc(list, func(x Rank) bool { return x.Device == device })
	switch {
	case i >= 0:
		list[i].Value = max(list[i].Value, value)
	case len(list) < ranked:
		list = append(list, Rank{device, value})
	default:
		list[ranked-1] = Rank{device, value}
	}
	slices.SortStableFunc(list, func(a, b Rank) int { return cmp.Compare(b.Value, a.Value) })
	*r = list
}
