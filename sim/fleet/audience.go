package fleet

import (
	"hash/maphash"
	"iter"
)

const (
	// defaultObservers is how many observations there may be if Config does not say it,
	// besides one for each Device, of defaultObserved Devices at most.
	defaultObservers = 1 << 17
	defaultObserved  = 1 << 20
	// observersAPage is how many observations one piece of memory holds.
	observersAPage = 1 << 8
)

// MaxObservers is how many observations Config.Observers may allow.
const MaxObservers = 1 << 28

// ObserverMemory is what an observation takes, in bytes, if each is of an address of its own.
const ObserverMemory = 128

// audience is the observations of all Devices. It holds no pointers to single ones, so that
// a collector has little to look at, however many there are.
type audience struct {
	limit   int
	count   int
	pages   []*[observersAPage]observer
	made    observation // the last number that was ever given out
	free    observation // the first free place
	firsts  firsts      // of each Device that is observed: the one that began first
	lines   index       // of all, by Device and line
	seed    maphash.Seed
	holders holders
	terms   termTable
	hand    observation // where the search for one that may give way goes on

	unconfirmed map[observation]*confirmation
}

func newAudience(limit int) audience {
	return audience{limit: limit, seed: maphash.MakeSeed()}
}

// observation is the number of an observation. 0 stands for none.
type observation uint32

// at returns the observation with that number. It stays where it is until it ends.
func (a *audience) at(n observation) *observer {
	return &a.pages[n/observersAPage][n%observersAPage]
}

// add puts an observation at the end of those of its Device.
func (a *audience) add(o observer, at line, t terms) *observer {
	n := a.place()
	o.number, o.terms, o.holder, o.port = n, a.terms.share(t), a.holders.meet(a.seed, at.peer), at.peer.Port()
	if first := a.first(o.device); first == 0 {
		a.firsts.set(o.device, n)
		o.before, o.after = n, n
	} else {
		head := a.at(first)
		o.before, o.after = head.before, first
		a.at(head.before).after = n
		head.before = n
	}
	place := a.at(n)
	*place = o
	a.lines.add(a.tag(o.device, o.holder, o.port, t.session), exchange(n))
	a.count++
	return place
}

// place returns a free place.
func (a *audience) place() observation {
	if n := a.free; n != 0 {
		a.free = a.at(n).after
		return n
	}
	a.made++ // 0 is none
	if int(a.made/observersAPage) == len(a.pages) {
		a.pages = append(a.pages, new([observersAPage]observer))
	}
	return a.made
}

// remove ends an observation, and reports whether it was the last of its Device.
func (a *audience) remove(o *observer) (last bool) {
	n := o.number
	a.lines.remove(a.tag(o.device, o.holder, o.port, a.terms.of(o.terms).session), exchange(n))
	if last = o.after == n; last {
		a.firsts.set(o.device, 0)
	} else {
		a.at(o.before).after, a.at(o.after).before = o.after, o.before
		if a.first(o.device) == n {
			a.firsts.set(o.device, o.after)
		}
	}
	a.holders.leave(a.seed, o.holder)
	a.terms.release(o.terms)
	*o = observer{after: a.free}
	a.free = n
	if a.count--; a.count == 0 { // the memory is given back
		*a = newAudience(a.limit)
	}
	return last
}

// of returns the observations of a Device, in the order in which they began. The one that
// is being looked at may end meanwhile, but no other one.
func (a *audience) of(device int32) iter.Seq[*observer] {
	return func(yield func(*observer) bool) {
		n := a.first(device)
		if n == 0 {
			return
		}
		for last := a.at(n).before; ; {
			o, isLast := a.at(n), n == last
			n = o.after
			if !yield(o) || isLast {
				return
			}
		}
	}
}

// first returns the observation of a Device that began first; 0 if there is none.
func (a *audience) first(device int32) observation {
	if page := int(device) / firstsAPage; page < len(a.firsts) && a.firsts[page] != nil {
		return a.firsts[page][device%firstsAPage]
	}
	return 0
}

// firstsAPage is how many neighbours have their firsts in one piece of memory.
const firstsAPage = 256

// firsts has the first observation of each Device, in pages of neighbours that are made when one
// of them is observed.
type firsts []*[firstsAPage]observation

func (f *firsts) set(device int32, n observation) {
	page := int(device) / firstsAPage
	if page >= len(*f) {
		*f = append(*f, make(firsts, page+1-len(*f))...)
	}
	if (*f)[page] == nil {
		(*f)[page] = new([firstsAPage]observation)
	}
	(*f)[page][device%firstsAPage] = n
}

// on returns the observations of a Device by the Client on a line. None of them may end
// meanwhile.
func (a *audience) on(device int32, l line) iter.Seq[*observer] {
	return func(yield func(*observer) bool) {
		holder := a.holders.find(a.seed, l.peer)
		if holder == 0 || a.count == 0 {
			return
		}
		tag := a.tag(device, holder, l.peer.Port(), l.session)
		part := a.lines.of(tag)
		for i := part.first(tag); part.places[i].exchange != 0; i = part.after(i) {
			if part.places[i].tag != tag {
				continue
			}
			o := a.at(observation(part.places[i].exchange))
			if o.device == device && o.holder == holder && o.port == l.peer.Port() && a.terms.of(o.terms).on(l) && !yield(o) {
				return
			}
		}
	}
}

// tag is the hash by which lines knows the observations of a Device by one Client.
func (a *audience) tag(device int32, holder uint32, port uint16, s *session) uint32 {
	return uint32(maphash.Comparable(a.seed, [4]uint32{uint32(device), holder, uint32(port), s.id()}))
}
