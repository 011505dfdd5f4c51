package lookout

import (
	"runtime/metrics"
	"sync"
	"time"

	"github.com/ocfsim/ocfsim/sim/fleet"
)

// SummarySchema is the schema of a Summary.
const SummarySchema = "ocfsim.fleet-summary/1"

// Summary is what a fleet has done since it began, and what it does at a moment.
type Summary struct {
	Schema        string                    `json:"schema"`
	At            time.Time                 `json:"at"`
	UptimeS       float64                   `json:"uptime_s"`
	Devices       int                       `json:"devices"`
	States        map[string]int            `json:"states"` // Devices by state; a state of none is absent
	Owned         int                       `json:"owned"`
	Observers     int                       `json:"observers"`
	Sessions      int                       `json:"sessions"`
	MemoryBytes   uint64                    `json:"memory_bytes"` // what the Go runtime holds
	Requests      uint64                    `json:"requests"`     // without duplicates
	Notifications uint64                    `json:"notifications"`
	Writes        Writes                    `json:"writes"`
	Processes     map[string]ProcessSummary `json:"processes"`
	Restarts      uint64                    `json:"restarts"`
	Drops         map[string]uint64         `json:"drops"` // by reason; a reason of none is absent
	Rates         Rates                     `json:"rates"`
	Updates       UpdateTimes               `json:"updates"`
	Slowest       []Worst                   `json:"slowest"` // whose updates took longest
	Running       []Worst                   `json:"running"` // whose update runs, for longest
	Refused       []Worst                   `json:"refused"` // who refused most writes
}

// Writes counts POSTs and DELETEs.
type Writes struct {
	Accepted uint64 `json:"accepted"`
	Refused  uint64 `json:"refused"`
}

// ProcessSummary counts the processes of one kind.
type ProcessSummary struct {
	Began uint64            `json:"began"`
	Ended map[string]uint64 `json:"ended"` // by result; a result of none is absent
}

// Rates is how much happened a second, since the Meter was asked last.
type Rates struct {
	Requests      float64 `json:"requests"`
	Writes        float64 `json:"writes"`
	Notifications float64 `json:"notifications"`
	Drops         float64 `json:"drops"`
}

// UpdateTimes says how long the updates took that succeeded, in seconds.
type UpdateTimes struct {
	Count int64   `json:"count"`
	Min   float64 `json:"min_s"`
	Mean  float64 `json:"mean_s"`
	P50   float64 `json:"p50_s"`
	P90   float64 `json:"p90_s"`
	P99   float64 `json:"p99_s"`
	P999  float64 `json:"p99_9_s"`
	Max   float64 `json:"max_s"`
}

// Worst is a Device that is among the worst.
type Worst struct {
	Device  int     `json:"device"`
	ID      string  `json:"id"`
	Address string  `json:"address"`
	Group   string  `json:"group,omitempty"`
	TookS   float64 `json:"took_s,omitempty"`
	Refused int64   `json:"refused,omitempty"`
}

// Drop counts what was dropped for one reason.
type Drop struct {
	Reason string
	Says   string
	Count  uint64
}

// dropsOf lists the drops of s by reason.
func dropsOf(s *fleet.Stats) []Drop {
	d, t := &s.Drops, &s.Secure
	return []Drop{
		{"no-device", "packets for an address that no Device has", d.NoDevice},
		{"unreachable", "packets for a Device that is down", d.Unreachable},
		{"receive-buffer", "packets that the kernel dropped because its receive buffer was full", d.Overflow},
		{"unsent", "packets that the kernel did not send", d.Unsent},
		{"multicast", "multicast requests, because too many were being answered", d.Multicast},
		{"observers-refused", "observations refused because there were too many", d.Observers},
		{"observers-lost", "observations ended because nobody acknowledged, or for want of room", d.ObserversLost},
		{"dedup-forgotten", "requests forgotten before their lifetime was over", d.DedupForgotten},
		{"blocks-forgotten", "payloads in blocks forgotten because there were too many", d.BlocksForgotten},
		{"unpaid", "packets not sent to an address that may be forged", d.Unpaid},
		{"late-answers", "answers of the trusted source to a Device that no longer waited", d.LateAnswers},
		{"persist-failures", "changes of Devices that could not be saved", d.PersistFailures},
		{"foreign-interface", "packets from an interface other than the one listened on", d.InterfaceForeign},
		{"malformed", "datagrams that are no CoAP messages or can't be used", s.Malformed},
		{"sessions-closed", "sessions refused because the Device accepted none", t.Closed},
		{"sessions-full", "sessions refused because there were too many", t.Full},
		{"handshakes-crowded-out", "handshakes given up for another", t.CrowdedOut},
		{"records-stray", "records that belong to no session", t.Strays},
		{"records-overflow", "records dropped because the session's queue was full", t.Overflow},
	}
}

// Meter reads a fleet and its Board, and knows what it read last. It may be used by any
// goroutine.
type Meter struct {
	roster *Roster
	board  *Board

	mu   sync.Mutex
	last reading
}

// reading is what rates are computed from.
type reading struct {
	at                                     time.Time
	requests, writes, notifications, drops uint64
}

// NewMeter makes the Meter of a fleet and its Board.
func NewMeter(r *Roster, b *Board) *Meter {
	return &Meter{roster: r, board: b, last: reading{at: r.Began()}}
}

// Sample says what the fleet has done and does. The rates are those since the last call.
func (m *Meter) Sample() Summary {
	stats, counts, took, now := m.roster.Stats(), m.board.Counts(), m.board.Took(), m.roster.now()
	s := Summary{
		Schema: SummarySchema, At: now, UptimeS: now.Sub(m.roster.Began()).Seconds(), Devices: m.roster.Len(),
		States: map[string]int{}, Owned: counts.Owned, Observers: stats.Observers, Sessions: stats.Secure.Sessions,
		MemoryBytes: memoryHeld(), Requests: stats.Requests, Notifications: stats.Notifications,
		Writes: Writes{counts.Accepted, counts.Refused}, Processes: map[string]ProcessSummary{},
		Restarts: counts.Restarts, Drops: map[string]uint64{},
		Updates: UpdateTimes{
			took.Count, took.Min.Seconds(), took.Mean.Seconds(), took.P50.Seconds(), took.P90.Seconds(), took.P99.Seconds(), took.P999.Seconds(), took.Max.Seconds(),
		},
		Slowest: m.worst(m.board.Slowest()), Running: m.worst(m.board.RunningLongest(now.Sub(m.roster.Began()))), Refused: m.refused(m.board.MostRefused()),
	}
	for _, state := range States() {
		if n := counts.States[state]; n > 0 {
			s.States[state.String()] = n
		}
	}
	for p := range processCount {
		if counts.Began[p] > 0 || counts.Ended[p] != [resultCount]uint64{} {
			s.Processes[p.String()] = counts.process(p)
		}
	}
	total := uint64(0)
	for _, d := range dropsOf(&stats) {
		if d.Count > 0 {
			s.Drops[d.Reason] = d.Count
			total += d.Count
		}
	}
	s.Rates = m.rates(reading{now, stats.Requests, counts.Accepted + counts.Refused, stats.Notifications, total})
	return s
}

// process counts the processes p.
func (c *Counts) process(p Process) ProcessSummary {
	s := ProcessSummary{Began: c.Began[p], Ended: map[string]uint64{}}
	for _, r := range Results() {
		if n := c.Ended[p][r]; n > 0 {
			s.Ended[r.String()] = n
		}
	}
	return s
}

// rates is what happened a second since the last reading, which is is from now on.
func (m *Meter) rates(is reading) Rates {
	m.mu.Lock()
	defer m.mu.Unlock()
	was := m.last
	m.last = is
	seconds := max(is.at.Sub(was.at).Seconds(), 1e-3)
	per := func(now, before uint64) float64 { return float64(now-before) / seconds }
	return Rates{
		per(is.requests, was.requests), per(is.writes, was.writes), per(is.notifications, was.notifications), per(is.drops, was.drops),
	}
}

// worst names the Devices of a ranking by duration.
func (m *Meter) worst(list []Rank) []Worst {
	all := make([]Worst, 0, len(list))
	for _, r := range list {
		w := m.name(r.Device)
		w.TookS = time.Duration(r.Value).Seconds()
		all = append(all, w)
	}
	return all
}

// refused names the Devices of a ranking by refused writes.
func (m *Meter) refused(list []Rank) []Worst {
	all := make([]Worst, 0, len(list))
	for _, r := range list {
		w := m.name(r.Device)
		w.Refused = r.Value
		all = append(all, w)
	}
	return all
}

func (m *Meter) name(i int) Worst {
	return Worst{Device: i, ID: m.roster.ID(i).String(), Address: m.roster.Addr(i).String(), Group: m.roster.group(i)}
}

// dropped lists what was dropped since was, which is what it is now from then on.
func (m *Meter) dropped(was *[]Drop) []Drop {
	stats := m.roster.Stats()
	now := dropsOf(&stats)
	var more []Drop
	for i, d := range now {
		if len(*was) > 0 {
			d.Count -= (*was)[i].Count
		}
		if d.Count > 0 {
			more = append(more, d)
		}
	}
	*was = now
	return more
}

// memoryHeld is how much memory the Go runtime holds of the system, in bytes.
func memoryHeld() uint64 {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64() - samples[1].Value.Uint64()
}
