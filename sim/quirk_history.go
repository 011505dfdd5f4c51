package sim

import "github.com/ocfsim/ocfsim/ocf"

// historyQuirks go wrong because of what happened before: on the eighth check in a
// row, when requests overlap, or after one kind of failure.
var historyQuirks = []quirk{
	{
		name: "check-fades", knob: "fades", says: "The second check in a row leaves a timer behind that takes back what the check has found.",
		bend: fades(validation),
	},
	{
		name: "update-fades", knob: "fades", says: "The second update in a row leaves a timer behind that takes back that the update was done.",
		bend: fades(update),
	},
	{
		name: "result-taken-back", knob: "fades", says: "What a process has found or done is taken back as soon as it has been told.",
		bend: func(b *bends) {
			b.over.add(func(t *turn, was mode) {
				t.cm = t.cm.Without(was.bits())
				t.tell(atMove)
			})
		},
	},
	{
		name: "slow-check-late", knob: "slow", says: "If the source is slow, the check ends long after its bound.",
		bend: late(validation),
	},
	{
		name: "slow-update-late", knob: "slow", says: "If the source is slow, the update ends long after its bound.",
		bend: late(update),
	},
	{
		name: "eighth-check-lost", knob: "check-lapse", says: "The eighth check in a row loses its result.",
		bend: checkLapses(func(p *past, _, says bool) bool { return says && p.checks != 8 }),
	},
	{
		name: "eighth-check-unstarted", knob: "check-lapse", says: "The eighth check in a row is accepted but never begun.",
		bend: unstarted(validation, func(p *past) bool { return p.checks == 8 }),
	},
	{
		name: "eighth-check-ends-first", knob: "check-lapse", says: "The eighth check in a row ends in tm before its result is in cm.",
		bend: func(b *bends) {
			keepPast(b)
			endsFirst(func(t *turn) bool { return t.at(8, validation) })(b)
		},
	},
	{
		name: "third-check-cached", knob: "check-lapse", says: "The third check in a row is answered from memory.",
		bend: func(b *bends) {
			keepPast(b)
			b.asks.add(func(t *turn, asks bool) bool {
				p := &t.recall().past
				if !asks || t.run != validation || p.checks < 3 {
					return asks
				}
				t.flags.set(found, p.found)
				t.stage = working
				t.work = t.now + t.jitter(t.model.script.check)
				return false
			})
		},
	},
	{
		name: "second-check-remembers", knob: "check-lapse",
		says: "A check right after another one repeats what that one found, even if the offer was withdrawn.",
		bend: checkLapses(func(p *past, failed, says bool) bool { return says || p.checks > 1 && !failed && p.found }),
	},
	{
		name: "second-check-busy", knob: "check-lapse", says: "A check right after another process is refused.",
		bend: func(b *bends) {
			keepPast(b)
			refusesModes(serviceUnavailable, func(t *turn, p plan) bool {
				l := &t.recall().past
				return p.starts == validation && t.run == 0 && l.checks > 0 && t.now <= l.ended+t.model.moment()
			})(b)
		},
	},
	{
		name: "failed-check-restores", knob: "check-lapse", says: "A check whose source never answers ends with what the previous check has found.",
		bend: checkLapses(func(p *past, failed, says bool) bool {
			if failed {
				return p.before.Has(ocf.SVV)
			}
			return says
		}),
	},
	{
		name: "unanswered-check-finds", knob: "check-lapse", says: "A check whose source never answers says that it has found something.",
		bend: checkLapses(func(p *past, _, says bool) bool { return says || p.why == unanswered }),
	},
	{
		name: "unreachable-check-finds", knob: "check-lapse", says: "A check whose source cannot be reached says that it has found something.",
		bend: checkLapses(func(p *past, _, says bool) bool { return says || p.why == unreachable }),
	},
	{
		name: "second-update-hidden", knob: "update-lapse", says: "The second update in a row does not say that it was done.",
		bend: hidesDone(func(p *past) bool { return p.updates == 2 }),
	},
	{
		name: "second-update-idle", knob: "update-lapse", says: "The second update in a row says that it was done, but the software is still the old one.",
		bend: func(b *bends) {
			keepPast(b)
			b.installs.add(func(t *turn, installs bool) bool { return installs && !t.at(2, update) })
		},
	},
	{
		name: "second-update-unstarted", knob: "update-lapse", says: "The second update in a row is accepted but never begun.",
		bend: unstarted(update, func(p *past) bool { return p.updates == 2 }),
	},
	{
		name: "update-believes-check", knob: "update-lapse",
		says: "An update says that it was done if the check before it found one, whatever came of the update.",
		bend: claimsDone(func(_ *turn, p *past) bool { return p.found }),
	},
	{
		name: "failure-keeps-success", knob: "update-lapse", says: "The second update in a row fails, but leaves the success of the first one in cm.",
		bend: claimsDone(func(_ *turn, p *past) bool { return p.updates == 2 && p.before.Has(ocf.SSU) }),
	},
	{
		name: "unanswered-done", knob: "update-lapse", says: "An update whose source never answers says that it was done.",
		bend: claimsDoneAfter(unanswered),
	},
	{
		name: "unreachable-done", knob: "update-lapse", says: "An update whose source cannot be reached says that it was done.",
		bend: claimsDoneAfter(unreachable),
	},
	{
		name: "truncated-done", knob: "update-lapse", says: "An update whose package came incomplete says that it was done.",
		bend: claimsDoneAfter(truncated),
	},
	{
		name: "withdrawn-done", knob: "update-lapse", says: "An update whose package is gone says that it was done.",
		bend: claimsDoneAfter(withdrawn),
	},
	{
		name: "no-room-done", knob: "update-lapse", says: "An update for which there is no room says that it was done.",
		bend: claimsDoneAfter(noRoom),
	},
	{
		name: "install-failed-done", knob: "update-lapse", says: "An update that was rolled back says that it was done.",
		bend: claimsDoneAfter(notInstalled),
	},
	{
		name: "both-none-done", knob: "update-lapse", says: "An update requested together with a check says that it was done even if there is none.",
		bend: claimsDone(func(t *turn, p *past) bool { return p.both && !t.flags.has(found) }),
	},
	{
		name: "both-result-lost", knob: "update-lapse", says: "An update requested together with a check does not say that it was done.",
		bend: hidesDone(func(p *past) bool { return p.both }),
	},
	{
		name: "overlap-ends-first", knob: "end", says: "An update during which a check was requested ends in tm before its result is in cm.",
		bend: func(b *bends) {
			keepPast(b)
			endsFirst(func(t *turn) bool { return t.run == update && t.recall().past.overlapped })(b)
		},
	},
	{
		name: "both-check-ends-first", knob: "end", says: "A check requested together with an update ends in tm before its result is in cm.",
		bend: func(b *bends) {
			keepPast(b)
			endsFirst(func(t *turn) bool { return t.run == validation && t.recall().past.both })(b)
		},
	},
	{
		name: "overlap-check-ends-first", knob: "end", says: "A check during which an update was requested ends in tm before its result is in cm.",
		bend: func(b *bends) {
			keepPast(b)
			endsFirst(func(t *turn) bool {
				return t.run == validation && t.queue&update != 0 && !t.recall().past.both
			})(b)
		},
	},
	{
		name: "overlap-update-lost", knob: "overlap", says: "The end of a check also ends the update that was requested meanwhile.",
		bend: checkTakesUpdate(func(t *turn) { t.queue &^= update }),
	},
	{
		name: "overlap-update-hidden", knob: "overlap", says: "The end of a check clears tm.U although the update that was requested meanwhile goes on.",
		bend: checkTakesUpdate(func(*turn) {}),
	},
}

// fades takes back the result of the second process in a row a moment after its end.
func fades(which mode) func(*bends) {
	return func(b *bends) {
		keepPast(b)
		b.over.add(func(t *turn, was mode) {
			p := &t.recall().past
			count := p.checks
			if which == update {
				count = p.updates
			}
			if t.run == 0 && was == which && count == 2 {
				t.keep().past.fading = was.bits()
				t.work = t.now + t.model.moment()
			}
		})
		b.idles.add(func(t *turn) {
			if fading := t.recall().past.fading; fading != 0 {
				t.keep().past.fading = 0
				t.cm = t.cm.Without(fading)
			}
			t.tell(atMove)
		})
	}
}

// late makes a process end long after its result if the source was slow.
func late(which mode) func(*bends) {
	return func(b *bends) {
		keepPast(b)
		b.pauses.add(func(t *turn, pauses bool) bool {
			if t.run != which || !t.recall().past.slow {
				return pauses
			}
			t.work = t.now + 4*t.model.script.timeout
			return false
		})
	}
}

// checkLapses lets says choose cm.V from what happened before. Its argument failed
// tells that the source did not answer or could not be reached.
func checkLapses(says func(p *past, failed, says bool) bool) func(*bends) {
	return func(b *bends) {
		keepPast(b)
		b.checkResult.add(func(t *turn, finds bool) bool {
			p := &t.recall().past
			return says(p, p.why == unanswered || p.why == unreachable, finds)
		})
	}
}

// unstarted accepts a process but neither begins nor shows it.
func unstarted(which mode, when func(*past) bool) func(*bends) {
	return func(b *bends) {
		keepPast(b)
		b.shown.add(func(t *turn, _ mode, shown ocf.DPM) ocf.DPM {
			if when(&t.recall().past) {
				return shown.Without(which.bits())
			}
			return shown
		})
		b.asks.add(func(t *turn, asks bool) bool {
			if !asks || t.run != which || !when(&t.recall().past) {
				return asks
			}
			t.run = 0
			return false
		})
	}
}

// hidesDone makes the updates that which picks not say that they were done.
func hidesDone(which func(*past) bool) func(*bends) {
	return func(b *bends) {
		keepPast(b)
		b.updateResult.add(func(t *turn, done bool) bool { return done && !which(&t.recall().past) })
	}
}

// claimsDone makes updates that were not installed say that they were done, if which
// picks them.
func claimsDone(which func(*turn, *past) bool) func(*bends) {
	return func(b *bends) {
		keepPast(b)
		b.updateResult.add(func(t *turn, done bool) bool { return done || which(t, &t.recall().past) })
	}
}

// claimsDoneAfter is claimsDone for the updates that ended for the cause why.
func claimsDoneAfter(why cause) func(*bends) {
	return claimsDone(func(_ *turn, p *past) bool { return p.why == why })
}

// checkTakesUpdate clears tm.U when a check ends, and then calls does.
func checkTakesUpdate(does func(*turn)) func(*bends) {
	return func(b *bends) {
		b.clears.add(func(t *turn, clears bool) bool {
			if clears && t.run == validation {
				t.tm = t.tm.Without(ocf.SSU)
				does(t)
			}
			return clears
		})
	}
}
