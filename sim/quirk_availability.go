package sim

import "github.com/ocfsim/ocfsim/ocf"

// availabilityQuirks change what a later edition adds: the availability check, the
// download of a validation, and the moves of dos that clear bits.
var availabilityQuirks = []quirk{
	{
		name: "availability-refused", knob: "availability", says: "A request for an availability check is refused.",
		bend: refusesModes(badRequest, func(_ *turn, p plan) bool { return p.bits&availability != 0 }),
	},
	{
		name: "availability-not-started", knob: "availability", says: "A request for an availability check is accepted, and nothing happens.",
		bend: func(b *bends) {
			b.asks.add(func(t *turn, asks bool) bool {
				if asks && t.run == availability {
					t.run, t.queue = 0, 0
					return false
				}
				return asks
			})
		},
	},
	{
		name: "availability-not-asked", knob: "availability", says: "The Device makes up whether there is new software.",
		bend: func(b *bends) {
			b.asks.add(func(t *turn, asks bool) bool {
				if asks && t.run == availability {
					pretend(t)
					return false
				}
				return asks
			})
		},
	},
	{
		name: "availability-keeps-n", knob: "availability", says: "The start of an availability check leaves cm.N as it was.",
		bend: func(b *bends) { b.cmAtAvailability.add(func(t *turn, _ ocf.DPM) ocf.DPM { return t.cm }) },
	},
	{
		name: "availability-never", knob: "availability", says: "cm.N stays 0 whatever the source has.",
		bend: findsAvailable(false),
	},
	{
		name: "availability-always", knob: "availability", says: "cm.N becomes 1 whatever the source has.",
		bend: findsAvailable(true),
	},
	{
		name: "availability-never-ends", knob: "availability", says: "tm.N stays 1 after the availability check has ended.",
		bend: neverClears(func(t *turn) bool { return t.run == availability }),
	},
	{
		name: "availability-aborted", knob: "availability", says: "A write of tm=0 aborts an availability check.",
		bend: atZero(func(t *turn, pending mode) { t.abort(pending & availability) }),
	},
	{
		name: "availability-hidden", knob: "availability", says: "An availability check is never pending in tm.",
		bend: func(b *bends) {
			b.shown.add(func(_ *turn, _ mode, shown ocf.DPM) ocf.DPM { return shown.Without(ocf.NSA) })
		},
	},
	{
		name: "availability-ends-first", knob: "availability", says: "tm.N is cleared before the result is in cm.N.",
		bend: endsFirst(func(t *turn) bool { return t.run == availability }),
	},
	{
		name: "availability-downloads", knob: "availability", says: "An availability check that finds new software downloads it.",
		bend: func(b *bends) {
			b.downloads.add(func(t *turn, downloads bool) bool { return downloads || t.run == availability })
		},
	},
	{
		name: "availability-for-all", knob: "availability", says: "A Client without the privilege is refused an availability check, which begins all the same.",
		bend: func(b *bends) {
			b.denied.add(func(t *turn) {
				if t.claim.kind != Post || t.claim.path != ocf.PathPstat || t.dos != ocf.RFNOP {
					return
				}
				if u, err := ocf.DecodePstatUpdate(t.sent.payload); err == nil && u.TM.Has(ocf.NSA) {
					t.accept(availability &^ t.pending())
					t.tell(atStart)
					t.begin()
				}
			})
		},
	},
	{
		name: "validation-not-downloaded", knob: "validation-downloads", says: "A validation announces a valid package without downloading it.",
		bend: func(b *bends) {
			b.downloads.add(func(t *turn, downloads bool) bool { return downloads && t.run != validation })
		},
	},
	{
		name: "move-keeps-cm", knob: "move-clears", says: "A move of dos leaves cm as it was, as in the first edition.",
		bend: func(b *bends) { b.cmAtMove.add(func(t *turn, _ ocf.DPM) ocf.DPM { return t.cm }) },
	},
}

// findsAvailable makes every availability check end with this result.
func findsAvailable(result bool) func(*bends) {
	return func(b *bends) {
		b.checkResult.add(func(t *turn, is bool) bool {
			if t.run == availability {
				return result
			}
			return is
		})
	}
}
