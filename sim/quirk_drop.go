package sim

import "github.com/ocfsim/ocfsim/ocf"

// dropQuirks are ways to lose what is pending, to begin it anew, or to show what is
// not so, by a write that has no effect on it (seed.txt 40-41, 54-55).
var dropQuirks = []quirk{
	{
		name: "zero-hangs-up", knob: "zero", says: "A write of tm=0 aborts what is pending, and the Device withdraws its question from the source.",
		bend: atZero(func(t *turn, pending mode) { t.hangUp(pending) }),
	},
	{
		name: "zero-restarts", knob: "zero", says: "A write of tm=0 begins what is pending anew, with another question to the source.",
		bend: atZero(func(t *turn, _ mode) {
			if t.run != 0 && t.stage == checking {
				t.emit(Effect{Kind: LeaveSource})
				t.question(Check)
			}
		}),
	},
	{
		name: "update-drops-check", knob: "overlap", says: "A request for an update takes the place of a pending check, whose question is withdrawn from the source.",
		bend: func(b *bends) {
			b.requests.add(func(t *turn, p plan) {
				if p.starts&update != 0 && p.bits&validation == 0 && t.pending()&validation != 0 {
					t.hangUp(validation)
				}
			})
		},
	},
	{
		name: "rewrite-aborts-update", knob: "rewrite", says: "An update that is requested again while it is pending is aborted.",
		bend: func(b *bends) {
			b.again.add(func(t *turn, again mode) { t.abort(again & update) })
		},
	},
	{
		name: "refused-flashes", knob: "type", says: "A write that is refused shows in tm for a moment what it asks for.",
		bend: func(b *bends) {
			b.refused.add(func(t *turn, u ocf.PstatUpdate) {
				if bits := u.TM & (ocf.SVV | ocf.SSU) &^ t.tm; u.Set.Has(ocf.PropTM) && bits != 0 {
					t.tm |= bits
					t.tell(atStart)
					t.tm &^= bits
					t.tell(atEnd)
				}
			})
		},
	},
}

// hangUp aborts processes and withdraws the question of the one that runs.
func (t *turn) hangUp(bits mode) {
	if t.run&bits != 0 {
		t.emit(Effect{Kind: LeaveSource})
	}
	t.abort(bits)
}
