package sim

// What goes wrong for what came before it, and should have left no trace.

// zeroLapses reports whether a write of tm=0 aborts what is pending because of
// what came before it.
func (t *turn) zeroLapses(pending mode) bool {
	if !t.deviates() || pending == 0 {
		return false
	}
	q, l := &t.model.quirks, t.lapse()
	l.zeros++
	return q.has(zeroAbortsTwice) && l.zeros == 2 ||
		q.has(zeroAbortsRefused) && l.refused ||
		q.has(zeroAbortsMalformed) && l.malformed
}

// noteRefusal keeps in mind that a write was refused.
func (t *turn) noteRefusal() {
	if t.deviates() {
		t.lapse().refused = true
	}
}

// noteMalformed keeps in mind that a payload could not be read.
func (t *turn) noteMalformed() {
	if t.deviates() {
		t.lapse().malformed = true
	}
}
