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
// Writing the state that the Device is already in is not a move. It is accepted,
// except in RESET, where nothing can be written.
var legalMoves = [...][5]bool{
	ocf.RESET:  {},
	ocf.RFOTM:  {ocf.RESET: true, ocf.RFPRO: true},
	ocf.RFPRO:  {ocf.RESET: true, ocf.RFNOP: true, ocf.SRESET: true},
	ocf.RFNOP:  {ocf.RESET: true, ocf.RFPRO: true, ocf.SRESET: true},
	ocf.SRESET: {ocf.RESET: true, ocf.RFPRO: true},
}

func legalMove(from, to ocf.DOS) bool { return legalMoves[from][to] }

// mayMove reports whether a Client may move dos as u asks.
func (t *turn) mayMove(u *ocf.PstatUpdate) bool {
	return t.bent.mayMove.decide(t, u.DOS, legalMove(t.dos, u.DOS) && t.ready(u))
}

// lowModes are the bits of tm and cm that show how far a Device is on its way to an
// owner.
const lowModes = ocf.Reset | ocf.TakeOwner

// move enters the state to. In the first edition only RESET clears the update bits,
// and processes go on in every other state; in a later edition every move clears the
// update bits of cm. RESET leaves a secured Device without an owner.
func (t *turn) move(to ocf.DOS) {
	t.dos = to
	t.tm = t.tm.Without(lowModes)
	t.cm = t.cm.Without(lowModes)
	if t.model.later {
		t.cm = t.bent.cmAtMove.decide(t, t.cm.Without(everything.bits()))
	}
	switch to {
	case ocf.RESET:
		t.abort(everything)
		t.tm, t.cm = ocf.TakeOwner, ocf.Reset
		t.flags.set(away|found|fetched, false)
		t.unplan()
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

// leaveReset goes from RESET to RFOTM once the defaults are restored. The Device
// stays there until a Client moves it on; if it has no security, it has no owner
// whose absence would keep it from RFPRO. A secured Device ends its sessions and
// takes another uuid.
func (t *turn) leaveReset() {
	if t.secured() {
		t.emit(Effect{Kind: CloseSessions})
		t.rename()
	}
	t.move(ocf.RFOTM)
	t.tell(atMove)
}

// excursion moves the Device out of RFNOP during an update, and back. If a Client
// has moved the Device elsewhere meanwhile, the update leaves it there.
func (t *turn) excursion(to ocf.DOS) {
	gone := t.flags.has(away)
	if !gone && t.dos != ocf.RFNOP || !legalMove(t.dos, to) || gone && !t.bent.returns.decide(t, true) {
		return
	}
	t.flags.set(away, to != ocf.RFNOP)
	t.move(to)
	t.tell(atMove)
}

// comeHome ends an excursion: it brings dos back to RFNOP before the update
// completes.
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

// ship restores the state in which this kind of Device is shipped, in one step, and
// keeps the installed software. An unsecured Device has no security to set up, so it
// is shipped owned and in RFNOP; a secured Device is shipped unowned. An arranged
// outcome stays arranged.
func (t *turn) ship() {
	boot := t.work
	t.abort(everything)
	t.flags &= arranged | off
	t.unplan()
	t.bent.shipped.happens(t)
	t.dos, t.tm, t.cm = ocf.RFNOP, 0, 0
	if t.secured() {
		t.disown()
		t.rename()
		t.dos, t.cm = ocf.RFOTM, ocf.TakeOwner
		t.drop = serviceUnavailable
		t.dropObservers() // while their sessions still exist
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
