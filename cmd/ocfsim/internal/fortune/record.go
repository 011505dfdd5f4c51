package fortune

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/ocfsim/ocfsim/sim/impair"
)

// Schema is the name of the form of a record: one JSON object a line. The first one is a
// Head, the last one a Tail, and between them each fault is a Line.
const Schema = "ocfsim.faults/1"

// Head says of which run a record is.
type Head struct {
	Event   string `json:"event"` // "run"
	Schema  string `json:"schema"`
	Fleet   string `json:"fleet,omitempty"`
	Sum     string `json:"sum"` // SHA-256 of the fleet file
	Seed    uint64 `json:"seed"`
	Shard   string `json:"shard"`
	Devices int    `json:"devices"`
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

// Writer writes a record. Nil writes nothing.
type Writer struct {
	buffer *bufio.Writer
	err    error // the first one
}

// NewWriter begins a record of the run that c plans.
func NewWriter(w io.Writer, c Config) *Writer {
	r := &Writer{buffer: bufio.NewWriterSize(w, 1<<16)}
	_, count := c.Shard.Of(c.Plan.Len())
	r.write(Head{Event: "run", Schema: Schema, Fleet: c.Plan.Name, Sum: c.Plan.Sum, Seed: c.Plan.Seed, Shard: c.Shard.String(), Devices: count})
	return r
}

func (w *Writer) write(v any) {
	if w == nil || w.err != nil {
		return
	}
	data, err := json.Marshal(v)
	if err == nil {
		_, err = w.buffer.Write(append(data, '\n'))
	}
	w.err = err
}

// close ends the record, and returns the first error that writing had.
func (w *Writer) close(t Tail) error {
	if w == nil {
		return nil
	}
	w.write(t)
	return errors.Join(w.err, w.buffer.Flush())
}

// datagram is one datagram of a Device: the n-th on its way.
type datagram struct {
	device, way int
	n           uint32
}

// numbered is the n-th question of a Device, or the n-th stage that it enters.
type numbered struct {
	device int
	n      uint32
}

// Record is what went wrong in a run, to be replayed.
type Record struct {
	Head Head
	Tail *Tail // nil if the run was killed before its end

	fates   map[datagram]Line
	outages map[numbered]bool
	strikes map[numbered]Line // crashes and losses of power on entering a stage
	blows   []Line            // those at a time
}

// Read reads a record; name stands in errors.
func Read(name string, r io.Reader) (*Record, error) {
	rec := &Record{fates: map[datagram]Line{}, outages: map[numbered]bool{}, strikes: map[numbered]Line{}}
	in := bufio.NewScanner(r)
	in.Buffer(make([]byte, 0, 1<<16), 1<<20)
	n := 0
	for in.Scan() {
		n++
		if err := rec.line(n, in.Bytes()); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, n, err)
		}
	}
	if err := in.Err(); err != nil {
		return nil, fmt.Errorf("%s:%d: %w", name, n+1, err)
	}
	if n == 0 {
		return nil, fmt.Errorf("%s: it is empty", name)
	}
	return rec, nil
}

// line takes the n-th line, counted from 1.
func (r *Record) line(n int, data []byte) error {
	if n == 1 {
		err := json.Unmarshal(data, &r.Head)
		if err != nil || r.Head.Event != "run" || r.Head.Schema != Schema {
			return fmt.Errorf("expected the head of a record of form %s", Schema)
		}
		return nil
	}
	if r.Tail != nil {
		return errors.New("expected nothing behind the end of the run")
	}
	var l Line
	if err := json.Unmarshal(data, &l); err != nil {
		return fmt.Errorf("expected a fault, or the end of the run: %w", err)
	}
	switch {
	case l.Event == "end":
		r.Tail = &Tail{}
		return json.Unmarshal(data, r.Tail)
	case l.Event != "fault":
		return fmt.Errorf("expected a fault, or the end of the run, got %q", l.Event)
	}
	return r.fault(l)
}

// fault takes one fault.
func (r *Record) fault(l Line) error {
	switch l.Kind {
	case "loss", "partition", "datagram":
		for way, name := range ways() {
			if name == l.Way && len(l.Copies) <= len(impair.Fate{}.Copies) {
				r.fates[datagram{l.Device, way, l.N}] = l
				return nil
			}
		}
		return fmt.Errorf("expected a way of %v and two copies at most, got %q and %d", ways(), l.Way, len(l.Copies))
	case "source-outage":
		r.outages[numbered{l.Device, l.N}] = true
	case "crash", "power-loss":
		if l.Stage != "" {
			r.strikes[numbered{l.Device, l.N}] = l
			return nil
		}
		r.blows = append(r.blows, l)
	default:
		return fmt.Errorf("unknown kind of fault %q", l.Kind)
	}
	return nil
}

// fate is what became of a datagram. kind is how a loss was called.
func (r *Record) fate(d datagram) (fate impair.Fate, kind string) {
	l, ok := r.fates[d]
	if !ok {
		return impair.Intact(), ""
	}
	for k, c := range l.Copies {
		fate.N, fate.Copies[k] = k+1, impair.Copy(c)
	}
	return fate, l.Kind
}

// Fits returns an error unless the record is of the run that c plans.
func (r *Record) Fits(c Config) error {
	switch shard := c.Shard.String(); {
	case r.Head.Sum != c.Plan.Sum:
		return errors.New("it is of another fleet file, or the file has changed")
	case r.Head.Seed != c.Plan.Seed:
		return fmt.Errorf("it is of seed %d, and the run has seed %d", r.Head.Seed, c.Plan.Seed)
	case r.Head.Shard != shard:
		return fmt.Errorf("it is of shard %s, and the run is of shard %s", r.Head.Shard, shard)
	}
	return nil
}
