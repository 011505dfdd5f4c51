package lookout

import (
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
)

// The durations of updates that are told apart: from a microsecond to a week, to three
// digits.
const (
	shortest = time.Microsecond
	longest  = 7 * 24 * time.Hour
	digits   = 3
)

// Sink takes each Happening that it wants. It is called while the fleet and the Board are
// locked: it must not wait, and must not keep the Happening.
type Sink interface {
	Takes() KindSet
	Take(h *Happening)
}

// Counts is what a fleet has done since it began.
type Counts struct {
	States   [stateCount]int // Devices at present
	Owned    int             // Devices at present
	Began    [processCount]uint64
	Ended    [processCount][resultCount]uint64
	Accepted uint64 // writes
	Refused  uint64 // writes
	Restarts uint64 // Devices that went down
	Gained   uint64 // owners
	Lost     uint64 // owners
}

// Board keeps the counts of a fleet. A Device that has never been anything but the first
// one was at its start takes a bit; any other takes a cell.
type Board struct {
	wants fleet.Wanted
	sinks []Sink

	mu      sync.Mutex
	told    []uint64 // a bit for each Device that has been told of
	begun   bool
	first   sim.Standing // where the first Device stood at its start
	pages   []*page
	counts  Counts
	took    *hdrhistogram.Histogram // of updates that succeeded, in microseconds
	slowest ranking
	refused ranking

	now   Happening // what the sinks are told now, and what it points at
	asked fleet.Asked
	sight fleet.Sight
}

// pageCells is how many Devices share a page.
const pageCells = 128

// page holds the cells of neighbours. A page is made when one of them needs it.
type page [pageCells]cell

// cell is what the Board keeps of a Device.
type cell struct {
	is      sim.Standing
	began   time.Duration // when the process began that runs
	refused uint32        // writes
	last    Result        // of the process that ended last
}

// NewBoard makes the Board of a fleet of so many Devices, which it tells to sinks.
func NewBoard(devices int, sinks ...Sink) *Board {
	b := &Board{
		sinks: sinks, told: make([]uint64, (devices+63)/64), pages: make([]*page, (devices+pageCells-1)/pageCells),
		took: hdrhistogram.New(int64(shortest/time.Microsecond), int64(longest/time.Microsecond), digits),
	}
	for _, s := range sinks {
		b.wants |= s.Takes().wants()
	}
	return b
}

// Wants is what the sinks need to be told.
func (b *Board) Wants() fleet.Wanted { return b.wants }

// Stands takes where a Device stands, and tells what became of it since it was told last.
func (b *Board) Stands(device int, at time.Duration, is sim.Standing) {
	b.mu.Lock()
	defer b.mu.Unlock()
	word, bit := device/64, uint64(1)<<(device%64)
	if b.told[word]&bit == 0 {
		b.told[word] |= bit
		b.starts(device, at, is)
		return
	}
	if was := b.at(device).is; was != is {
		b.turns(device, at, was, is)
	}
}

// starts takes where a Device stands at its start. A process that it brings along begins
// then.
func (b *Board) starts(device int, at time.Duration, is sim.Standing) {
	if !b.begun {
		b.begun, b.first = true, is
		b.first.Running, b.first.Waiting = 0, 0
	}
	b.counts.States[stateOf(&is)]++
	if is.Owned {
		b.counts.Owned++
	}
	if is != b.first {
		b.cell(device).is = is
	}
	for p := range processCount {
		if is.Running.Has(p.bit()) {
			b.begins(device, at, p, is)
		}
	}
}

// turns takes how a Device has changed.
func (b *Board) turns(device int, at time.Duration, was, is sim.Standing) {
	c := b.cell(device)
	c.is = is
	b.counts.States[stateOf(&was)]--
	b.counts.States[stateOf(&is)]++
	if is.Down && !was.Down {
		b.counts.Restarts++
		b.tell(Happening{Kind: WentDown, Device: device, At: at, Is: is})
	}
	if was.Down && !is.Down {
		b.tell(Happening{Kind: CameUp, Device: device, At: at, Is: is})
	}
	if was.TM != is.TM || was.CM != is.CM || was.DOS != is.DOS {
		b.tell(Happening{Kind: StateChanged, Device: device, At: at, Is: is})
	}
	for p := range processCount {
		pended, pends := (was.Running | was.Waiting).Has(p.bit()), (is.Running | is.Waiting).Has(p.bit())
		if pended && !pends {
			b.ends(device, at, p, was, is)
		}
	}
	for p := range processCount {
		if is.Running.Has(p.bit()) && !was.Running.Has(p.bit()) {
			b.begins(device, at, p, is)
		}
	}
	b.owns(device, at, was, is)
}

// begins takes the beginning of a process.
func (b *Board) begins(device int, at time.Duration, p Process, is sim.Standing) {
	b.cell(device).began = at
	b.counts.Began[p]++
	b.tell(Happening{Kind: ProcessBegan, Device: device, At: at, Process: p, Is: is})
}

// ends takes the end of a process that ran or waited.
func (b *Board) ends(device int, at time.Duration, p Process, was, is sim.Standing) {
	c := b.cell(device)
	h := Happening{Kind: ProcessEnded, Device: device, At: at, Process: p, Result: resultOf(p, &was, &is), Is: is}
	if was.Running.Has(p.bit()) {
		h.Took = at - c.began
	}
	h.Why = h.reason()
	c.last = h.Result
	b.counts.Ended[p][h.Result]++
	if h.Result == Updated {
		_ = b.took.RecordValue(int64(min(max(h.Took, shortest), longest) / time.Microsecond)) // it is within the bounds
		b.slowest.add(device, int64(h.Took))
	}
	b.tell(h)
}

// resultOf is how a process ended that is over now. One that was aborted has used up a
// number of questions, and one that began in its place another.
func resultOf(p Process, was, is *sim.Standing) Result {
	used := is.Asked - was.Asked
	if is.Running != 0 && is.Running != was.Running && used > 0 {
		used--
	}
	done := is.CM.Has(p.bit())
	switch {
	case used > 0:
		return Aborted
	case p == Update && done:
		return Updated
	case p == Update:
		return NotUpdated
	case done:
		return Available
	}
	return NoneNewer
}

// owns takes whether the Device has an owner.
func (b *Board) owns(device int, at time.Duration, was, is sim.Standing) {
	switch {
	case is.Owned && !was.Owned:
		b.counts.Owned++
		b.counts.Gained++
		b.tell(Happening{Kind: OwnerGained, Device: device, At: at, Is: is})
	case was.Owned && !is.Owned:
		b.counts.Owned--
		b.counts.Lost++
		b.tell(Happening{Kind: OwnerLost, Device: device, At: at, Is: is})
	}
}

// Asked takes what became of a request. A block that is not the last of its payload is a
// request, and no write.
func (b *Board) Asked(a fleet.Asked) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked = a
	b.tell(Happening{Kind: Requested, Device: a.Device, At: a.At, Asked: &b.asked})
	const goOn = 0x5f // 2.31 Continue
	switch {
	case !a.Writes() || a.Code == goOn:
	case a.Accepted():
		b.counts.Accepted++
		b.tell(Happening{Kind: WriteAccepted, Device: a.Device, At: a.At, Asked: &b.asked})
	default:
		b.counts.Refused++
		c := b.cell(a.Device)
		c.refused++
		b.refused.add(a.Device, int64(c.refused))
		b.tell(Happening{Kind: WriteRefused, Device: a.Device, At: a.At, Asked: &b.asked, Why: a.Why})
	}
}

// Session takes what became of a session.
func (b *Board) Session(at time.Duration, s fleet.Sight) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sight = s
	kind := SessionOpened
	switch s.Kind {
	case fleet.Refused:
		kind = SessionRefused
	case fleet.Ended:
		kind = SessionEnded
	}
	b.tell(Happening{Kind: kind, Device: s.Device, At: at, Sight: &b.sight, Why: s.Text})
}

// tell passes a Happening to the sinks that take its kind. They share one place in memory,
// so that telling allocates nothing.
func (b *Board) tell(h Happening) {
	for _, s := range b.sinks {
		if s.Takes().Has(h.Kind) {
			b.now = h
			s.Take(&b.now)
		}
	}
}

// at is the cell of a Device, or what it would be.
func (b *Board) at(device int) cell {
	if p := b.pages[device/pageCells]; p != nil {
		return p[device%pageCells]
	}
	return cell{is: b.first}
}

// cell is the cell of a Device. It makes the page that the cell is on, where there is
// none yet.
func (b *Board) cell(device int) *cell {
	p := b.pages[device/pageCells]
	if p == nil {
		p = new(page)
		for i := range p {
			p[i].is = b.first
		}
		b.pages[device/pageCells] = p
	}
	return &p[device%pageCells]
}

// Counts returns the counts at this moment.
func (b *Board) Counts() Counts {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.counts
}
