package lookout

import (
	"sync"
	"time"

	"github.com/ocfsim/ocfsim/sim"
)

// historyEntries bounds the entries that a History keeps of all Devices together.
const historyEntries = 1 << 20

// MostHistory is how many entries a History may keep of one Device.
const MostHistory = 1000

// History keeps the last things that happened to each Device. There is a bound on all
// together: beyond it, the Device to which something happened first is forgotten.
type History struct {
	each    int // entries of a Device
	devices int // Devices at most

	mu        sync.Mutex
	of        map[int]*trail
	order     []int // the Devices in of, the first first
	forgotten uint64
}

// trail is the last entries of a Device: a ring.
type trail struct {
	entries []entry
	next    int
}

// entry is one thing that happened to a Device.
type entry struct {
	kind    Kind
	process Process
	result  Result
	at      time.Duration
	took    time.Duration
	why     string
	is      sim.Standing
}

// NewHistory makes a History of so many entries of each Device, between 1 and
// MostHistory.
func NewHistory(each int) *History {
	return &History{each: each, devices: historyEntries / each, of: make(map[int]*trail)}
}

// Takes is all that changes a Device, and what it refuses.
func (h *History) Takes() KindSet {
	return 1<<ProcessBegan | 1<<ProcessEnded | 1<<StateChanged | 1<<WentDown | 1<<CameUp | 1<<OwnerGained | 1<<OwnerLost | 1<<WriteRefused
}

// Take keeps what happened.
func (h *History) Take(x *Happening) {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.of[x.Device]
	if t == nil {
		t = h.follow(x.Device)
	}
	e := entry{x.Kind, x.Process, x.Result, x.At, x.Took, x.Why, x.Is}
	if len(t.entries) < h.each {
		t.entries = append(t.entries, e)
		return
	}
	t.entries[t.next] = e
	t.next = (t.next + 1) % h.each
}

// follow begins the trail of a Device. Where there are too many, the first ends.
func (h *History) follow(device int) *trail {
	if len(h.of) >= h.devices {
		delete(h.of, h.order[0])
		h.order = h.order[1:]
		h.forgotten++
	}
	t := &trail{}
	h.of[device] = t
	h.order = append(h.order, device)
	return t
}

// Moment is an entry of a History in words. Which fields it has follows from Event, as in
// a Line.
type Moment struct {
	Event   string    `json:"event"`
	At      time.Time `json:"at"`
	Process string    `json:"process,omitempty"`
	Result  string    `json:"result,omitempty"`
	TookS   *float64  `json:"took_s,omitempty"`
	TM      string    `json:"tm,omitempty"`
	CM      string    `json:"cm,omitempty"`
	DOS     string    `json:"dos,omitempty"`
	Reason  string    `json:"reason,omitempty"`
}

// Device is what is kept of a Device of r, the oldest first.
func (h *History) Device(device int, r *Roster) []Moment {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.of[device]
	if t == nil {
		return []Moment{}
	}
	all := make([]Moment, 0, len(t.entries))
	for i := range t.entries {
		e := t.entries[(t.next+i)%len(t.entries)]
		q := queued{device: device, kind: e.kind, process: e.process, result: e.result, took: e.took, is: e.is}
		m := Moment{Event: e.kind.String(), At: r.Began().Add(e.at).UTC(), Reason: e.why}
		m.Process, m.Result, m.TookS, m.TM, m.CM, m.DOS = q.words(r)
		all = append(all, m)
	}
	return all
}

// Forgotten is how many Devices were forgotten because there were too many.
func (h *History) Forgotten() uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.forgotten
}
