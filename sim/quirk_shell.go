package sim

import (
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// shellQuirks change how a Device's shell handles messages.
var shellQuirks = []quirk{
	{
		name: "last-told", knob: "told-whom", says: "Only the observer that registered last is told.",
		bend: tellsOnly(func(o Observer) bool { return o.Last }),
	},
	{
		name: "writer-alone-told", knob: "told-whom", says: "Only the Client that wrote pstat last is told.",
		bend: tellsOnly(func(o Observer) bool { return o.Writer }),
	},
	{
		name: "writer-spared", knob: "told-whom", says: "The Client that asked for a process is not told of it.",
		bend: tellsOnly(func(o Observer) bool { return !o.Writer }),
	},
	{
		name: "throttled", knob: "told-times", says: "Observers are not told of changes within a second of a notification.",
		bend: tellsOnly(func(o Observer) bool { return o.Told == 0 || o.Since >= time.Second }),
	},
	{
		name: "forgets-after-five", knob: "drops", says: "An observer is told five times and then no more.",
		bend: tellsOnly(func(o Observer) bool { return o.Told < 5 }),
	},
	{
		name: "write-drops-others", knob: "drops", says: "A write silently ends the observations of all other Clients.",
		bend: endsOthers(Writes),
	},
	{
		name: "observer-replaces", knob: "observers", says: "A new observer replaces the previous one.",
		bend: endsOthers(Observes),
	},
	{
		name: "one-observer", knob: "observers", says: "A second observer is answered without Observe.",
		bend: func(b *bends) {
			b.shell.Admits.add(func(others int, admits bool) bool { return admits && others == 0 })
		},
	},
	{
		name: "clock-numbers", knob: "numbers", says: "Observe numbers are the seconds of a clock, so that two in one second are equal.",
		bend: func(b *bends) {
			b.shell.Number.add(func(n Numbering, _ uint32) uint32 { return uint32(n.Now/time.Second) & observeMask })
		},
	},
	{
		name: "numbers-jump", knob: "numbers", lawful: true,
		says: "Observe numbers start near the end of their range and grow in strides, so they wrap (RFC 7641 section 3.4).",
		bend: func(b *bends) {
			b.shell.Number.add(func(n Numbering, _ uint32) uint32 {
				last := n.Last
				if last == 0 {
					last = observeMask - 2*stride // it wraps at the third message
				}
				return (last + stride) & observeMask
			})
		},
	},
	{
		name: "option-demanded", knob: "answer-options", says: "Answers with pstat have a critical option that neither CoAP nor OCF has.",
		bend: func(b *bends) {
			b.shell.Needs.add(func(path string, needed uint16) uint16 {
				if path == ocf.PathPstat {
					return foreignOption
				}
				return needed
			})
		},
	},
	{
		name: "put-unchecked", knob: "unchecked-way", says: "A PUT acts as a POST, and the Device does not check who sends it.",
		bend: func(b *bends) {
			b.shell.Takes.add(func(method uint8, takes bool) bool { return takes || method == put })
			overlooksWriter(func(s *sent) bool { return s.way&ByPUT != 0 })(b)
		},
	},
	{
		name: "dozes-off", knob: "dozes", says: "The Device falls asleep when tm is written, just after it said that it is awake.",
		bend: func(b *bends) {
			b.shell.Dozes.add(func(r Asked, dozes bool) bool {
				u, err := ocf.DecodePstatUpdate(r.Payload)
				return dozes || r.Writes && r.Path == ocf.PathPstat && err == nil && u.Set.Has(ocf.PropTM)
			})
		},
	},
	{
		name: "blocks-cut", knob: "blocks", says: "The last block of a block-wise answer lacks a byte.",
		bend: func(b *bends) {
			b.shell.Block.add(func(path string, block []byte) []byte {
				if path == ocf.PathPstat {
					return block[:len(block)-1]
				}
				return block
			})
		},
	},
}

const (
	// put is the code of the method PUT.
	put = 3
	// observeMask selects the 24 bits of an Observe number.
	observeMask = 1<<24 - 1
	// stride is the gap between Observe numbers that grow in strides. It is far
	// below half the number range, which is what RFC 7641 section 3.4 allows.
	stride = 70_001
)

// tellsOnly notifies only the observers that which picks.
func tellsOnly(which func(Observer) bool) func(*bends) {
	return func(b *bends) {
		b.shell.Tells.add(func(o Observer, tells bool) bool { return tells && which(o) })
	}
}

// endsOthers ends the observations of all other Clients when a Client does what by
// says.
func endsOthers(by Doing) func(*bends) {
	return func(b *bends) {
		b.shell.Ends.add(func(does Doing, ends bool) bool { return ends || does == by })
	}
}

// foreignOption is the number of a critical option for experiments, which no Client knows
// (RFC 7252 section 12.2).
const foreignOption = 65001
