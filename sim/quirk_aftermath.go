package sim

import (
	"math"

	"github.com/ocfsim/ocfsim/ocf"
)

// aftermathQuirks show only when a scenario is over that brought them about.
var aftermathQuirks = []quirk{
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
