package fortune

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/ocf"
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

// end is how a Device ended.
type end struct {
	tm, cm  ocf.DPM
	dos     ocf.DOS
	version string
	off     bool
}

// EndsOf are the states of a fleet whose first Device has a number.
func EndsOf(f *fleet.Fleet, first int) Ends {
	e := Ends{Devices: map[string]int{}}
	texts := map[end]string{} // many Devices end alike
	for i := range f.Len() {
		s := f.State(i)
		key := end{s.TM, s.CM, s.DOS, f.Version(i), f.IsOff(i)}
		text, ok := texts[key]
		if !ok {
			text = endOf(s, key.version, key.off)
			texts[key] = text
		}
		e.Devices[text]++
		e.Digest += digest(uint64(first+i), text)
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

// digest is FNV-1a of a Device's number, in 8 bytes, and its end.
func digest(number uint64, text string) uint64 {
	const basis, prime = 0xcbf29ce484222325, 0x100000001b3
	h := uint64(basis)
	for shift := 56; shift >= 0; shift -= 8 {
		h = (h ^ number>>shift&0xff) * prime
	}
	for i := range len(text) {
		h = (h ^ uint64(text[i])) * prime
	}
	return h
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
