package source

import (
	"hash/maphash"
	"math/bits"

	"github.com/ocfsim/ocfsim/ocf"
)

// sheet is what a source keeps about one Device. It is small and has no pointers, since a
// source may have millions of them.
type sheet struct {
	device                           ocf.UUID // unless it is nameless
	checks, fetches, served, holding int32
	answered                         int32            // checks and fetches that did not fail
	offer                            uint32           // number of the Device's own offer; 0: what everybody is offered
	failed                           [Fetch + 1]uint8 // what Flapping and Appears have kept back since the offer, by Kind
	nameless                         bool             // the Device's name is no uuid
}

// counts are what the sheet counts.
func (s *sheet) counts() Counts {
	return Counts{
		Checks: int(s.checks), Fetches: int(s.fetches), Served: int(s.served), Holding: int(s.holding),
		Unanswered: int(s.checks + s.fetches - s.answered),
	}
}

// sheets are those of all Devices. A Device whose name is a uuid, as it mostly is, costs
// no string: a table finds its sheet, which has the uuid. It has open addressing, is filled to
// three quarters at most, and grows by a half, or while it is small to twice as many. A place has the sheet's number and, in the bits
// that are left, a part of the uuid's hash, so that the sheets of others are seldom looked at.
type sheets struct {
	pages  [][]sheet // by number, sheetsAPage on each
	count  uint32
	table  []uint32 // numbers and 1, and above them a part of the hash; 0 is an empty place
	mask   uint32   // of the bits that numbers and 1 have
	uuids  int      // how many are in the table
	seed   maphash.Seed
	others map[string]uint32 // numbers of those whose name is no uuid
	offers []Offer           // by number; the first one is nobody's
	known  map[Offer]uint32  // numbers, since many Devices have the same
	last   string            // the Device whose sheet was looked for last, which is often the next one too
	found  *sheet            // that sheet; nil if there is none
	gap    gap               // if there is none, and the name is a uuid: where it belongs
}

// gap is a place of the table where a uuid belongs, and the part of its hash that is to stand
// there.
type gap struct {
	id   ocf.UUID
	is   bool // there is a uuid
	at   int  // unless the table is empty
	part uint32
}

// sheetsAPage is as many as fill 4 KiB: memory comes in certain sizes, and what a page does not
// need of its size is lost for each page of a million Devices.
const sheetsAPage = 93

// smallTable is how many places the table of sheets has at most when it doubles.
const smallTable = 1 << 20

func newSheets() sheets { return sheets{seed: maphash.MakeSeed()} }

func (ss *sheets) at(n uint32) *sheet { return &ss.pages[n/sheetsAPage][n%sheetsAPage] }

// find returns a Device's sheet, or nil if it has none.
func (ss *sheets) find(device string) *sheet {
	if ss.last == "" || ss.last != device {
		ss.last, ss.found = device, ss.look(device)
	}
	return ss.found
}

func (ss *sheets) look(device string) *sheet {
	ss.gap = gap{}
	if ss.gap.id, ss.gap.is = uuidOf(device); ss.gap.is {
		return ss.ofUUID(ss.gap.id)
	}
	if n, ok := ss.others[device]; ok {
		return ss.at(n)
	}
	return nil
}

// ofUUID returns the sheet of the Device with a uuid, or nil if it has none.
func (ss *sheets) ofUUID(id ocf.UUID) *sheet {
	if len(ss.table) == 0 {
		return nil
	}
	ss.gap.at, ss.gap.part = ss.place(id)
	if n := ss.table[ss.gap.at]; n != 0 {
		return ss.at(n&ss.mask - 1)
	}
	return nil
}

// place returns the place in the table where a uuid is, or where it belongs, and the part of
// its hash that stands there.
func (ss *sheets) place(id ocf.UUID) (i int, part uint32) {
	hash := maphash.Bytes(ss.seed, id[:])
	i, part = int(hash>>32*uint64(len(ss.table))>>32), uint32(hash)&^ss.mask
	for ; ss.table[i] != 0; i++ {
		if n := ss.table[i]; n&^ss.mask == part && ss.at(n&ss.mask-1).device == id {
			break
		}
		if i == len(ss.table)-1 {
			i = -1
		}
	}
	return i, part
}

// of returns a Device's sheet, and makes it if there is none.
func (ss *sheets) of(device string) *sheet {
	if s := ss.find(device); s != nil {
		return s
	}
	n := ss.count
	ss.count++
	if n%sheetsAPage == 0 {
		ss.pages = append(ss.pages, make([]sheet, sheetsAPage))
	}
	if ss.gap.is {
		ss.at(n).device = ss.gap.id
		ss.enter(n)
	} else {
		if ss.others == nil {
			ss.others = map[string]uint32{}
		}
		ss.others[device], ss.at(n).nameless = n, true
	}
	ss.last, ss.found = device, ss.at(n)
	return ss.found
}

// enter puts the sheet with that number, which is the last one, into the table, where its uuid
// was looked for.
func (ss *sheets) enter(n uint32) {
	if ss.uuids++; 4*ss.uuids <= 3*len(ss.table) && n < ss.mask {
		ss.table[ss.gap.at] = ss.gap.part | (n + 1)
		return
	}
	places := len(ss.table)
	if 4*ss.uuids > 3*places {
		if places *= 2; places > smallTable {
			places = places / 4 * 3
		}
		places = max(64, places)
	}
	ss.table, ss.mask = make([]uint32, places), 1<<bits.Len(uint(max(places, int(n)+1)))-1
	for k := range ss.count {
		if !ss.at(k).nameless {
			ss.put(k)
		}
	}
}

// put puts a sheet into the table, which has room for it.
func (ss *sheets) put(n uint32) {
	i, part := ss.place(ss.at(n).device)
	ss.table[i] = part | (n + 1)
}

// renew has every Device take the common offer, and begins Flapping and Appears again.
func (ss *sheets) renew() {
	for _, page := range ss.pages {
		for i := range page {
			page[i].offer, page[i].failed = 0, [Fetch + 1]uint8{}
		}
	}
	ss.offers, ss.known = nil, nil
}

// number returns the number of an offer.
func (ss *sheets) number(o Offer) uint32 {
	if n, ok := ss.known[o]; ok {
		return n
	}
	if ss.known == nil {
		ss.known, ss.offers = map[Offer]uint32{}, make([]Offer, 1)
	}
	n := uint32(len(ss.offers))
	ss.offers, ss.known[o] = append(ss.offers, o), n
	return n
}

// uuidOf reads a uuid in the one form that String writes; of any other ok is false.
func uuidOf(device string) (id ocf.UUID, ok bool) {
	if len(device) != 36 || device[8] != '-' || device[13] != '-' || device[18] != '-' || device[23] != '-' {
		return id, false
	}
	wrong := byte(0)
	for i, at := range [len(id)]uint8{0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34} {
		high, low := digits[device[at]], digits[device[at+1]]
		wrong |= high | low
		id[i] = high<<4 | low&15
	}
	return id, wrong < 16
}

// digits has the value of each hexadecimal digit in lower case, and 16 for anything else.
const digits = "" +
	none + none + none +
	"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x10\x10\x10\x10\x10\x10" +
	none + none +
	"\x10\x0a\x0b\x0c\x0d\x0e\x0f\x10\x10\x10\x10\x10\x10\x10\x10\x10" +
	none +
	none + none + none + none + none + none + none + none

// none is for sixteen characters that are no digits.
const none = "\x10\x10\x10\x10\x10\x10\x10\x10\x10\x10\x10\x10\x10\x10\x10\x10"
