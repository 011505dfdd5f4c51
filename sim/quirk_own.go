package sim

import "github.com/ocfsim/ocfsim/ocf"

// ownQuirks are ways to go wrong in a process that the Device began by itself, and where
// more than one party is at work.
var ownQuirks = []quirk{
	{
		name: "own-check-clears-nothing", knob: "own-start", says: "A check that the Device begins by itself leaves cm.V as it was.",
		bend: func(b *bends) {
			keepOwn(b)
			b.cmAtCheck.add(keepsOwnResult(validation))
		},
	},
	{
		name: "own-update-clears-nothing", knob: "own-start", says: "An update that the Device begins by itself leaves cm as it was.",
		bend: func(b *bends) {
			keepOwn(b)
			b.cmAtUpdate.add(keepsOwnResult(update))
		},
	},
	{
		name: "own-start-not-told", knob: "told-start", says: "Observers are not told of the start of what the Device does by itself.",
		bend: func(b *bends) {
			keepOwn(b)
			b.tells.add(func(t *turn, at occasion, tells bool) bool {
				if at != atStart || !t.is(ownCheck|ownUpdate) {
					return tells
				}
				t.seen = t.State()
				return false
			})
		},
	},
	{
		name: "own-zero-hangs-up", knob: "zero", says: "A write of tm=0 aborts what the Device began by itself, and its question is withdrawn from the source.",
		bend: func(b *bends) {
			keepOwn(b)
			atZero(func(t *turn, pending mode) {
				if t.is(ownCheck | ownUpdate) {
					t.hangUp(pending)
				}
			})(b)
		},
	},
	{
		name: "own-zero-skips-install", knob: "installs",
		says: "A write of tm=0 that meets an update which the Device began by itself has it announce success, but the software stays the old one.",
		bend: func(b *bends) {
			keepOwn(b)
			atZero(func(t *turn, _ mode) {
				if ownUpdateRuns(t) {
					t.note(skipped, true)
				}
			})(b)
			b.begins.add(func(t *turn) { t.note(skipped, false) })
			b.installs.add(func(t *turn, installs bool) bool { return installs && !t.is(skipped) })
		},
	},
	{
		name: "own-update-not-installed", knob: "installs", says: "An update that the Device began by itself announces success, but the software is still the old one.",
		bend: func(b *bends) {
			keepOwn(b)
			b.installs.add(func(t *turn, installs bool) bool { return installs && !ownUpdateRuns(t) })
		},
	},
	{
		name: "check-replaces-own-update", knob: "overlap", says: "A request for a check takes the place of an update that the Device began by itself.",
		bend: func(b *bends) {
			keepOwn(b)
			b.requests.add(func(t *turn, p plan) {
				if p.starts&validation != 0 && ownUpdateRuns(t) {
					t.hangUp(update)
				}
			})
		},
	},
	{
		name: "own-check-restores", knob: "rewrite", says: "A request that meets a check of the Device's own brings back in cm.V what the check before has found.",
		bend: func(b *bends) {
			keepOwn(b)
			keepPast(b)
			b.again.add(func(t *turn, again mode) {
				if again&validation != 0 && t.is(ownCheck) {
					t.cm = t.cm.With(t.recall().past.before & ocf.SVV)
				}
			})
		},
	},
	{
		name: "second-zero-hangs-up", knob: "zero", says: "A write of tm=0 by another Client than the one that requested the process aborts it.",
		bend: func(b *bends) {
			keepPast(b)
			b.accepted.add(func(t *turn, _ mode) { t.keep().past.requester = t.claim.session })
			atZero(func(t *turn, pending mode) {
				if t.secured() && t.claim.session != t.recall().past.requester {
					t.hangUp(pending)
				}
			})(b)
		},
	},
	{
		name: "second-request-displaces", knob: "overlap", says: "A request for an update by another Client than the one that requested the check takes the place of the check.",
		bend: func(b *bends) {
			keepPast(b)
			b.requests.add(func(t *turn, p plan) {
				if p.starts&update != 0 && p.bits&validation == 0 && t.run == validation && t.secured() && t.claim.session != t.recall().past.requester {
					t.hangUp(validation)
				}
			})
			b.accepted.add(func(t *turn, _ mode) { t.keep().past.requester = t.claim.session })
		},
	},
}

// keepsOwnResult leaves cm as it was where the Device begins the process by itself.
func keepsOwnResult(m mode) func(*turn, ocf.DPM) ocf.DPM {
	return func(t *turn, cleared ocf.DPM) ocf.DPM {
		if t.is(ownFact(m)) {
			return t.cm
		}
		return cleared
	}
}
