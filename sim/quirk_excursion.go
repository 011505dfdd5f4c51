package sim

import "github.com/ocfsim/ocfsim/ocf"

// excursionQuirks change where an update moves dos, and how it comes back.
var excursionQuirks = []quirk{
	{
		name: "update-resets", knob: "update-dos", says: "An update ends in RESET.",
		bend: departs(ocf.RESET),
	},
	{
		name: "update-leaves-rfpro", knob: "update-dos", says: "An update leaves the Device in RFPRO.",
		bend: departs(ocf.RFPRO),
	},
	{
		name: "update-visits-rfotm", knob: "update-dos", says: "An update passes through RFOTM and comes back.",
		bend: departs(ocf.RFOTM, ocf.RFPRO, ocf.RFNOP),
	},
	{
		name: "update-moves-late", knob: "update-dos", says: "An update moves dos after it has ended.",
		bend: afterInstalled(func(t *turn) { walk(t, ocf.RFPRO, ocf.RFNOP) }),
	},
	{
		name: "excursion-stays", knob: "update-dos", says: "An update that goes to SRESET stays there.",
		bend: stays(func(*turn) bool { return true }),
	},
	{
		name: "failed-excursion-stays", knob: "update-dos", says: "An update that fails does not come back from RFPRO.",
		bend: stays(func(t *turn) bool { return t.fails() }),
	},
	{
		name: "own-excursion-stays", knob: "update-dos", says: "An update that the Device began by itself does not come back from RFPRO.",
		bend: func(b *bends) {
			keepOwn(b)
			stays(func(t *turn) bool { return t.is(ownUpdate) })(b)
		},
	},
	{
		name: "excursion-ends-late", knob: "update-dos", says: "An update ends while the Device is still in RFPRO, and comes back afterwards.",
		bend: func(b *bends) {
			late := func(t *turn, on bool) bool { return on && t.run == 0 }
			b.returns.add(late)
			b.comesHome.add(late)
			b.over.add(func(t *turn, _ mode) {
				if t.run == 0 && t.flags.has(away) {
					t.work = t.now + t.model.moment()
				}
			})
			b.idles.add(func(t *turn) { t.comeHome() })
		},
	},
	{
		name: "excursion-isop", knob: "isop", says: "isop stays true while an update has the Device in RFPRO.",
		bend: func(b *bends) {
			b.state.add(func(d *Device, s State) State {
				s.ISOP = s.ISOP || d.flags.has(away)
				return s
			})
		},
	},
	{
		name: "update-leaves-pending", knob: "pending", says: "dos.p stays true after an update that was installed.",
		bend: func(b *bends) {
			keepOddities(b)
			afterInstalled(func(t *turn) {
				t.keep().p = true
				t.tell(atMove)
			})(b)
		},
	},
}

// departs moves dos along path before an installed update shows its result. A move
// to RESET ends the update.
func departs(path ...ocf.DOS) func(*bends) {
	return func(b *bends) {
		b.concludes.add(func(t *turn, concludes bool) bool {
			if !concludes || t.run != update || !t.flags.has(fetched) {
				return concludes
			}
			walk(t, path...)
			return t.run != 0
		})
	}
}

// walk moves dos along path without asking whether the moves are legal.
func walk(t *turn, path ...ocf.DOS) {
	for _, to := range path {
		t.move(to)
		t.tell(atMove)
	}
}

// stays leaves the Device where the updates that which picks have brought it.
func stays(which func(*turn) bool) func(*bends) {
	return func(b *bends) {
		b.returns.add(func(t *turn, returns bool) bool { return returns && !which(t) })
		b.comesHome.add(func(t *turn, comes bool) bool {
			if !which(t) {
				return comes
			}
			t.flags.set(away, false)
			return false
		})
	}
}

// afterInstalled does something more once an installed update has ended.
func afterInstalled(does func(*turn)) func(*bends) {
	return func(b *bends) {
		b.ends.add(func(t *turn) {
			if t.run == update && t.flags.has(fetched) {
				does(t)
			}
		})
	}
}
