package sim

import (
	"github.com/ocfsim/ocfsim/ocf"
)

// What no Client may write, in any dos. rowneruuid belongs to the owner, which
// a Device without security does not have; see mayWrite for one that has.
const readOnly = ocf.PropP | ocf.PropISOP | ocf.PropCM | ocf.PropSM | ocf.PropRowner | ocf.PropRT | ocf.PropIF

// noFormat is the Content-Format of a payload without one.
const noFormat = 0xffff

// post answers a POST. Either all of it is applied, or nothing.
func (t *turn) post(r *Request) {
	res := t.model.find(r.Path)
	if res == nil || !res.writable && !(res.provisioned && t.secured()) || r.Multicast {
		t.refuseMethod(r)
		return
	}
	if code := t.access(r, Post, res); code != 0 {
		t.deny(r, code)
		return
	}
	if r.Format != ocf.FormatOCFCBOR && r.Format != ocf.FormatCBOR && r.Format != noFormat {
		t.respond(unsupportedFormat)
		return
	}
	if _, ok := res.iface(r.Interface); !ok {
		code := uint8(badRequest)
		if t.model.quirks.has(interfaceForbidden) {
			code = forbidden
		}
		t.respond(code)
		return
	}
	if res.path != ocf.PathPstat {
		t.writeSecurity(res.path, r)
		return
	}
	_, _, t.tmFirst = beginsWithTM(r.Payload)
	switch u, err := ocf.DecodePstatUpdate(r.Payload); {
	case r.Way&Unconfirmed != 0 && t.model.quirks.has(unconfirmedIgnored):
		t.respond(changed)
	case err != nil:
		t.malformed(r.Payload)
	default:
		t.write(&u)
	}
}

// write applies an update of pstat, or refuses it.
func (t *turn) write(u *ocf.PstatUpdate) {
	p, code := t.plan(u)
	if code != 0 {
		t.refuseWrite(u, code)
		return
	}
	t.overwrite(u)
	if p.moves {
		t.flags.set(away, false)
		if t.model.later {
			t.abort(validation | update)
		}
		t.move(u.DOS)
		t.strands(u.DOS)
	}
	switch {
	case u.Set.Has(ocf.PropTM):
		t.request(u.TM, p)
	case t.model.quirks.has(absentAborts):
		t.abort(t.pending())
	}
	t.acknowledge()
	t.begin()
}

// acknowledge answers an accepted write and tells the observers of it.
func (t *turn) acknowledge() {
	answer := Effect{Kind: Respond, Code: changed}
	if t.model.quirks.has(answersByACK) && t.queue.bits().Has(ocf.SSU) {
		answer = Effect{Kind: Acknowledge}
	}
	if t.model.quirks.has(answerWithPstat) {
		answer.Rep = Rep{Path: ocf.PathPstat, State: t.State()}
	}
	if t.model.quirks.has(toldBeforeAnswer) {
		t.tell(atStart)
		t.emit(answer)
		return
	}
	t.emit(answer)
	t.tell(atStart)
}

// plan is what an update that can be accepted asks for.
type plan struct {
	moves  bool    // to another dos
	bits   mode    // of tm, after what is to be ignored
	starts mode    // of bits, those that are not pending
	stick  ocf.DPM // what tm will show besides (deviant Devices only)
}

// plan checks all of u before anything is applied; code is 0 where it may be.
func (t *turn) plan(u *ocf.PstatUpdate) (p plan, code uint8) {
	q := &t.model.quirks
	p.moves = u.Set.Has(ocf.PropDOS) && u.DOS != t.dos
	switch {
	case t.forbidsWrite(u):
		return p, badRequest
	case t.dos == ocf.RESET && u.Set != 0 && !t.ignoresReset(u):
		return p, badRequest
	case u.Set.Has(ocf.PropOM) && u.OM != operationMode:
		return p, badRequest
	case p.moves && !t.mayMove(u):
		return p, badRequest
	case u.Set.Has(ocf.PropRowner) && u.Rowner.IsNil():
		return p, badRequest
	case u.Set.Has(ocf.PropDOS) && !p.moves && q.has(sameStateRefused):
		return p, badRequest
	case !u.Set.Has(ocf.PropTM):
		return p, 0
	}
	if code := t.planModes(&p, u.TM); code != 0 {
		return p, code
	}
	if p.bits != 0 && p.moves && u.DOS == ocf.RESET {
		return p, badRequest // RESET would take away what was asked for
	}
	return p, 0
}

// planModes works out what a write of tm asks for. A 1 is a request, a 0 is
// none (seed.txt 40-41, 54-55). The bits of the low byte that ask for
// provisioning have no effect; bits that this edition does not have are refused.
func (t *turn) planModes(p *plan, tm ocf.DPM) (code uint8) {
	q := &t.model.quirks
	tm, p.stick = t.misread(tm)
	if tm&reserved != 0 && !q.has(reservedIgnored) {
		return badRequest
	}
	low := tm &^ reserved &^ (ocf.SVV | ocf.SSU)
	p.bits = mode(tm & (ocf.SVV | ocf.SSU))
	p.starts = p.bits &^ t.pending()
	switch {
	case q.has(modesNeedRFNOP) && t.dos != ocf.RFNOP,
		tm == 0 && q.has(zeroRefused), low != 0 && q.has(lowBitsRefused):
		return badRequest
	case p.starts == validation|update && q.has(bothRefused):
		return badRequest
	case p.starts != 0 && t.pending() != 0 && q.has(overlapRefused):
		return badRequest
	case t.busy(p.starts):
		return serviceUnavailable
	case p.starts == update && t.pending() == 0 && !t.cm.Has(ocf.SVV) && q.has(uncheckedRefused):
		return badRequest
	case p.bits&validation != 0 && q.has(checkForbidden), p.bits&update != 0 && q.has(updateForbidden):
		return forbidden
	case p.starts == validation|update && q.has(bothUpdateOnly):
		p.starts = update
	case p.starts == validation|update && q.has(bothStuck), p.starts != 0 && low != 0 && q.has(lowBitsStuck):
		p.stick |= p.starts.bits() | low
		p.starts = 0
	}
	return 0
}

// reserved is what this edition does not define: the high byte.
const reserved ocf.DPM = 0xff00

// request makes the requests of a write of tm.
func (t *turn) request(tm ocf.DPM, p plan) {
	again := p.bits & t.pending()
	t.tm |= p.stick
	t.disturb(tm, p)
	if again != 0 {
		t.rewrite(again)
	}
	if t.model.quirks.has(requestLosesOwner) {
		t.entrust().rowners[pstatOwner] = ocf.UUID{} // a POST is taken for a PUT
	}
	t.accept(p.starts)
}

// rewrite is a request for what is pending already: nothing, to the reference.
func (t *turn) rewrite(again mode) {
	switch q := &t.model.quirks; {
	case q.has(rewriteRestarts) && again&t.run != 0 && t.stage == checking && t.tries == 0:
		t.tries = 1 // the source is asked twice at most
		t.question(Check)
	case q.has(rewriteRunsTwice):
		t.queue |= again
	case q.has(rewriteLosesCheck) && again&t.run == validation, q.has(rewriteLosesUpdate) && again&t.run == update:
		t.flags.set(spoiled, true)
	}
}
