package source

import (
	"slices"

	"github.com/ocfsim/ocfsim/ocf"
)

// sheet is what a source keeps about one Device. It is small, since a source may have
// millions of them.
type sheet struct {
	checks, fetches, served, holding int32
	failed                           [Fetch + 1]uint8 // what Flapping and Appears have kept back since the offer, by Kind
	offer                            *Offer           // nil: what everybody is offered
}

// counts are what the sheet counts.
func (s *sheet) counts() Counts {
	return Counts{Checks: int(s.checks), Fetches: int(s.fetches), Served: int(s.served), Holding: int(s.holding)}
}

// sheets are those of all Devices. A Device whose name is a uuid, as it mostly is, costs
// no string.
type sheets struct {
	pages  [][]sheet // by number, sheetsAPage on each
	count  uint32
	uuids  map[ocf.UUID]uint32 // numbers
	others map[string]uint32   // numbers
	recent [4]*Offer           // offers that were set last, since many Devices have the same
	last   string              // the Device whose sheet was looked for last, which is often the next one too
	found  *sheet              // that sheet; nil if there is none
}

const sheetsAPage = 256

// find returns a Device's sheet, or nil if it has none.
func (ss *sheets) find(device string) *sheet {
	if ss.last == "" || ss.last != device {
		ss.last, ss.found = device, ss.look(device)
	}
	return ss.found
}

func (ss *sheets) look(device string) *sheet {
	var n uint32
	var ok bool
	if id, is := uuidOf(device); is {
		n, ok = ss.uuids[id]
	} else {
		n, ok = ss.others[device]
	}
	if !ok {
		return nil
	}
	return &ss.pages[n/sheetsAPage][n%sheetsAPage]
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
	if id, is := uuidOf(device); is {
		if ss.uuids == nil {
			ss.uuids = map[ocf.UUID]uint32{}
		}
		ss.uuids[id] = n
	} else {
		if ss.others == nil {
			ss.others = map[string]uint32{}
		}
		ss.others[device] = n
	}
	ss.last, ss.found = device, &ss.pages[n/sheetsAPage][n%sheetsAPage]
	return ss.found
}

// renew has every Device take the common offer, and begins Flapping and Appears again.
func (ss *sheets) renew() {
	for _, page := range ss.pages {
		for i := range page {
			page[i].offer, page[i].failed = nil, [Fetch + 1]uint8{}
		}
	}
}

// shared returns an offer that equals o, and that Devices with the same offer share.
func (ss *sheets) shared(o Offer) *Offer {
	if i := slices.IndexFunc(ss.recent[:], func(r *Offer) bool { return r != nil && *r == o }); i >= 0 {
		return ss.recent[i]
	}
	copy(ss.recent[1:], ss.recent[:])
	ss.recent[0] = &o
	return &o
}

// uuidOf reads a uuid in the one form that String writes; of any other ok is false.
func uuidOf(device string) (id ocf.UUID, ok bool) {
	if len(device) != 36 || device[8] != '-' || device[13] != '-' || device[18] != '-' || device[23] != '-' {
		return id, false
	}
	for i, at := range [len(id)]uint8{0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34} {
		high, low := digit(device[at]), digit(device[at+1])
		if high|low > 15 {
			return id, false
		}
		id[i] = high<<4 | low
	}
	return id, true
}

// digit is the value of a hexadecimal digit in lower case, and 16 of anything else.
func digit(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	}
	return 16
}
