package fortune

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/ocfsim/ocfsim/sim/impair"
)

// Schema is the name of the form of a record: one JSON object a line. The first one is a
// Head, the last one a Tail, and between them each fault is a Line, and each thing that may
// change a Device is a Deed.
const Schema = "ocfsim.fleet-run/1"

// Head says of which run a record is.
type Head struct {
	Event   string `json:"event"` // "run"
	Schema  string `json:"schema"`
	Fleet   string `json:"fleet,omitempty"`
	Sum     string `json:"sum"` // SHA-256 of the fleet file
	Seed    uint64 `json:"seed"`
	Shard   string `json:"shard"`
	Devices int    `json:"devices"`
	Terms
}

// Terms are what Devices depend on that is neither in the fleet file nor in what happens to them.
type Terms struct {
	Epoch time.Time `json:"epoch"` // time of day at which the run began
	Speed float64   `json:"speed"` // by which the durations of behaviours are divided
	// Owner is the uuid of whom Devices belong to that belong to the run; "" if nobody.
	Owner string `json:"owner,omitempty"`
}

// Line is one fault that happened.
type Line struct {
	Event  string        `json:"event"` // "fault"
	At     time.Duration `json:"at_ns"` // since the start of the run
	Group  string        `json:"group"`
	Device int           `json:"device"` // its number
	// Kind is "loss", "partition" or "datagram" of a datagram, "crash", "power-loss", or
	// "source-outage" of a question to the trusted source.
	Kind string `json:"kind"`
	Way  string `json:"way,omitempty"`  // of the datagram: "in", "out", "secured-in" or "secured-out"
	Peer string `json:"peer,omitempty"` // address of the Client that a partition has cut off
	// N counts, from 0, the Device's datagrams on this way, its questions, or, with a
	// Stage, the stages that it has entered.
	N      uint32        `json:"n"`
	Stage  string        `json:"stage,omitempty"` // that the Device had entered
	Off    time.Duration `json:"off_ns,omitempty"`
	Copies []Copy        `json:"copies,omitempty"` // of a datagram: what arrived of it
}

// Copy is one arrival of a datagram.
type Copy struct {
	Delay     time.Duration `json:"delay_ns,omitempty"`
	Reordered bool          `json:"reordered,omitempty"`
	Flip      uint32        `json:"flip,omitempty"` // which bit was changed, from 1 on
}

// Tail says how the run ended.
type Tail struct {
	Event  string         `json:"event"` // "end"
	At     time.Duration  `json:"at_ns"`
	Faults map[string]int `json:"faults"` // how many, by kind
	States Ends           `json:"states"`
}

// kinds are what a Line counts as: a datagram can have suffered several things.
func (l *Line) kinds() []string {
	if l.Kind != "datagram" {
		return []string{l.Kind}
	}
	var all []string
	if len(l.Copies) > 1 {
		all = append(all, "duplicate")
	}
	for _, c := range l.Copies {
		switch {
		case c.Reordered:
			all = append(all, "reorder")
		case c.Delay > 0:
			all = append(all, "delay")
		}
		if c.Flip > 0 {
			all = append(all, "corrupt")
		}
	}
	return all
}

// datagramLine is the Line of a datagram of the fleet's i-th Device. kind is how a loss is
// called.
func datagramLine(at time.Duration, i, way int, n uint32, fate impair.Fate, kind string) Line {
	l := Line{At: at, Device: i, Kind: kind, Way: ways()[way], N: n}
	if !fate.Lost() {
		l.Kind = "datagram"
		for _, c := range fate.Copies[:fate.N] {
			l.Copies = append(l.Copies, Copy(c))
		}
	}
	return l
}

// keeping is how often what was recorded is handed to the system: a run that is killed loses
// no more of its record than it has written in that time.
const keeping = time.Second

// Writer writes a record. Nil writes nothing. Its methods may be called by any goroutine.
type Writer struct {
	mu     sync.Mutex
	buffer *bufio.Writer
	err    error // the first one
}

// NewWriter begins a record of the run that c plans.
func NewWriter(w io.Writer, c Config) *Writer {
	r := &Writer{buffer: bufio.NewWriterSize(w, 1<<16)}
	_, count := c.Shard.Of(c.Plan.Len())
	r.write(Head{
		Event: "run", Schema: Schema, Fleet: c.Plan.Name, Sum: c.Plan.Sum, Seed: c.Plan.Seed, Shard: c.Shard.String(), Devices: count, Terms: c.Terms,
	})
	return r
}

func (w *Writer) write(v any) {
	if w == nil {
		return
	}
	data, err := json.Marshal(v)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return
	}
	if err == nil {
		_, err = w.buffer.Write(append(data, '\n'))
	}
	w.err = err
}

// keep hands what was recorded to the system, time and again, until ctx is done.
func (w *Writer) keep(ctx context.Context) {
	if w == nil {
		return
	}
	tick := time.NewTicker(keeping)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_ = w.flush() // close says it
		}
	}
}

// flush hands what was recorded to the system. Its error is the first that writing had.
func (w *Writer) flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = w.buffer.Flush()
	}
	return w.err
}

// close ends the record, and returns the first error that writing had.
func (w *Writer) close(t Tail) error {
	if w == nil {
		return nil
	}
	w.write(t)
	return w.flush()
}

// Fits returns an error unless the record is of the run that c plans.
func (h *Head) Fits(c Config) error {
	switch shard := c.Shard.String(); {
	case h.Sum != c.Plan.Sum:
		return errors.New("it is of another fleet file, or the file has changed")
	case h.Seed != c.Plan.Seed:
		return fmt.Errorf("it is of seed %d, and the run has seed %d", h.Seed, c.Plan.Seed)
	case h.Shard != shard:
		return fmt.Errorf("it is of shard %s, and the run is of shard %s", h.Shard, shard)
	}
	return nil
}
