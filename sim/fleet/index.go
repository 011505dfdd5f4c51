package fleet

// index finds remembered requests by their hash. It is a table with open addressing that
// is filled to seven eighths at most, and grows by a quarter. A search begins at the first
// place of a group, which is what the processor fetches from memory at once.
type index struct {
	places []indexed
	used   int
}

// indexed is a place of an index. It is empty if exchange is 0.
type indexed struct {
	tag      uint32 // the hash, by which a search begins
	exchange exchange
}

// group is how many places a group has: as many as fit into a line of the cache.
const group = 8

// first returns the place at which a search for tag begins. The search goes on with after
// until it meets an empty place.
func (x *index) first(tag uint32) int {
	if len(x.places) == 0 {
		x.places = make([]indexed, 64)
	}
	return int(uint64(tag)*uint64(len(x.places)/group)>>32) * group
}

// after returns the place that follows i.
func (x *index) after(i int) int {
	if i++; i < len(x.places) {
		return i
	}
	return 0
}

// beyond returns how many places i is after j.
func (x *index) beyond(i, j int) int {
	if i >= j {
		return i - j
	}
	return i - j + len(x.places)
}

// add makes e known under a hash.
func (x *index) add(tag uint32, e exchange) {
	if 8*(x.used+1) > 7*len(x.places) {
		before := x.places
		x.places = make([]indexed, max(64, (len(before)+len(before)/4)/group*group))
		for _, place := range before {
			if place.exchange != 0 {
				x.put(place)
			}
		}
	}
	x.used++
	x.put(indexed{tag, e})
}

func (x *index) put(place indexed) {
	i := x.first(place.tag)
	for x.places[i].exchange != 0 {
		i = x.after(i)
	}
	x.places[i] = place
}

// remove makes e, which is known under that hash, unknown. Whatever a search would not
// find any more, because its path now has a gap, moves into the gap.
func (x *index) remove(tag uint32, e exchange) {
	gap := x.first(tag)
	for x.places[gap].exchange != e {
		gap = x.after(gap)
	}
	for i := x.after(gap); x.places[i].exchange != 0; i = x.after(i) {
		if x.beyond(i, x.first(x.places[i].tag)) >= x.beyond(i, gap) {
			x.places[gap] = x.places[i]
			gap = i
		}
	}
	x.places[gap] = indexed{}
	x.used--
}
