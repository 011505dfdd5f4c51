package conformance

import (
	"fmt"
	"strings"
)

// Room is how much is kept of what is sent and received in one scenario. A Device
// that sends more than has room is a flood, and no record of it has to grow with it
// (docs/adr/0079).
type Room struct {
	Frames int // datagrams, in either direction
	Bytes  int // of the datagrams and of the representations in them
}

// FullRoom is what a scenario has: more than twenty times what the busiest scenario
// of any shipped Device takes, which is 1756 frames and 99 kB, of a Device that
// answers in blocks of 16 bytes.
func FullRoom() Room { return Room{Frames: 40_000, Bytes: 8 << 20} }

// Less is what a scenario has in a run in which so many earlier ones had no room
// left: half as much for each, and never less than a sixty-fourth. So a whole run is
// bounded too.
func (r Room) Less(full int) Room {
	halves := min(max(full, 0), 6)
	return Room{Frames: r.Frames >> halves, Bytes: r.Bytes >> halves}
}

// String is what r holds, in words.
func (r Room) String() string { return fmt.Sprintf("%d frames and %d bytes", r.Frames, r.Bytes) }

// RecordFull begins the Text of the Note from which on a Timeline has holes: there
// was no room left for what the Device sent. What the harness did, and how its
// requests ended, stands behind the Note all the same.
const RecordFull = "the record is full"

// full is the text of the Note that says that r is used up.
func (r Room) full() string {
	return fmt.Sprintf("%s: it has room for %v, and what the Device sends from here on is counted and not kept", RecordFull, r)
}

// Full is the index of the Note from which on tl has holes; it is -1 where tl has
// everything.
func (tl Timeline) Full() int {
	for i := range tl.Observations {
		if tl.Observations[i].fills() {
			return i
		}
	}
	return -1
}

// Kept is the part of tl that has no holes: all of it, or what was recorded until
// its room was used up, with the expectations that look no further.
func (tl Timeline) Kept() Timeline {
	n := tl.Full()
	if n < 0 {
		return tl
	}
	kept := Timeline{Header: tl.Header, Observations: tl.Observations[:n:n]}
	for _, e := range tl.Expectations {
		if e.Upto <= n {
			kept.Expectations = append(kept.Expectations, e)
		}
	}
	return kept
}

// fills reports whether o is the Note that the record is full.
func (o *Observation) fills() bool {
	return o.Kind == Note && o.Client == "" && strings.HasPrefix(o.Text, RecordFull)
}

// size is how many bytes o counts for.
func (o *Observation) size() int {
	if o.Frame == nil {
		return len(o.Text)
	}
	return len(o.Frame.Payload) + len(o.Frame.Raw) + len(o.Text)
}

// unbidden reports whether the Device, or the network, can bring about any number of
// entries like o. Every other entry belongs to something that the harness did.
func (o *Observation) unbidden() bool {
	switch o.Kind {
	case Message, Notification:
		return true
	case Note:
		return o.Client != "" && o.For == nil
	}
	return false
}
