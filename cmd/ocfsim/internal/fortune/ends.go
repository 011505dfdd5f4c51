package fortune

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
)

// Ends says in which states Devices ended. The Ends of all shards add up to those of the
// whole.
type Ends struct {
	Devices map[string]int `json:"devices"` // how many ended alike: "tm=- cm=U dos=RFNOP version=1.0.1"
	// Digest is the sum of a hash of each Device's number and end. Two runs with equal
	// Digests have ended alike Device by Device.
	Digest uint64 `json:"digest,string"`
}

// EndsOf are the states of a fleet whose first Device has a number.
func EndsOf(f *fleet.Fleet, first int) Ends {
	e := Ends{Devices: map[string]int{}}
	for i := range f.Len() {
		end := endOf(f.State(i), f.Version(i), f.IsOff(i))
		e.Devices[end]++
		h := fnv.New64a()
		_ = binary.Write(h, binary.BigEndian, uint64(first+i)) // a hash has no errors
		_, _ = h.Write([]byte(end))
		e.Digest += h.Sum64()
	}
	return e
}

// endOf says how a Device has ended.
func endOf(s sim.State, version string, off bool) string {
	end := "tm=" + s.TM.String() + " cm=" + s.CM.String() + " dos=" + s.DOS.String() + " version=" + version
	if off {
		end += " off"
	}
	return end
}

// Plus is e together with the Ends of other Devices.
func (e Ends) Plus(o Ends) Ends {
	sum := Ends{Devices: maps.Clone(e.Devices), Digest: e.Digest + o.Digest}
	for end, n := range o.Devices {
		sum.Devices[end] += n
	}
	return sum
}

// Equal reports whether the Devices ended alike, one by one.
func (e Ends) Equal(o Ends) bool { return e.Digest == o.Digest && maps.Equal(e.Devices, o.Devices) }

// String has a line for each end, the most frequent first.
func (e Ends) String() string {
	ends := slices.Sorted(maps.Keys(e.Devices))
	slices.SortStableFunc(ends, func(a, b string) int { return e.Devices[b] - e.Devices[a] })
	var b strings.Builder
	for _, end := range ends {
		fmt.Fprintf(&b, "%8d  %s\n", e.Devices[end], end)
	}
	return b.String()
}

// End ends the record and says how the run ended. The fleet may be closed by then.
func (c *Fortune) End() (Tail, error) {
	t := Tail{Event: "end", At: c.now(), Faults: c.Counts(), States: EndsOf(c.fleet, c.first)}
	c.mu.Lock()
	defer c.mu.Unlock()
	return t, c.record.close(t)
}
