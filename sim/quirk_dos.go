package sim

import (
	"slices"

	"github.com/ocfsim/ocfsim/ocf"
)

// dosQuirks change what happens to dos, isop, power and the owner.
var dosQuirks = []quirk{
	{
		name: "dos-clears-cm", knob: "dos-clears", lawful: true, says: "A move of dos clears the results of the last check and update.",
		bend: func(b *bends) {
			b.moved.add(func(t *turn, _ ocf.DOS) { t.cm = t.cm.Without(ocf.SVV | ocf.SSU) })
		},
	},
	{
		name: "move-stops-check", knob: "moves-abort", says: "A check that is pending when a Client moves the Device to RFPRO stays pending for ever.",
		bend: func(b *bends) {
			b.moved.add(func(t *turn, to ocf.DOS) {
				if to == ocf.RFPRO && t.run == validation {
					t.run, t.stage, t.work = 0, idle, never
					t.ask++
				}
			})
		},
	},
	{
		name: "moves-to-rfotm", knob: "moves", says: "A Client can move dos to RFOTM.",
		bend: func(b *bends) {
			b.mayMove.add(func(_ *turn, to ocf.DOS, may bool) bool { return may || to == ocf.RFOTM })
		},
	},
	{
		name: "isop-always-true", knob: "isop", says: "isop is true in every state.",
		bend: func(b *bends) {
			b.state.add(func(_ *Device, s State) State {
				s.ISOP = true
				return s
			})
		},
	},
	{
		name: "isop-false-in-update", knob: "isop", says: "isop is false while an update is pending, though dos is RFNOP.",
		bend: func(b *bends) {
			b.state.add(func(_ *Device, s State) State {
				s.ISOP = s.ISOP && !s.TM.Has(ocf.SSU)
				return s
			})
		},
	},
	{
		name: "pending-stuck", knob: "pending", says: "dos.p is true for ever.",
		bend: func(b *bends) {
			b.state.add(func(_ *Device, s State) State {
				s.Pending = true
				return s
			})
		},
	},
	{
		name: "restart-stuck", knob: "restart", says: "After a restart during an update tm.U is 1 for ever.",
		bend: restartStops(update),
	},
	{
		name: "restart-loses-check", knob: "restart", says: "A check that is pending at a power cut stays pending for ever.",
		bend: restartStops(validation),
	},
	{
		name: "restart-loses-result", knob: "restart", says: "After a restart during an update cm.U is 0, though the software is new.",
		bend: func(b *bends) {
			keepFacts(b)
			b.boots.add(func(t *turn) {
				t.cm = t.cm.Without(ocf.SSU)
				t.note(spoiled, t.run == update)
			})
		},
	},
	{
		name: "restart-restores-cm", knob: "restart", says: "After a restart during a check cm has the value from before the check.",
		bend: func(b *bends) {
			keepPast(b)
			b.boots.add(func(t *turn) {
				if t.run == validation {
					t.cm = t.recall().past.before
				}
			})
		},
	},
	{
		name: "restart-claims-update", knob: "restart", says: "After a restart during an update cm says that it was done.",
		bend: func(b *bends) {
			b.boots.add(func(t *turn) {
				if t.run == update {
					t.tm, t.cm = t.tm.Without(ocf.SSU), t.cm.With(ocf.SSU)
					t.run, t.stage = 0, idle
				}
			})
		},
	},
	{
		name: "restart-loses-version", knob: "restart", says: "After a restart the Device runs the software from before the last update, though cm says that the update was done.",
		bend: func(b *bends) {
			keepPast(b)
			b.installs.add(func(t *turn, installs bool) bool {
				if installs {
					t.keep().past.updated = true
				}
				return installs
			})
			b.boots.add(func(t *turn) {
				if t.run == 0 && t.recall().past.updated {
					t.version--
					t.keep().past.updated = false
				}
			})
		},
	},
	{
		name: "update-loses-owner", knob: "owner", says: "An update loses the owner.",
		bend: losesOwner,
	},
	{
		name: "update-loses-acl", knob: "acl", says: "An update loses the ACL.",
		bend: afterSecured(func(t *turn) { t.entrust().aces = t.model.factory.aces }),
	},
	{
		name: "update-loses-creds", knob: "creds", says: "An update loses every credential but the owner's.",
		bend: afterSecured(func(t *turn) {
			owner := nameOf(t.trust.devowner)
			lost := func(c ocf.Cred) bool { return !t.shippedWith(&c) && !owner.owns(&c) }
			t.entrust().creds = slices.DeleteFunc(slices.Clone(t.trust.creds), lost)
		}),
	},
	{
		name: "update-adds-ace", knob: "acl", says: "An update adds an ACE for the maker.",
		bend: afterSecured(func(t *turn) {
			maker := ocf.ACE{
				Subject: ocf.Subject{UUID: ocf.UUID{0xff, 6: 0x40, 8: 0x80}}, Resources: []ocf.ResourceRef{{Href: ocf.PathD}},
				Permission: ocf.MayRead,
			}
			if list := numberedACEs(append(slices.Clip(t.trust.aces), maker)); room(nil, list) {
				t.entrust().aces = list
			}
		}),
	},
	{
		name: "update-loses-id", knob: "id", says: "An update gives the Device another uuid.",
		bend: afterSecured(func(t *turn) { t.entrust().uuid = t.drawUUID() }),
	},
}

// restartStops drops a process that a power cut interrupted instead of starting it
// again.
func restartStops(which mode) func(*bends) {
	return func(b *bends) {
		b.boots.add(func(t *turn) {
			if t.run == which {
				t.run, t.stage = 0, idle
			}
		})
	}
}

// losesOwner leaves the Device without an owner after an update. On a Device without
// security, whose owner is one in name only, doxm.owned is false until the Device is
// reset.
func losesOwner(b *bends) {
	keepFacts(b)
	b.state.add(func(d *Device, s State) State {
		s.Owned = s.Owned && !d.is(orphan)
		return s
	})
	afterInstalled(func(t *turn) { t.note(orphan, !t.secured()) })(b)
	afterSecured(func(t *turn) {
		tr := t.entrust()
		tr.owned, tr.devowner = false, ocf.UUID{}
	})(b)
}

// afterSecured is afterInstalled, limited to secured Devices.
func afterSecured(does func(*turn)) func(*bends) {
	return afterInstalled(func(t *turn) {
		if t.secured() {
			does(t)
		}
	})
}
