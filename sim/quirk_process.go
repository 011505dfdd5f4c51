package sim

import "github.com/ocfsim/ocfsim/ocf"

// processQuirks change how a process starts and how tm and cm show it.
var processQuirks = []quirk{
	{
		name: "check-clears-nothing", knob: "check-clears", says: "The start of a check leaves cm.V as it was.",
		bend: func(b *bends) { b.cmAtCheck.add(func(t *turn, _ ocf.DPM) ocf.DPM { return t.cm }) },
	},
	{
		name: "check-sets-v", knob: "check-clears", says: "The start of a check sets cm.V.",
		bend: func(b *bends) { b.cmAtCheck.add(func(t *turn, _ ocf.DPM) ocf.DPM { return t.cm.With(ocf.SVV) }) },
	},
	{
		name: "update-clears-v", knob: "update-clears", lawful: true,
		says: "The start of an update clears only cm.V, which is what seed.txt 48-49 says literally.",
		bend: func(b *bends) {
			b.cmAtUpdate.add(func(t *turn, _ ocf.DPM) ocf.DPM { return t.cm.Without(ocf.SVV) })
		},
	},
	{
		name: "update-clears-u", knob: "update-clears", lawful: true,
		says: "The start of an update clears only cm.U, which is what seed.txt 48-49 seems to mean.",
		bend: func(b *bends) {
			b.cmAtUpdate.add(func(t *turn, _ ocf.DPM) ocf.DPM { return t.cm.Without(ocf.SSU) })
		},
	},
	{
		name: "update-clears-nothing", knob: "update-clears", says: "The start of a requested update clears neither cm.V nor cm.U.",
		bend: func(b *bends) {
			keepOwn(b)
			b.cmAtUpdate.add(func(t *turn, cleared ocf.DPM) ocf.DPM {
				if t.is(ownUpdate) {
					return cleared
				}
				return t.cm
			})
		},
	},
	{
		name: "update-sets-u", knob: "update-clears", says: "The start of an update sets cm.U.",
		bend: func(b *bends) {
			b.cmAtUpdate.add(func(t *turn, _ ocf.DPM) ocf.DPM { return t.cm.Without(ocf.SVV).With(ocf.SSU) })
		},
	},
	{
		name: "check-hidden", knob: "check-shown", says: "A check is never pending in tm.",
		bend: func(b *bends) {
			b.shown.add(func(_ *turn, _ mode, shown ocf.DPM) ocf.DPM { return shown.Without(ocf.SVV) })
		},
	},
	{
		name: "update-hidden", knob: "update-shown", says: "An update is never pending in tm.",
		bend: func(b *bends) {
			b.shown.add(func(_ *turn, _ mode, shown ocf.DPM) ocf.DPM { return shown.Without(ocf.SSU) })
		},
	},
	{
		name: "check-shows-update", knob: "check-shown", says: "tm shows U as long as a check runs.",
		bend: func(b *bends) {
			b.shown.add(func(_ *turn, _ mode, shown ocf.DPM) ocf.DPM {
				if shown.Has(ocf.SVV) {
					return shown.With(ocf.SSU)
				}
				return shown
			})
			b.clears.add(func(t *turn, clears bool) bool {
				if clears && t.run == validation && t.queue&update == 0 {
					t.tm = t.tm.Without(ocf.SSU)
				}
				return clears
			})
		},
	},
	{
		name: "check-raises-u", knob: "check-shown", says: "A check sets U in tm, and only an update would clear it.",
		bend: raises(ocf.SVV, ocf.SSU),
	},
	{
		name: "update-raises-v", knob: "update-shown", says: "An update sets V in tm, and only a check would clear it.",
		bend: raises(ocf.SSU, ocf.SVV),
	},
	{
		name: "check-raises-0x4", knob: "check-shown", says: "A check sets bit 4 in tm, bootstrap service, for ever.",
		bend: raises(ocf.SVV, 0x4),
	},
	{
		name: "check-raises-0x100", knob: "check-shown", says: "A check sets bit 0x100 in tm, which this edition does not define, for ever.",
		bend: raises(ocf.SVV, 0x100),
	},
	{
		name: "process-not-started", knob: "asks", says: "Requests are accepted, but nothing happens.",
		bend: func(b *bends) {
			b.asks.add(func(t *turn, asks bool) bool {
				if asks {
					t.run, t.queue = 0, 0
				}
				return false
			})
		},
	},
	{
		name: "autonomous-hidden", knob: "autonomous", lawful: true, says: "What the Device does by itself is not shown.",
		bend: hidesOwn,
	},
	{
		name: "autonomous-never-ends", knob: "autonomous", says: "The tm bit of an autonomous process is never cleared.",
		bend: func(b *bends) {
			keepOwn(b)
			neverClears(func(t *turn) bool { return t.is(ownFact(t.run)) })(b)
		},
	},
	{
		name: "autonomous-result-lost", knob: "autonomous", says: "An autonomous process is shown in tm, but its result is missing in cm.",
		bend: func(b *bends) {
			keepOwn(b)
			saysNothing(func(t *turn) bool { return t.is(ownFact(t.run)) })(b)
		},
	},
	{
		name: "autonomous-replaces", knob: "autonomous", says: "An autonomous process takes the place of a pending one, whose bit stays in tm.",
		bend: func(b *bends) {
			b.own.add(func(t *turn, bits mode) mode {
				shown := t.tm
				t.abort(t.pending())
				t.tm = shown
				return bits
			})
		},
	},
	{
		name: "own-update-lost", knob: "autonomous", says: "An update that the Device began by itself installs the software, but cm does not say so.",
		bend: func(b *bends) {
			keepOwn(b)
			saysNothing(ownUpdateRuns)(b)
		},
	},
	{
		name: "own-failure-done", knob: "autonomous", says: "An update that the Device began by itself fails, but cm says that it was done.",
		bend: func(b *bends) {
			keepOwn(b)
			keepPast(b)
			saysDone(func(t *turn) bool { return t.is(ownUpdate) && t.recall().past.why != 0 })(b)
		},
	},
	{
		name: "own-update-stuck", knob: "autonomous", says: "An update that the Device begins by itself without a check stays pending in tm.",
		bend: func(b *bends) {
			keepOwn(b)
			keepPast(b)
			neverClears(func(t *turn) bool { return ownUpdateRuns(t) && t.recall().past.checks == 0 })(b)
		},
	},
	{
		name: "check-chains", knob: "chains",
		says: "A check that finds an update installs it, as IoTivity-Lite does, but cm does not say so.",
		bend: func(b *bends) {
			keepOwn(b)
			keepPast(b)
			saysNothing(ownUpdateRuns)(b)
			chains(b)
		},
	},
	{
		name: "check-goes-on", knob: "chains", says: "A check that finds an update goes on to install it.",
		bend: func(b *bends) {
			keepPast(b)
			chains(b)
		},
	},
	{
		name: "cm-register", knob: "cm-register",
		says: "cm is a register of progress: 0x140 when a check has found an update, 0x1c0 while it is installed, 0 in the end.",
		bend: cmRegister,
	},
}

// chains has an update follow each check that has found one.
func chains(b *bends) {
	b.ends.add(func(t *turn) { t.keep().past.chains = t.flags.has(found) })
	b.over.add(func(t *turn, was mode) {
		if was == validation && t.run == 0 && t.recall().past.chains {
			t.startOwn(update)
		}
	})
}

// cmRegister writes to cm how far the Device has come: the bit for an offer, which later
// editions have, then V, then U, and nothing once it is done or has failed. The start of
// a check clears nothing.
func cmRegister(b *bends) {
	const validated, upgrading = laterBit | ocf.SVV, laterBit | ocf.SVV | ocf.SSU
	b.cmAtCheck.add(func(t *turn, _ ocf.DPM) ocf.DPM { return t.cm })
	b.cmAtUpdate.add(func(*turn, ocf.DPM) ocf.DPM { return upgrading })
	b.cmAtResult.add(func(t *turn, _ ocf.DPM) ocf.DPM {
		if t.run == validation && t.flags.has(found) {
			return validated
		}
		return 0
	})
}

// keepOwn remembers which processes no Client has asked for.
func keepOwn(b *bends) {
	keepFacts(b)
	b.own.add(func(t *turn, bits mode) mode {
		for _, m := range [...]mode{validation, update} {
			if bits&m != 0 {
				t.note(ownFact(m), true)
			}
		}
		return bits
	})
}

func ownUpdateRuns(t *turn) bool { return t.run == update && t.is(ownUpdate) }

// hidesOwn runs the processes that the Device starts by itself without showing them.
// A Client's request aborts a hidden process and takes its place.
func hidesOwn(b *bends) {
	keepFacts(b)
	b.own.add(func(t *turn, bits mode) mode {
		if t.run == 0 {
			t.note(hidden, true)
			t.queue |= bits
			t.begin()
		}
		return 0
	})
	b.pending.add(func(d *Device, pending mode) mode {
		if d.is(hidden) {
			return 0
		}
		return pending
	})
	b.accepted.add(func(t *turn, _ mode) {
		if t.is(hidden) {
			t.note(hidden, false)
			t.abort(t.run | t.queue)
		}
	})
	saysNothing(func(t *turn) bool { return t.is(hidden) })(b)
	endsAtOnce(func(t *turn) bool { return t.is(hidden) })(b)
}

// neverClears leaves the tm bit of the processes that which picks set for ever.
func neverClears(which func(*turn) bool) func(*bends) {
	return func(b *bends) {
		b.clears.add(func(t *turn, clears bool) bool { return clears && !which(t) })
	}
}

// saysNothing leaves cm as it is when a process that which picks ends.
func saysNothing(which func(*turn) bool) func(*bends) {
	return func(b *bends) {
		b.saysResult.add(func(t *turn, says bool) bool { return says && !which(t) })
	}
}

// raises makes the start of a requested process set one more bit in tm.
func raises(process, more ocf.DPM) func(*bends) {
	return func(b *bends) {
		keepOwn(b)
		b.shown.add(func(t *turn, _ mode, shown ocf.DPM) ocf.DPM {
			if shown.Has(process) && !t.is(ownCheck|ownUpdate) {
				return shown.With(more)
			}
			return shown
		})
	}
}
