package sim

import "github.com/ocfsim/ocfsim/ocf"

// endQuirks change how a process ends and what it says its result is.
var endQuirks = []quirk{
	{
		name: "check-stale", knob: "check-result", says: "A check never takes back what an earlier one found.",
		bend: func(b *bends) {
			b.cmAtCheck.add(func(t *turn, _ ocf.DPM) ocf.DPM { return t.cm })
			b.checkResult.add(func(t *turn, finds bool) bool { return finds || t.cm.Has(ocf.SVV) })
		},
	},
	{
		name: "check-inverted", knob: "check-result", says: "cm.V says the opposite of what the check has found.",
		bend: func(b *bends) { b.checkResult.add(func(t *turn, _ bool) bool { return !t.flags.has(found) }) },
	},
	{
		name: "check-always-none", knob: "check-result", says: "cm.V is always 0.",
		bend: func(b *bends) { b.checkResult.add(func(*turn, bool) bool { return false }) },
	},
	{
		name: "check-always-found", knob: "check-result", says: "cm.V is 1 after every check.",
		bend: func(b *bends) { b.checkResult.add(func(*turn, bool) bool { return true }) },
	},
	{
		name: "check-sets-u", knob: "check-sets-u", says: "A check that finds an update sets cm.U too.",
		bend: func(b *bends) {
			keepPast(b)
			b.cmAtResult.add(func(t *turn, cm ocf.DPM) ocf.DPM {
				if t.run == validation && t.flags.has(found) && !t.recall().past.overlapped {
					return cm.With(ocf.SSU)
				}
				return cm
			})
		},
	},
	{
		name: "check-sets-later-bit", knob: "later-bit", says: "A check that finds an update also sets bit 0x100 of cm, as later editions do.",
		bend: func(b *bends) {
			b.cmAtResult.add(func(t *turn, cm ocf.DPM) ocf.DPM {
				if t.run == validation && t.flags.has(found) {
					return cm.With(0x100)
				}
				return cm
			})
		},
	},
	{
		name: "update-always-done", knob: "update-result", says: "cm.U is 1 after every update.",
		bend: saysDone(func(*turn) bool { return true }),
	},
	{
		name: "update-none-done", knob: "update-result", says: "cm.U is 1 though there was nothing to install.",
		bend: saysDone(func(t *turn) bool { return !t.flags.has(found) }),
	},
	{
		name: "update-failed-done", knob: "update-result", says: "cm.U is 1 though installing failed.",
		bend: saysDone(func(t *turn) bool { return t.flags.has(found) }),
	},
	{
		name: "update-done-hidden", knob: "update-result", says: "cm.U is 0 after an update that was installed.",
		bend: func(b *bends) { b.updateResult.add(func(*turn, bool) bool { return false }) },
	},
	{
		name: "update-not-installed", knob: "installs", says: "The update announces success, but the software is still the old one.",
		bend: func(b *bends) { b.installs.add(func(*turn, bool) bool { return false }) },
	},
	{
		name: "update-takes-v", knob: "takes-v", lawful: true, says: "A successful update clears cm.V, because nothing newer is left.",
		bend: func(b *bends) {
			b.cmAtResult.add(func(t *turn, cm ocf.DPM) ocf.DPM {
				if t.run == update && t.flags.has(fetched) {
					return cm.Without(ocf.SVV)
				}
				return cm
			})
		},
	},
	{
		name: "end-in-one-step", knob: "end", lawful: true, says: "The result in cm and the end in tm are one change and one notification.",
		bend: endsAtOnce(func(*turn) bool { return true }),
	},
	{
		name: "check-ends-first", knob: "end", says: "tm.V is cleared before the result is in cm.V.",
		bend: endsFirst(func(t *turn) bool { return t.run == validation }),
	},
	{
		name: "update-ends-first", knob: "end", says: "tm.U is cleared before the result is in cm.U.",
		bend: endsFirst(func(t *turn) bool { return t.run == update }),
	},
	{
		name: "check-never-ends", knob: "end", says: "tm.V stays 1 after the check has ended.",
		bend: neverClears(func(t *turn) bool { return t.run == validation }),
	},
	{
		name: "update-never-ends", knob: "end", says: "tm.U stays 1 after the update has ended.",
		bend: neverClears(func(t *turn) bool { return t.run == update }),
	},
	{
		name: "check-ends-twice", knob: "end", says: "A check completes twice.",
		bend: endsTwice(validation),
	},
	{
		name: "update-ends-twice", knob: "end", says: "An update completes twice.",
		bend: endsTwice(update),
	},
}

// saysDone makes the updates that which picks say that they were done.
func saysDone(which func(*turn) bool) func(*bends) {
	return func(b *bends) {
		b.updateResult.add(func(t *turn, done bool) bool { return done || which(t) })
	}
}

// endsAtOnce makes the processes that which picks show their result and their end in
// one step.
func endsAtOnce(which func(*turn) bool) func(*bends) {
	return func(b *bends) {
		b.concludes.add(func(t *turn, concludes bool) bool {
			if !concludes || !which(t) {
				return concludes
			}
			t.stage = announcing
			t.result()
			t.end()
			return false
		})
	}
}

// endsFirst makes the processes that which picks show their end before their result.
func endsFirst(which func(*turn) bool) func(*bends) {
	return func(b *bends) {
		b.resultFirst.add(func(t *turn, first bool) bool {
			if !first || !which(t) {
				return first
			}
			t.tm &^= t.run.bits()
			t.tell(atEnd)
			return false
		})
		b.clears.add(func(t *turn, clears bool) bool {
			if !clears || !which(t) {
				return clears
			}
			t.result()
			t.tell(atResult)
			return false
		})
	}
}

// endsTwice makes a process appear and end once more after its end.
func endsTwice(which mode) func(*bends) {
	return func(b *bends) {
		b.ends.add(func(t *turn) {
			if t.run == which {
				t.tm |= which.bits()
				t.tell(atStart)
				t.tm &^= which.bits()
				t.tell(atEnd)
			}
		})
	}
}
