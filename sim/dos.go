package sim

import "github.com/ocfsim/ocfsim/ocf"

// legalMoves are the moves of dos that a Client may ask for:
//
//	RESET <---- from every other state
//	  | by itself
//	  v
//	RFOTM ----> RFPRO <----> RFNOP
//	              ^            |
//	              |            v
//	              +-------> SRESET
//
// A write of the state that the Device is in is no move; it is accepted, but
// in RESET, where nothing can be written.
var legalMoves = [...][5]bool{
	ocf.RESET:  {},
	ocf.RFOTM:  {ocf.RESET: true, ocf.RFPRO: true},
	ocf.RFPRO:  {ocf.RESET: true, ocf.RFNOP: true, ocf.SRESET: true},
	ocf.RFNOP:  {ocf.RESET: true, ocf.RFPRO: true, ocf.SRESET: true},
	ocf.SRESET: {ocf.RESET: true, ocf.RFPRO: true},
}

func legalMove(from, to ocf.DOS) bool { return legalMoves[from][to] }

// mayMove reports whether a Client may move dos as u has it.
func (t *turn) mayMove(u *ocf.PstatUpdate) bool {
	return t.bent.mayMove.decide(t, u.DOS, legalMove(t.dos, u.DOS) && t.ready(u))
}

// The bits of tm and cm that say where a Device is on its way to an owner.
const lowModes = ocf.Reset | ocf.TakeOwner

// move enters the state to. In the first edition only RESET takes the update
// bits away, and in any other state processes go on; in a later one every
// state takes away what cm says. RESET makes a secured Device nobody's.
func (t *turn) move(to ocf.DOS) {
	t.dos = to
	t.tm = t.tm.Without(lowModes)
	t.cm = t.cm.Without(lowModes)
	if t.model.later {
		t.cm = t.cm.Without(ocf.SVV | ocf.SSU)
	}
	switch to {
	case ocf.RESET:
		t.abort(validation | update)
		t.tm, t.cm = ocf.TakeOwner, ocf.Reset
		t.flags.set(away|found|fetched, false)
		t.work = t.now + t.model.script.reset
		t.drop = serviceUnavailable
		if t.secured() {
			t.disown()
		}
	case ocf.RFOTM:
		t.cm |= ocf.TakeOwner
	case ocf.SRESET:
		t.cm |= ocf.Reset
	}
	t.bent.moved.happens(t, to)
}

// leaveReset goes from RESET to RFOTM once the defaults are back. There it
// stays until a Client moves it on: a Device without security has no owner
// whose absence would keep it from RFPRO. A secured one ends its sessions and
// takes another uuid.
func (t *turn) leaveReset() {
	if t.secured() {
		t.emit(Effect{Kind: CloseSessions})
		t.rename()
	}
	t.move(ocf.RFOTM)
	t.tell(atMove)
}

// excursion moves an update out of RFNOP and back. An update that finds the
// Device elsewhere, because a Client moved it, leaves it there.
func (t *turn) excursion(to ocf.DOS) {
	gone := t.flags.has(away)
	if !gone && t.dos != ocf.RFNOP || !legalMove(t.dos, to) || gone && !t.bent.returns.decide(t, true) {
		return
	}
	t.flags.set(away, to != ocf.RFNOP)
	t.move(to)
	t.tell(atMove)
}

// comeHome ends an excursion: dos is back in RFNOP before the update completes.
func (t *turn) comeHome() {
	if !t.bent.comesHome.decide(t, true) {
		return
	}
	for t.flags.has(away) {
		home := ocf.RFNOP
		if !legalMove(t.dos, home) {
			home = ocf.RFPRO
		}
		t.excursion(home)
	}
}

// ship restores what a Device of this kind is shipped with, in one step: owned
// and in RFNOP, for it has no security to set up, with the software that is
// installed. What the world around it is arranged to be stays so. A secured
// Device is shipped unowned.
func (t *turn) ship() {
	boot := t.work
	t.abort(validation | update)
	t.flags &= arranged | off
	t.bent.shipped.happens(t)
	t.dos, t.tm, t.cm = ocf.RFNOP, 0, 0
	if t.secured() {
		t.disown()
		t.rename()
		t.dos, t.cm = ocf.RFOTM, ocf.TakeOwner
		t.drop = serviceUnavailable
		t.dropObservers() // while their sessions are still there
		t.emit(Effect{Kind: CloseSessions})
	}
	if t.flags.has(off) {
		t.work = boot
		return
	}
	t.work = never
	if !t.secured() {
		t.drop = serviceUnavailable
	}
}
