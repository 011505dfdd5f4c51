package fleet

import "encoding/binary"

// askerSize is what an asker costs, in bytes.
const askerSize = 96

// askerKey says who sends requests: an address, whatever its port, or a session.
type askerKey struct {
	peer [16]byte
	via  uint32
}

// asker returns who sent the request.
func (k *exchangeKey) asker() askerKey {
	if k.via != 0 {
		return askerKey{via: k.via}
	}
	return askerKey{peer: k.peer}
}

// asker is somebody of whom requests are remembered.
type asker struct {
	key            askerKey
	oldest, newest exchange
	requests       uint32
	rank           uint32 // place in askers.order
}

// askers are all of them. order is a binary heap, the one with most requests first.
type askers struct {
	list    []asker // by number; 0 is nobody
	free    []uint32
	numbers map[askerKey]uint32
	order   []uint32
	turn    int
	near    [1 << nearBits]uint32 // by place: one that was looked for lately, for which the map need not be asked
}

// nearBits says how many places askers.near has: 2^nearBits.
const nearBits = 10

// place is where askers.near has the asker, if at all.
func (k *askerKey) place() uint32 {
	low := binary.BigEndian.Uint32(k.peer[12:]) ^ binary.BigEndian.Uint32(k.peer[4:]) ^ k.via
	return low * 0x9e3779b1 >> (32 - nearBits)
}

func (as *askers) bytes() int { return len(as.order) * askerSize }

// of returns the asker with that number. It is valid until the next call of meet.
func (as *askers) of(n uint32) *asker { return &as.list[n] }

// find returns the number of an asker, or 0 if none of its requests is remembered.
func (as *askers) find(key askerKey) uint32 {
	near := &as.near[key.place()]
	if *near == 0 || as.list[*near].key != key {
		*near = as.numbers[key]
	}
	return *near
}

// meet returns the number of an asker, and gives it one if it has none.
func (as *askers) meet(key askerKey) uint32 {
	if n := as.find(key); n != 0 {
		return n
	}
	if as.numbers == nil {
		as.numbers, as.list = make(map[askerKey]uint32), make([]asker, 1)
	}
	n := uint32(len(as.list))
	if last := len(as.free) - 1; last >= 0 {
		n, as.free = as.free[last], as.free[:last]
	} else {
		as.list = append(as.list, asker{})
	}
	as.list[n] = asker{key: key, rank: uint32(len(as.order))}
	as.order = append(as.order, n)
	as.numbers[key], as.near[key.place()] = n, n
	return n
}

// count adds change, which is 1 or -1, to the number of requests of an asker. An asker
// without requests is forgotten.
func (as *askers) count(n uint32, change int) {
	a := &as.list[n]
	a.requests = uint32(int(a.requests) + change)
	if change > 0 {
		as.rise(int(a.rank))
		return
	}
	as.sink(int(a.rank))
	if a.requests > 0 {
		return
	}
	last := len(as.order) - 1
	rank := int(a.rank)
	as.swap(rank, last)
	as.order = as.order[:last]
	if rank < last {
		as.rise(rank)
	}
	delete(as.numbers, a.key)
	if near := &as.near[a.key.place()]; *near == n {
		*near = 0
	}
	*a = asker{}
	as.free = append(as.free, n)
}

// greediest returns the asker with most requests.
func (as *askers) greediest() uint32 { return as.order[0] }

// another returns one asker after another, and now and then none, which is 0.
func (as *askers) another() uint32 {
	if as.turn++; as.turn >= len(as.order) {
		as.turn = -1
		return 0
	}
	return as.order[as.turn]
}

func (as *askers) more(i, j int) bool {
	return as.list[as.order[i]].requests > as.list[as.order[j]].requests
}

func (as *askers) swap(i, j int) {
	as.order[i], as.order[j] = as.order[j], as.order[i]
	as.list[as.order[i]].rank, as.list[as.order[j]].rank = uint32(i), uint32(j)
}

func (as *askers) rise(i int) {
	for i > 0 && as.more(i, (i-1)/2) {
		as.swap(i, (i-1)/2)
		i = (i - 1) / 2
	}
}

func (as *askers) sink(i int) {
	for {
		most := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(as.order); child++ {
			if as.more(child, most) {
				most = child
			}
		}
		if most == i {
			return
		}
		as.swap(i, most)
		i = most
	}
}
