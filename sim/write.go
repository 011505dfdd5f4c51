package sim

import "github.com/ocfsim/ocfsim/ocf"

// What no Client may write, in any dos. rowneruuid belongs to the owner, which
// a Device without security does not have; see notFor for one that has.
const readOnly = ocf.PropP | ocf.PropISOP | ocf.PropCM | ocf.PropSM | ocf.PropRowner | ocf.PropRT | ocf.PropIF

// noFormat is the Content-Format of a payload without one.
const noFormat = 0xffff

// post answers a POST. Either all of it is applied, or nothing.
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

// malformed answers a payload that is no update of pstat: nothing of it is applied.
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
			t.abort(validation | update)
		}
		t.move(u.DOS)
	}
	if u.Set.Has(ocf.PropTM) {
		t.requestModes(p)
	}
	t.acknowledge()
	t.begin()
}

// refuseWrite answers a write that cannot be accepted. Nothing of it is applied.
func (t *turn) refuseWrite(u ocf.PstatUpdate, code uint8) {
	t.respond(t.refusal(code))
	t.bent.refused.happens(t, u)
}

// acknowledge answers an accepted write and tells the observers of it.
func (t *turn) acknowledge() {
	t.emit(t.bent.answer.decide(t, Effect{Kind: Respond, Code: changed}))
	t.tell(atStart)
}

// plan is what an update that can be accepted asks for.
type plan struct {
	moves  bool    // to another dos
	tm     ocf.DPM // as it is written
	read   ocf.DPM // as the Device reads it
	bits   mode    // of read, those that are processes
	starts mode    // of bits, those that are not pending
}

// plan checks all of u before anything is applied; code is 0 where it may be.
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
		return p, badRequest // RESET would take away what was asked for
	}
	return p, 0
}

// refusable is an update that the reference accepts, and what it asks for.
type refusable struct {
	ocf.PstatUpdate
	plan
}

// planModes works out what a write of tm asks for. A 1 is a request, a 0 is
// none (seed.txt 40-41, 54-55). The bits of the low byte that ask for
// provisioning have no effect; bits that this edition does not have are refused.
func (t *turn) planModes(p *plan, tm ocf.DPM) bool {
	p.tm, p.read = tm, t.bent.read.decide(t, tm)
	if t.bent.undefined.decide(t, p.read&reserved) != 0 {
		return false
	}
	p.bits = mode(p.read & (ocf.SVV | ocf.SSU))
	p.starts = p.bits &^ t.pending()
	return true
}

// reserved is what this edition does not define: the high byte.
const reserved ocf.DPM = 0xff00

// requestModes makes the requests of a write of tm. A request for what is
// pending already changes nothing.
func (t *turn) requestModes(p plan) {
	again := p.bits & t.pending()
	p.starts = t.bent.starts.decide(t, p, p.starts)
	t.bent.requests.happens(t, p)
	if again != 0 {
		t.bent.again.happens(t, again)
	}
	t.accept(p.starts)
}
