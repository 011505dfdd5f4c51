package sim

import (
	"math"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// aftermathQuirks show only some time after the request or the process that brought
// them about.
var aftermathQuirks = []quirk{
	{
		name: "starts-late", knob: "start-time", lawful: true,
		says: "A process begins 40 ms after the answer to its request: until then nothing is seen of it.",
		bend: startsLate,
	},
	{
		name: "wide-modes-kept", knob: "type", says: "A tm above 65535 is stored as it was written, starts nothing, and reads back for ever.",
		bend: func(b *bends) {
			atMalformed(func(t *turn) bool {
				wide, ok := wideModes(t.sent.payload)
				if ok {
					t.keep().wide = wide
					t.write(ocf.PstatUpdate{})
				}
				return ok
			})(b)
			b.pstat.add(func(d *Device, _ audience, p ocf.Pstat) ocf.Pstat {
				if d.recall().wide > 0 {
					p.Present &^= ocf.PropTM
				}
				return p
			})
			b.pairs.add(func(d *Device, w written, dst []byte) []byte {
				wide := d.recall().wide
				if wide == 0 {
					return dst
				}
				dst[w.at]++
				return ocf.AppendUint(ocf.AppendText(dst, "tm"), wide|uint64(w.TM))
			})
		},
	},
	{
		name: "fortieth-check-dropped", knob: "check-lapse", says: "Every fortieth check is answered 2.04, and nothing comes of it.",
		bend: dropsChecks(40),
	},
	{
		name: "update-undone", knob: "aftermath",
		says: "Some time after an update the software from before it is back, while cm still says that the update was done.",
		bend: func(b *bends) {
			keepPast(b)
			b.installs.add(func(t *turn, installs bool) bool {
				if installs {
					t.keep().past.updated = true
				}
				return installs
			})
			b.over.add(func(t *turn, _ mode) {
				if t.run == 0 && t.recall().past.updated {
					t.work = t.now + undoneAfter*t.model.script.reset
				}
			})
			b.idles.add(func(t *turn) {
				if t.recall().past.updated {
					t.keep().past.updated = false
					t.version--
				}
			})
		},
	},
}

// dropsChecks accepts every n-th check that is requested of a Device at rest, and does
// nothing more.
func dropsChecks(n uint16) func(*bends) {
	return func(b *bends) {
		b.starts.add(func(t *turn, _ plan, starts mode) mode {
			if starts != validation || t.run|t.queue != 0 {
				return starts
			}
			m := t.keep()
			if m.checks++; m.checks%n == 0 {
				return 0
			}
			return starts
		})
	}
}

// lateBy is how late a process begins. It is not scaled with the script: it is about
// the settle time that a target declares, which is not scaled either.
const lateBy = 40 * time.Millisecond

// lateBits is how far the processes that have not begun yet are shifted in the saved
// facts.
const lateBits = 6

// startsLate puts off what is requested of a Device at rest. What else begins meanwhile
// takes it along. A request that was accepted survives a power cut.
func startsLate(b *bends) {
	begin := func(t *turn) {
		if late := t.recall().late; late != 0 && t.run == 0 {
			t.accept(late)
			t.tell(atStart)
			t.begin()
		}
	}
	b.facts.add(func(d *Device, saved uint16) uint16 { return saved | uint16(d.recall().late)<<lateBits })
	b.restored.add(func(t *turn, saved uint16) {
		if late := mode(saved >> lateBits & uint16(validation|update)); late != 0 {
			t.keep().late = late
		}
	})
	b.pending.add(func(d *Device, pending mode) mode { return pending | d.recall().late })
	b.starts.add(func(t *turn, _ plan, starts mode) mode {
		late := t.recall().late
		switch {
		case starts == 0:
			return 0
		case late != 0 || t.run|t.queue != 0 || t.work != never:
			return starts | late
		}
		t.keep().late = starts
		t.work = t.now + lateBy
		return 0
	})
	b.accepted.add(func(t *turn, bits mode) {
		if t.recall().late != 0 {
			t.keep().late &^= bits
		}
	})
	b.idles.add(begin)
	b.over.add(func(t *turn, _ mode) { begin(t) })
	b.boots.add(func(t *turn) { t.accept(t.recall().late) })
	b.moved.add(func(t *turn, to ocf.DOS) {
		if (to == ocf.RESET || t.model.later) && t.recall().late != 0 {
			t.keep().late = 0
		}
	})
}

// undoneAfter counts the times of a reset after which an update is undone.
const undoneAfter = 8

// wideModes is the only value in payload, if that is a map of tm alone and the value is
// above 65535.
func wideModes(payload []byte) (value uint64, ok bool) {
	h, rest, ok := definite(payload)
	if !ok || h.Major != ocf.MajorMap || h.Arg != 1 {
		return 0, false
	}
	h, rest, ok = definite(rest)
	if !ok || h.Major != ocf.MajorText || h.Arg >= uint64(len(rest)) || !isTM(string(rest[:h.Arg])) {
		return 0, false
	}
	value, ok = integer(rest[h.Arg:], ocf.MajorUint)
	return value, ok && value > math.MaxUint16
}
