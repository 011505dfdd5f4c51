package sim

import (
	"bytes"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// payloadQuirks change what a Device makes of a payload that is not a valid update
// of pstat.
var payloadQuirks = []quirk{
	{
		name: "type-coerced", knob: "type", says: "Text in tm that looks like a number is taken for one, and 65600 is taken for 64.",
		bend: mistakes(guessed),
	},
	{
		name: "array-kills", knob: "array", says: "The Device dies of a payload that is an array, and is off until it is restarted.",
		bend: diesOfArrays(func(t *turn) {
			t.goOff(0)
			t.work = never
		}),
	},
	{
		name: "array-restarts", knob: "array", says: "The Device dies of a payload that is an array, and something that watches over it restarts it within half a second.",
		bend: diesOfArrays(func(t *turn) { t.goOff(500 * time.Millisecond) }),
	},
	{
		name: "type-reset", knob: "type", says: "A wrong type is answered with RST.",
		bend: atMalformed(func(t *turn) bool {
			t.emit(Effect{Kind: SendReset})
			return true
		}),
	},
	{
		name: "refused-but-applied", knob: "type", says: "A write is refused, yet the Device does what it asks for in tm.",
		bend: appliesRefused(func([]byte) bool { return true }),
	},
	{
		name: "applied-until-bad", knob: "type", says: "A write is refused, yet the Device does what it asks for in tm if tm comes before the refused Property.",
		bend: appliesRefused(func(payload []byte) bool {
			_, _, ok := beginsWithTM(payload)
			return ok
		}),
	},
	{
		name: "tm-acts-first", knob: "refused-dos", says: "A write is refused because of its dos, yet the Device does what it asks for in tm.",
		bend: appliesRefused(func(payload []byte) bool { return bytes.Contains(payload, []byte("\x63dos")) }),
	},
	{
		name: "dos-applied-first", knob: "type", says: "A write is refused because of its tm, yet it moves dos.",
		bend: atMalformed(func(t *turn) bool {
			to, ok := beginsWithDOS(t.sent.payload)
			if ok {
				t.respond(t.refusal(badRequest))
				t.move(to)
				t.tell(atMove)
			}
			return ok
		}),
	},
	{
		name: "odd-aborts", knob: "type", says: "A malformed write is refused, yet it aborts what is pending.",
		bend: atMalformed(func(t *turn) bool {
			t.respond(t.refusal(badRequest))
			t.abort(t.pending())
			t.tell(atEnd)
			return true
		}),
	},
	{
		name: "unknown-spoils", knob: "type",
		says: "A write with a Property that pstat does not have is answered as a success, but the Device does nothing.",
		bend: mistakes(func(payload []byte) (u ocf.PstatUpdate, ok bool) { return u, addsUnknown(payload) }),
	},
	{
		name: "bare-taken", knob: "type", says: "A payload that is a number instead of a map is taken for tm.",
		bend: mistakes(func(payload []byte) (ocf.PstatUpdate, bool) {
			tm, ok := integer(payload, ocf.MajorUint)
			return updateOf(ocf.DPM(tm)), ok
		}),
	},
	{
		name: "cut-map-taken", knob: "type", says: "The Device acts on the part of a truncated payload that has arrived.",
		bend: mistakesValue(math.MaxUint64, isTM, uint16Taken),
	},
	{
		name: "prefix-taken", knob: "type", says: "A Property whose name begins with tm is taken for tm.",
		bend: mistakesValue(1, func(name string) bool { return strings.HasPrefix(name, "tm") }, uint16Taken),
	},
	{
		name: "bool-taken", knob: "type", says: "tm as true starts a check.",
		bend: mistakesValue(1, isTM, func(value []byte) (ocf.DPM, bool) { return ocf.SVV, value[0] == headTrue }),
	},
	{
		name: "null-taken", knob: "type", says: "tm as null is taken for 0.",
		bend: mistakesValue(1, isTM, func(value []byte) (ocf.DPM, bool) { return 0, value[0] == headNull }),
	},
	{
		name: "bytes-taken", knob: "type", says: "A byte string in tm is taken for the number in its last byte.",
		bend: mistakesValue(1, isTM, func(value []byte) (ocf.DPM, bool) {
			h, rest, ok := definite(value)
			if !ok || h.Major != ocf.MajorBytes || h.Arg == 0 || uint64(len(rest)) < h.Arg {
				return 0, false
			}
			return ocf.DPM(rest[h.Arg-1]), true
		}),
	},
	{
		name: "low-byte-kept", knob: "type", says: "tm is cut to 8 bits: 65600 is taken for 64.",
		bend: func(b *bends) {
			misreads(func(tm ocf.DPM) ocf.DPM { return tm &^ reserved })(b)
			mistakesValue(1, isTM, func(value []byte) (ocf.DPM, bool) {
				n, ok := integer(value, ocf.MajorUint)
				return ocf.DPM(n & 0xff), ok
			})(b)
		},
	},
	{
		name: "negative-wraps", knob: "type", says: "A negative tm wraps: -1 asks for everything.",
		bend: mistakesValue(1, isTM, func(value []byte) (ocf.DPM, bool) {
			n, ok := integer(value, ocf.MajorNegative)
			return ocf.DPM(^n & 0xff), ok
		}),
	},
	{
		name: "float-taken", knob: "type", says: "A float in tm is taken for the integer that it equals.",
		bend: mistakesValue(1, isTM, float),
	},
	{
		name: "array-taken", knob: "type", says: "The first element of an array is taken for tm.",
		bend: mistakesValue(1, isTM, func(value []byte) (ocf.DPM, bool) {
			if value[0]>>5 != ocf.MajorArray {
				return 0, false
			}
			n, ok := integer(value[1:], ocf.MajorUint)
			return ocf.DPM(n), ok
		}),
	},
}

// atMalformed calls does for a payload that is not a valid update. If does returns
// false, the payload is refused as usual.
func atMalformed(does func(*turn) bool) func(*bends) {
	return func(b *bends) {
		b.malformed.add(func(t *turn, refuses bool) bool { return refuses && !does(t) })
	}
}

// mistakes takes an invalid payload for the update that read returns. If read
// returns false, the payload is refused as usual.
func mistakes(read func(payload []byte) (ocf.PstatUpdate, bool)) func(*bends) {
	return atMalformed(func(t *turn) bool {
		if len(t.sent.payload) == 0 {
			return false
		}
		u, ok := read(t.sent.payload)
		if ok {
			t.write(u)
		}
		return ok
	})
}

// mistakesValue takes a wrong value for tm. It looks only at the first pair of a map
// that declares at most that many pairs; named accepts the pair's name, and read
// reads its value.
func mistakesValue(pairs uint64, named func(string) bool, read func(value []byte) (ocf.DPM, bool)) func(*bends) {
	return mistakes(func(payload []byte) (u ocf.PstatUpdate, ok bool) {
		h, rest, ok := definite(payload)
		if !ok || h.Major != ocf.MajorMap || h.Arg > pairs {
			return u, false
		}
		h, rest, ok = definite(rest)
		if !ok || h.Major != ocf.MajorText || h.Arg >= uint64(len(rest)) || !named(string(rest[:h.Arg])) {
			return u, false
		}
		tm, ok := read(rest[h.Arg:])
		return updateOf(tm), ok
	})
}

// appliesRefused refuses a write and still does what it asks for in tm, for the
// payloads that which picks.
func appliesRefused(which func(payload []byte) bool) func(*bends) {
	return func(b *bends) {
		b.malformed.add(func(t *turn, refuses bool) bool {
			u, ok := guessed(t.sent.payload)
			if !refuses || !ok || !which(t.sent.payload) {
				return refuses
			}
			t.refuseWrite(u, badRequest)
			return false
		})
		b.refused.add(func(t *turn, u ocf.PstatUpdate) {
			if u.Set.Has(ocf.PropTM) && which(t.sent.payload) {
				t.accept(mode(u.TM&(ocf.SVV|ocf.SSU)) &^ t.pending())
				t.tell(atStart)
				t.begin()
			}
		})
	}
}

// updateOf is a write of tm.
func updateOf(tm ocf.DPM) ocf.PstatUpdate { return ocf.PstatUpdate{Set: ocf.PropTM, TM: tm} }

func isTM(name string) bool { return name == "tm" }

// guessed is a write of the tm that guess reads from the payload.
func guessed(payload []byte) (ocf.PstatUpdate, bool) {
	tm, ok := guess(payload)
	return updateOf(tm), ok
}

// uint16Taken reads a value that is a valid tm.
func uint16Taken(value []byte) (ocf.DPM, bool) {
	n, ok := integer(value, ocf.MajorUint)
	return ocf.DPM(n), ok && n <= math.MaxUint16
}

// The heads of some CBOR items.
const (
	headTrue  = 0xf5
	headNull  = 0xf6
	headHalf  = 0xf9
	headFloat = 0xfb
)

// guess reads tm as carelessly as some Devices do: it accepts text that looks like a
// number, and it keeps 16 bits of a number of any size.
func guess(payload []byte) (ocf.DPM, bool) {
	i := bytes.Index(payload, []byte("\x62tm"))
	if i < 0 || i+3 >= len(payload) {
		return 0, false
	}
	h, rest, ok := definite(payload[i+3:])
	if !ok {
		return 0, false
	}
	switch n := h.Arg; h.Major {
	case ocf.MajorUint:
		return ocf.DPM(n), true
	case ocf.MajorText:
		if uint64(len(rest)) < n {
			return 0, false
		}
		v, err := strconv.ParseUint(string(rest[:n]), 10, 16)
		return ocf.DPM(v), err == nil
	}
	return 0, false
}

// integer reads an integer of the major type want.
func integer(value []byte, want byte) (uint64, bool) {
	h, _, ok := definite(value)
	return h.Arg, ok && h.Major == want
}

// float reads a double, or a half-precision float that is a whole number.
func float(value []byte) (ocf.DPM, bool) {
	h, _, ok := definite(value)
	switch bits := h.Arg; {
	case !ok:
		return 0, false
	case value[0] == headFloat:
		return ocf.DPM(math.Float64frombits(bits)), true
	case value[0] == headHalf:
		return ocf.DPM(math.Ldexp(float64(bits&0x3ff|0x400), int(bits>>10&0x1f)-25)), true
	}
	return 0, false
}

// beginsWithTM reads the tm that an update begins with, and returns the rest of the
// payload. If the payload does not begin with a valid tm, ok is false.
func beginsWithTM(payload []byte) (tm ocf.DPM, rest []byte, ok bool) {
	if len(payload) == 0 || payload[0]>>5 != ocf.MajorMap || !bytes.HasPrefix(payload[1:], []byte("\x62tm")) {
		return 0, nil, false
	}
	h, rest, ok := definite(payload[4:])
	return ocf.DPM(h.Arg), rest, ok && h.Major == ocf.MajorUint && h.Arg <= math.MaxUint16
}

// addsUnknown reports whether an update begins with a valid tm, followed by a
// Property that pstat does not have.
func addsUnknown(payload []byte) bool {
	_, rest, ok := beginsWithTM(payload)
	if !ok {
		return false
	}
	h, rest, ok := definite(rest)
	if !ok || h.Major != ocf.MajorText || h.Arg > uint64(len(rest)) {
		return false
	}
	switch string(rest[:h.Arg]) {
	case "dos", "isop", "cm", "tm", "om", "sm", "rowneruuid":
		return false
	}
	return true
}

// beginsWithDOS reads the move of dos that an update begins with.
func beginsWithDOS(payload []byte) (to ocf.DOS, ok bool) {
	i := bytes.Index(payload, []byte("\x63dos\xa1\x61s"))
	if i != 1 || len(payload) < 9 || payload[8] > byte(ocf.SRESET) {
		return 0, false
	}
	return ocf.DOS(payload[8]), true
}

// definite reads the head of an item of definite length.
func definite(b []byte) (h ocf.Head, rest []byte, ok bool) {
	h, rest, err := ocf.ReadHead(b)
	return h, rest, err == nil && h.Info != ocf.Indefinite
}

// diesOfArrays has a payload that is an array end the Device as dies says, without
// an answer.
func diesOfArrays(dies func(*turn)) func(*bends) {
	return func(b *bends) {
		b.reads.add(func(t *turn, reads bool) bool {
			if len(t.sent.payload) == 0 || t.sent.payload[0]>>5 != ocf.MajorArray {
				return reads
			}
			dies(t)
			return false
		})
	}
}
