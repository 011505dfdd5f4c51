package sim

import (
	"bytes"
	"math"
	"strings"

	"github.com/ocfsim/ocfsim/ocf"
)

// Heads of CBOR items that careless Devices look for.
const (
	headTrue  = 0xf5
	headNull  = 0xf6
	headHalf  = 0xf9
	headFloat = 0xfb
)

// careless takes an update of pstat from a payload that is none, as Devices do
// whose readers trust what they are sent; ok is false for those that refuse it.
// Each quirk trusts another thing.
func (t *turn) careless(payload []byte) (u ocf.PstatUpdate, ok bool) {
	q := &t.model.quirks
	if len(payload) == 0 {
		return u, false
	}
	switch {
	case q.has(unknownSpoils):
		return u, addsUnknown(payload) // it counts as an update of nothing
	case q.has(dosAppliedFirst):
		return dosAlone(payload)
	case q.has(bareTaken):
		n, ok := carelessNumber(payload, ocf.MajorUint)
		return ocf.PstatUpdate{Set: ocf.PropTM, TM: ocf.DPM(n)}, ok
	}
	value, found := carelessValue(q, payload)
	if !found {
		return u, false
	}
	tm, ok := carelessMode(q, value)
	return ocf.PstatUpdate{Set: ocf.PropTM, TM: tm}, ok
}

// carelessValue finds the bytes from tm's value on. The map may be cut, or its
// key only begin with tm, where that is the quirk; what else it holds is not
// looked at.
func carelessValue(q *quirks, payload []byte) (value []byte, ok bool) {
	h, rest, ok := definite(payload)
	if !ok || h.Major != ocf.MajorMap || h.Arg > 1 && !q.has(cutMapTaken) {
		return nil, false
	}
	h, rest, ok = definite(rest)
	if !ok || h.Major != ocf.MajorText || h.Arg > uint64(len(rest)) {
		return nil, false
	}
	name := string(rest[:h.Arg])
	if name != "tm" && !(q.has(prefixTaken) && strings.HasPrefix(name, "tm")) {
		return nil, false
	}
	return rest[h.Arg:], true
}

// carelessMode reads tm from a value that is no unsigned integer of 16 bits.
func carelessMode(q *quirks, value []byte) (ocf.DPM, bool) {
	if len(value) == 0 {
		return 0, false
	}
	switch first := value[0]; {
	case q.has(boolTaken):
		return ocf.SVV, first == headTrue // "the bit is set"
	case q.has(nullTaken):
		return 0, first == headNull
	case q.has(floatTaken):
		return carelessFloat(value)
	case q.has(bytesTaken):
		h, rest, ok := definite(value)
		if !ok || h.Major != ocf.MajorBytes || h.Arg == 0 || uint64(len(rest)) < h.Arg {
			return 0, false
		}
		return ocf.DPM(rest[h.Arg-1]), true
	case q.has(arrayTaken):
		if first>>5 != ocf.MajorArray {
			return 0, false
		}
		n, ok := carelessNumber(value[1:], ocf.MajorUint)
		return ocf.DPM(n), ok
	case q.has(negativeWraps):
		n, ok := carelessNumber(value, ocf.MajorNegative)
		return ocf.DPM(^n & 0xff), ok
	case q.has(lowByteKept):
		n, ok := carelessNumber(value, ocf.MajorUint)
		return ocf.DPM(n & 0xff), ok
	case q.has(cutMapTaken), q.has(prefixTaken):
		n, ok := carelessNumber(value, ocf.MajorUint)
		return ocf.DPM(n), ok && n <= math.MaxUint16
	}
	return 0, false
}

// carelessNumber reads an integer of the major type wanted.
func carelessNumber(value []byte, want byte) (uint64, bool) {
	h, _, ok := definite(value)
	return h.Arg, ok && h.Major == want
}

// beginsWithTM is what an update begins with that has a right tm; ok is false
// for any other.
func beginsWithTM(payload []byte) (tm ocf.DPM, rest []byte, ok bool) {
	if len(payload) == 0 || payload[0]>>5 != ocf.MajorMap || !bytes.HasPrefix(payload[1:], []byte("\x62tm")) {
		return 0, nil, false
	}
	h, rest, ok := definite(payload[4:])
	return ocf.DPM(h.Arg), rest, ok && h.Major == ocf.MajorUint && h.Arg <= math.MaxUint16
}

// addsUnknown reports whether an update has a right tm, and then a Property
// that pstat has not.
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

// carelessFloat reads a double, or a half that is a whole number.
func carelessFloat(value []byte) (ocf.DPM, bool) {
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

// dosAlone takes the move that an update begins with.
func dosAlone(payload []byte) (u ocf.PstatUpdate, ok bool) {
	i := bytes.Index(payload, []byte("\x63dos\xa1\x61s"))
	if i != 1 || len(payload) < 9 || payload[8] > byte(ocf.SRESET) {
		return u, false
	}
	return ocf.PstatUpdate{Set: ocf.PropDOS, DOS: ocf.DOS(payload[8])}, true
}

// definite reads the head of an item whose length is given.
func definite(b []byte) (h ocf.Head, rest []byte, ok bool) {
	h, rest, err := ocf.ReadHead(b)
	return h, rest, err == nil && h.Info != ocf.Indefinite
}
