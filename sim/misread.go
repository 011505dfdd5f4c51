package sim

import (
	"bytes"
	"strconv"

	"github.com/ocfsim/ocfsim/ocf"
)

// misread is tm as a deviant Device takes it, and what of it will stick.
func (t *turn) misread(tm ocf.DPM) (as, stick ocf.DPM) {
	q := &t.model.quirks
	switch {
	case q.has(bitsSwapped):
		return tm&^(ocf.SVV|ocf.SSU) | tm&ocf.SVV<<1 | tm&ocf.SSU>>1, 0
	case q.has(highByteActs):
		return tm >> 8, 0
	case q.has(reservedAliased):
		return tm&^reserved | tm>>8, 0
	case q.has(nextBitChecks):
		if tm.Has(0x100) {
			tm |= ocf.SVV
		}
		return tm &^ reserved, 0
	case q.has(reservedSticks):
		return tm &^ reserved, tm & reserved
	case q.has(laterBitStarts) && tm.Has(laterBit):
		return tm&^laterBit | ocf.SVV, 0
	case q.has(lowBitsStart) && tm&lowBits != 0:
		return tm | ocf.SVV, 0
	case q.has(lowByteKept):
		return tm &^ reserved, 0
	}
	return tm, 0
}

const (
	// laterBit is what later editions have in tm for an update that is on offer.
	laterBit ocf.DPM = 0x100
	// lowBits are those of Table 40 that are about onboarding.
	lowBits ocf.DPM = 0x3f
)

// forbidsWrite reports whether u carries a property that is not the Client's.
func (t *turn) forbidsWrite(u *ocf.PstatUpdate) bool {
	forbidden := t.notFor(readOnly)
	if t.model.quirks.has(cmWritable) || t.dos == ocf.RFPRO && t.model.quirks.has(cmWritableRFPRO) {
		forbidden &^= ocf.PropCM
	}
	if t.model.quirks.has(othersWritable) {
		forbidden &^= ocf.PropISOP | ocf.PropSM
	}
	if t.model.quirks.has(pendingWritable) {
		forbidden &^= ocf.PropP
	}
	if t.model.quirks.has(isopWithTM) && u.Set.Has(ocf.PropTM) {
		forbidden &^= ocf.PropISOP
	}
	if t.model.quirks.has(cmClearable) && u.CM == 0 {
		forbidden &^= ocf.PropCM
	}
	return u.Set&forbidden != 0
}

// overwrite applies what no Client should be able to write. isop and dos.p
// stay as written until the next write that is accepted, or for a while.
func (t *turn) overwrite(u *ocf.PstatUpdate) {
	t.flags.set(oddPending|oddISOP, false)
	if u.Set.Has(ocf.PropCM) {
		t.cm = u.CM
	}
	if u.Set.Has(ocf.PropRowner) {
		t.entrust().rowners[pstatOwner] = u.Rowner
	}
	t.flags.set(oddPending, u.Set.Has(ocf.PropP) && u.P)
	t.flags.set(oddISOP, u.Set.Has(ocf.PropISOP) && u.ISOP != (t.dos == ocf.RFNOP))
	if t.flags&(oddPending|oddISOP) != 0 && t.run == 0 {
		t.work = t.now + oddFor*t.model.script.reset
	}
}

// oddFor is how long what was written to isop and dos.p stays, in units of the
// time that a Device spends in RESET.
const oddFor = 10

// getEven forgets it.
func (t *turn) getEven() {
	t.flags.set(oddPending|oddISOP, false)
	t.tell(atMove)
}

// disturb is what a write of tm does to processes that it should leave alone.
func (t *turn) disturb(tm ocf.DPM, p plan) {
	q := &t.model.quirks
	pending := t.pending()
	switch {
	case q.has(overlapAborts) && p.starts != 0 && pending != 0:
		t.abort(pending)
	case q.has(lowBitsAbort) && tm&lowBits != 0:
		t.abort(pending)
	case q.has(lowBitsClearCM) && tm&0x3f != 0 && pending == 0:
		t.cm = 0
	case tm != 0:
	case t.zeroLapses(pending):
		t.abort(pending)
	case q.has(strangerClears) && t.secured() && !t.claim.granted:
		t.abort(pending)
	case q.has(zeroAbortsCheck):
		t.abort(pending & validation)
	case q.has(zeroAbortsUpdate):
		t.abort(pending & update)
	case q.has(zeroForcesNone):
		t.flags.set(spoiled, true)
	case q.has(zeroHides):
		t.tm = 0
	case q.has(zeroClearsCM) && pending == 0:
		t.cm = 0
	case q.has(zeroClearsU) && pending == 0:
		t.cm = t.cm.Without(ocf.SSU)
	case q.has(zeroStartsCheck) && pending == 0:
		t.accept(validation)
	}
}

// malformed answers a payload that is no update of pstat: 4.00, and nothing
// of it is applied.
func (t *turn) malformed(payload []byte) {
	q := &t.model.quirks
	t.noteMalformed()
	tm, ok := guess(payload)
	u, taken := t.careless(payload)
	switch {
	case q.has(typeReset):
		t.emit(Effect{Kind: SendReset})
	case taken && q.has(dosAppliedFirst):
		t.respond(t.refusal(badRequest))
		t.move(u.DOS)
		t.tell(atMove)
	case taken:
		t.write(&u)
	case q.has(oddAborts):
		t.respond(t.refusal(badRequest))
		t.abort(t.pending())
		t.tell(atEnd)
	case q.has(appliedUntilBad) && t.tmFirst:
		t.refuseWrite(&ocf.PstatUpdate{Set: ocf.PropTM, TM: tm}, badRequest)
	case q.has(typeCoerced) && ok:
		t.write(&ocf.PstatUpdate{Set: ocf.PropTM, TM: tm})
	case q.has(refusedButApplied) && ok:
		t.refuseWrite(&ocf.PstatUpdate{Set: ocf.PropTM, TM: tm}, badRequest)
	default:
		t.respond(badRequest)
	}
}

// refuseWrite answers a write that cannot be accepted.
func (t *turn) refuseWrite(u *ocf.PstatUpdate, code uint8) {
	t.respond(t.refusal(code))
	t.noteRefusal()
	q := &t.model.quirks
	if !q.has(refusedButApplied) && !(q.has(appliedUntilBad) && t.tmFirst) || !u.Set.Has(ocf.PropTM) {
		return
	}
	bits := mode(u.TM & (ocf.SVV | ocf.SSU))
	t.accept(bits &^ t.pending())
	t.tell(atStart)
	t.begin()
}

// guess reads tm as carelessly as some Devices do: text that looks like a
// number, a number of any size, of which 16 bits are kept.
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
