package sim

import "github.com/ocfsim/ocfsim/ocf"

// readOnly is what no Client may write, in any dos. Only the owner may write
// rowneruuid, and a Device without security has no real owner; for one with security
// see notFor.
const readOnly = ocf.PropP | ocf.PropISOP | ocf.PropCM | ocf.PropSM | ocf.PropRowner | ocf.PropRT | ocf.PropIF

// noFormat is the Content-Format of a request that names none.
const noFormat = 0xffff

// post answers a POST. It applies either all of it or nothing.
func (t *turn) post(r *Request) {
	t.sent = sent{payload: r.Payload, iface: r.Interface, way: r.Way}
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
		t.respond(t.bent.noInterface.decide(t, badRequest))
		return
	}
	if res.vertical {
		t.writeSchedule(r)
		return
	}
	if res.path != ocf.PathPstat {
		t.writeSecurity(res.path, r)
		return
	}
	if !t.bent.reads.decide(t, true) {
		return
	}
	u, err := ocf.DecodePstatUpdate(r.Payload)
	if err != nil {
		t.malformed()
		return
	}
	t.write(u)
}

// malformed answers a payload that is not a valid update of pstat. Nothing of it is
// applied.
func (t *turn) malformed() {
	if t.bent.malformed.decide(t, true) {
		t.respond(badRequest)
	}
}

// write applies an update of pstat, or refuses it.
func (t *turn) write(u ocf.PstatUpdate) {
	p, code := t.plan(&u)
	if code != 0 {
		t.refuseWrite(u, code)
		return
	}
	t.bent.applies.happens(t, u)
	if u.Set.Has(ocf.PropRowner) {
		t.entrust().rowners[pstatOwner] = u.Rowner
	}
	if p.moves {
		t.flags.set(away, false)
		if t.model.later {
			t.abort(everything)
		}
		t.move(u.DOS)
	}
	if u.Set.Has(ocf.PropTM) {
		t.requestModes(p)
	}
	t.acknowledge()
	t.begin()
}

// refuseWrite answers a write that the Device cannot accept. Nothing of it is
// applied.
func (t *turn) refuseWrite(u ocf.PstatUpdate, code uint8) {
	t.respond(t.refusal(code))
	t.bent.refused.happens(t, u)
}

// acknowledge answers an accepted write and tells the observers of it.
func (t *turn) acknowledge() {
	t.emit(t.bent.answer.decide(t, Effect{Kind: Respond, Code: changed}))
	t.tell(atStart)
}

// plan is what an acceptable update asks for.
type plan struct {
	moves  bool    // dos moves to another state
	tm     ocf.DPM // as the Client wrote it
	read   ocf.DPM // as the Device reads it
	bits   mode    // the processes in read
	starts mode    // the processes in bits that are not pending yet
}

// plan checks all of u before the Device applies any of it. If the Device may apply
// it, code is 0.
func (t *turn) plan(u *ocf.PstatUpdate) (p plan, code uint8) {
	p.moves = u.Set.Has(ocf.PropDOS) && u.DOS != t.dos
	switch {
	case u.Set&t.bent.readOnly.decide(t, *u, t.notFor(readOnly)) != 0,
		t.dos == ocf.RESET && u.Set != 0 && t.bent.closedInReset.decide(t, *u, true),
		u.Set.Has(ocf.PropOM) && u.OM != operationMode,
		p.moves && !t.mayMove(u),
		u.Set.Has(ocf.PropRowner) && u.Rowner.IsNil():
		return p, badRequest
	}
	if u.Set.Has(ocf.PropTM) && !t.planModes(&p, u.TM) {
		return p, badRequest
	}
	if code := t.bent.refuses.decide(t, refusable{*u, p}, 0); code != 0 {
		return p, code
	}
	if p.bits != 0 && p.moves && u.DOS == ocf.RESET {
		return p, badRequest // RESET would clear what the write asks for
	}
	return p, 0
}

// refusable is an update that the reference accepts, together with what it asks for.
type refusable struct {
	ocf.PstatUpdate
	plan
}

// planModes works out what a write of tm asks for. A 1 is a request; a 0 requests
// nothing (seed.txt 40-41, 54-55). The bits of the low byte that ask for
// provisioning have no effect. Bits that this edition does not define are refused.
func (t *turn) planModes(p *plan, tm ocf.DPM) bool {
	p.tm, p.read = tm, t.bent.read.decide(t, tm)
	if t.bent.undefined.decide(t, p.read&t.undefined()) != 0 {
		return false
	}
	p.bits = modeOf(p.read &^ t.undefined())
	p.starts = p.bits &^ t.pending()
	return true
}

// reserved is the high byte of tm, which the first edition does not define.
const reserved ocf.DPM = 0xff00

// undefined are the bits of tm that the Device's edition does not define. A later one
// defines N.
func (d *Device) undefined() ocf.DPM {
	if d.model.availability {
		return reserved &^ ocf.NSA
	}
	return reserved
}

// requestModes makes the requests of a write of tm. Requesting a process that is
// already pending changes nothing.
func (t *turn) requestModes(p plan) {
	again := p.bits & t.pending()
	p.starts = t.bent.starts.decide(t, p, p.starts)
	t.bent.requests.happens(t, p)
	if again != 0 {
		t.bent.again.happens(t, again)
	}
	t.accept(p.starts)
}
