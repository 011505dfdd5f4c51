package fleet

import "math"

// partBits says in how many parts an index is divided: 2^partBits.
const partBits = 8

// index finds what is remembered by its hash. It is divided in parts by the upper bits of the
// hash, each of which grows by itself: of an index with millions of entries, nobody has to
// wait until all have moved.
type index struct {
	parts *[1 << partBits]part // nil while there is nothing in it
	full  int                  // places of each part when there is all in it that there is to be; 0: nobody knows
}

// fullWith is the full of an index that is to have that many entries. A part has more than its
// share by five standard deviations at most, if hashes are random.
func fullWith(entries int) int {
	share := float64(entries) / (1 << partBits)
	return int((share+5*math.Sqrt(share))*8/7)/group*group + group
}

// part is a table with open addressing that is filled to seven eighths at most. A search begins at the first place of a group, which is what the processor fetches
// from memory at once.
type part struct {
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

// of returns the part for tag.
func (x *index) of(tag uint32) *part {
	if x.parts == nil {
		x.parts = new([1 << partBits]part)
	}
	return &x.parts[tag>>(32-partBits)]
}

// glance looks at the place at which a search for tag begins. What it returns says nothing.
func (x *index) glance(tag uint32) int {
	if x.parts == nil {
		return 0
	}
	p := &x.parts[tag>>(32-partBits)]
	if len(p.places) == 0 {
		return 0
	}
	return int(p.places[p.first(tag)].tag)
}

// add makes e known under a hash.
func (x *index) add(tag uint32, e exchange) { x.of(tag).add(tag, e, x.full) }

// remove makes e, which is known under that hash, unknown.
func (x *index) remove(tag uint32, e exchange) { x.of(tag).remove(tag, e) }

// first returns the place at which a search for tag begins. The search goes on with after
// until it meets an empty place.
func (p *part) first(tag uint32) int {
	if len(p.places) == 0 {
		p.places = make([]indexed, group)
	}
	return int(uint64(tag<<partBits)*uint64(len(p.places)/group)>>32) * group
}

// after returns the place that follows i.
func (p *part) after(i int) int {
	if i++; i < len(p.places) {
		return i
	}
	return 0
}

// beyond returns how many places i is after j.
func (p *part) beyond(i, j int) int {
	if i >= j {
		return i - j
	}
	return i - j + len(p.places)
}

func (p *part) add(tag uint32, e exchange, full int) {
	if 8*(p.used+1) > 7*len(p.places) {
		before := p.places
		p.places = make([]indexed, grown(len(before), full))
		for _, place := range before {
			if place.exchange != 0 {
				p.put(place)
			}
		}
	}
	p.used++
	p.put(indexed{tag, e})
}

// grown is how many places come after that many: a quarter more, or, up to those of a full
// part, twice as many, so that an entry moves once and not four times. Above half of a full
// part it is all of it at once.
func grown(places, full int) int {
	switch {
	case places >= full:
		return max(places+group, (places+places/4)/group*group)
	case 4*places < full:
		return max(2*places, group)
	}
	return full
}

func (p *part) put(place indexed) {
	i := p.first(place.tag)
	for p.places[i].exchange != 0 {
		i = p.after(i)
	}
	p.places[i] = place
}

// remove makes e, which is known under that hash, unknown. Whatever a search would not
// find any more, because its path now has a gap, moves into the gap.
func (p *part) remove(tag uint32, e exchange) {
	gap := p.first(tag)
	for p.places[gap].exchange != e {
		gap = p.after(gap)
	}
	for i := p.after(gap); p.places[i].exchange != 0; i = p.after(i) {
		if p.beyond(i, p.first(p.places[i].tag)) >= p.beyond(i, gap) {
			p.places[gap] = p.places[i]
			gap = i
		}
	}
	p.places[gap] = indexed{}
	p.used--
}
