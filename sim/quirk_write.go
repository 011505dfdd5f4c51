package sim

import "github.com/ocfsim/ocfsim/ocf"

// writeQuirks change what a write of pstat asks for and what a Device makes of it.
var writeQuirks = []quirk{
	{
		name: "zero-refused", knob: "zero", lawful: true, says: "A write of tm=0 is refused.",
		bend: refusesModes(badRequest, func(_ *turn, p plan) bool { return p.read == 0 }),
	},
	{
		name: "zero-aborts-check", knob: "zero", says: "A write of tm=0 aborts a pending check.",
		bend: atZero(func(t *turn, pending mode) { t.abort(pending & validation) }),
	},
	{
		name: "zero-aborts-update", knob: "zero", says: "A write of tm=0 aborts a pending update.",
		bend: atZero(func(t *turn, pending mode) { t.abort(pending & update) }),
	},
	{
		name: "zero-forces-none", knob: "zero", says: "A write of tm=0 makes the pending process end with the result 0.",
		bend: func(b *bends) {
			keepFacts(b)
			atZero(func(t *turn, _ mode) { t.note(spoiled, true) })(b)
		},
	},
	{
		name: "zero-clears-cm", knob: "zero", says: "A write of tm=0 clears cm of an idle Device.",
		bend: atIdleZero(func(t *turn) { t.cm = 0 }),
	},
	{
		name: "zero-clears-u", knob: "zero", says: "A write of tm=0 clears cm.U of an idle Device.",
		bend: atIdleZero(func(t *turn) { t.cm = t.cm.Without(ocf.SSU) }),
	},
	{
		name: "zero-starts-check", knob: "zero", says: "A write of tm=0 starts a check.",
		bend: atIdleZero(func(t *turn) { t.accept(validation) }),
	},
	{
		name: "zero-hides", knob: "zero", says: "tm reads 0 after a write of tm=0, though the process goes on.",
		bend: atZero(func(t *turn, _ mode) { t.tm = 0 }),
	},
	{
		name: "zero-hides-check", knob: "zero", says: "tm.V reads 0 after a write of tm=0, though the check goes on.",
		bend: atZero(func(t *turn, _ mode) { t.tm = t.tm.Without(ocf.SVV) }),
	},
	{
		name: "zero-hides-update", knob: "zero", says: "tm.U reads 0 after a write of tm=0, though the update goes on.",
		bend: atZero(func(t *turn, _ mode) { t.tm = t.tm.Without(ocf.SSU) }),
	},
	{
		name: "zero-aborts-twice", knob: "zero",
		says: "The second write of tm=0 aborts the pending process: the Device takes the first for a question and the second for the answer.",
		bend: func(b *bends) {
			keepPast(b)
			atZero(func(t *turn, pending mode) {
				if pending == 0 {
					return
				}
				p := &t.keep().past
				if p.zeros++; p.zeros == 2 {
					t.abort(pending)
				}
			})(b)
		},
	},
	{
		name: "zero-aborts-malformed", knob: "zero",
		says: "After a payload that could not be read, a write of tm=0 aborts what is pending: the error stays in the state.",
		bend: func(b *bends) {
			keepPast(b)
			b.malformed.add(func(t *turn, refuses bool) bool {
				t.keep().past.malformed = true
				return refuses
			})
			atZero(func(t *turn, pending mode) {
				if pending != 0 && t.recall().past.malformed {
					t.abort(pending)
				}
			})(b)
		},
	},
	{
		name: "zero-aborts-refused", knob: "zero",
		says: "After a refused write, a write of tm=0 aborts what is pending: the error stays in the state.",
		bend: func(b *bends) {
			keepPast(b)
			b.refused.add(func(t *turn, _ ocf.PstatUpdate) { t.keep().past.refused = true })
			atZero(func(t *turn, pending mode) {
				if pending != 0 && t.recall().past.refused {
					t.abort(pending)
				}
			})(b)
		},
	},

	{
		name: "both-refused", knob: "both", lawful: true, says: "A write that sets both bits is refused.",
		bend: refusesModes(badRequest, func(_ *turn, p plan) bool { return p.starts == validation|update }),
	},
	{
		name: "both-update-only", knob: "both", lawful: true, says: "A write that sets both bits starts only the update.",
		bend: func(b *bends) {
			b.starts.add(func(_ *turn, _ plan, starts mode) mode {
				if starts == validation|update {
					return update
				}
				return starts
			})
		},
	},
	{
		name: "both-stuck", knob: "both", says: "A write of both bits is accepted and stays in tm.",
		bend: sticks(func(p plan) bool { return p.starts == validation|update }),
	},
	{
		name: "both-meet-pending-stuck", knob: "both", says: "A write of both bits while one process is pending is accepted, and the bit of the other stays in tm.",
		bend: sticks(func(p plan) bool { return p.bits == validation|update && p.starts != p.bits }),
	},
	{
		name: "unchecked-refused", knob: "unchecked", lawful: true, says: "An update is refused until a check has found one.",
		bend: refusesModes(badRequest, func(t *turn, p plan) bool {
			return p.starts == update && t.pending() == 0 && !t.cm.Has(ocf.SVV)
		}),
	},
	{
		name: "overlap-refused", knob: "overlap", lawful: true, says: "A request for one process is refused while the other is pending.",
		bend: refusesModes(badRequest, func(t *turn, p plan) bool { return p.starts != 0 && t.pending() != 0 }),
	},
	{
		name: "overlap-aborts", knob: "overlap", says: "A request aborts what is pending: tm=64 an update, tm=128 a check.",
		bend: func(b *bends) {
			b.requests.add(func(t *turn, p plan) {
				if pending := t.pending(); p.starts != 0 && pending != 0 {
					t.abort(pending)
				}
			})
		},
	},
	{
		name: "rewrite-restarts", knob: "rewrite", lawful: true, says: "A repeated request for a process that waits for its source starts it anew.",
		bend: func(b *bends) {
			b.again.add(func(t *turn, again mode) {
				if again&t.run != 0 && t.stage == checking && t.tries == 0 {
					t.tries = 1 // the source is asked twice at most
					t.question(Check)
				}
			})
		},
	},
	{
		name: "rewrite-runs-twice", knob: "rewrite", says: "A repeated request for a pending process runs it twice.",
		bend: func(b *bends) {
			b.again.add(func(t *turn, again mode) { t.queue |= again })
			b.begins.add(func(t *turn) {
				if !t.tm.Has(t.run.bits()) {
					t.tm |= t.bent.shown.decide(t, t.run, t.run.bits())
					t.tell(atStart)
				}
			})
		},
	},
	{
		name: "rewrite-loses-check", knob: "rewrite", says: "A check that is requested again while it is pending finds nothing.",
		bend: rewriteSpoils(validation),
	},
	{
		name: "rewrite-loses-update", knob: "rewrite", says: "An update that is requested again while it is pending does not say that it was done.",
		bend: rewriteSpoils(update),
	},
	{
		name: "request-loses-owner", knob: "request", says: "A POST is taken for a PUT, so it empties rowneruuid, which it does not name.",
		bend: func(b *bends) {
			b.requests.add(func(t *turn, _ plan) { t.entrust().rowners[pstatOwner] = ocf.UUID{} })
		},
	},
	{
		name: "own-properties-abort", knob: "read-only", says: "A write of cm, isop or sm is refused, yet it aborts what is pending.",
		bend: abortsAtRefusal(func(_ *turn, u ocf.PstatUpdate) bool { return u.Set&(ocf.PropCM|ocf.PropISOP|ocf.PropSM) != 0 }),
	},
	{
		name: "absent-aborts", knob: "absent", says: "A write without tm is taken for tm=0, which aborts what is pending.",
		bend: func(b *bends) {
			b.applies.add(func(t *turn, u ocf.PstatUpdate) {
				if !u.Set.Has(ocf.PropTM) {
					t.abort(t.pending())
				}
			})
		},
	},
	{
		name: "unconfirmed-ignored", knob: "unconfirmed", says: "A write that was sent as NON is answered, but the Device does not act on it.",
		bend: func(b *bends) {
			b.reads.add(func(t *turn, reads bool) bool {
				if reads && t.sent.way&Unconfirmed != 0 {
					t.respond(changed)
					return false
				}
				return reads
			})
		},
	},
	{
		name: "answers-by-ack", knob: "answer", says: "A request for an update is acknowledged but never answered.",
		bend: func(b *bends) {
			b.answer.add(func(t *turn, answer Effect) Effect {
				if t.queue.bits().Has(ocf.SSU) {
					return Effect{Kind: Acknowledge}
				}
				return answer
			})
		},
	},
	{
		name: "check-forbidden", knob: "access", says: "Checks are refused.",
		bend: refusesModes(forbidden, func(_ *turn, p plan) bool { return p.bits&validation != 0 }),
	},
	{
		name: "update-forbidden", knob: "access", says: "Updates are refused.",
		bend: refusesModes(forbidden, func(_ *turn, p plan) bool { return p.bits&update != 0 }),
	},
}

// refusesModes refuses with code the writes of tm that the reference accepts and
// which picks.
func refusesModes(code uint8, which func(t *turn, p plan) bool) func(*bends) {
	return func(b *bends) {
		b.refuses.add(func(t *turn, u refusable, refused uint8) uint8 {
			if refused == 0 && u.Set.Has(ocf.PropTM) && which(t, u.plan) {
				return code
			}
			return refused
		})
	}
}

// atZero calls does when a Client writes tm=0, which the reference ignores.
func atZero(does func(t *turn, pending mode)) func(*bends) {
	return func(b *bends) {
		b.requests.add(func(t *turn, p plan) {
			if p.tm == 0 {
				does(t, t.pending())
			}
		})
	}
}

// atIdleZero is atZero while no process is pending.
func atIdleZero(does func(*turn)) func(*bends) {
	return atZero(func(t *turn, pending mode) {
		if pending == 0 {
			does(t)
		}
	})
}

// sticks accepts the requests that which picks and shows them in tm, but does
// nothing about them.
func sticks(which func(plan) bool) func(*bends) {
	return func(b *bends) {
		b.starts.add(func(t *turn, p plan, starts mode) mode {
			if starts != p.starts || starts == 0 || !which(p) {
				return starts
			}
			t.tm |= starts.bits() | lowOf(p)
			return 0
		})
	}
}

// abortsAtRefusal aborts what is pending when such a write is refused.
func abortsAtRefusal(which func(*turn, ocf.PstatUpdate) bool) func(*bends) {
	return func(b *bends) {
		b.refused.add(func(t *turn, u ocf.PstatUpdate) {
			if t.pending() != 0 && which(t, u) {
				t.abort(t.pending())
				t.tell(atEnd)
			}
		})
	}
}

// rewriteSpoils spoils the result of a running process that is requested again.
func rewriteSpoils(which mode) func(*bends) {
	return func(b *bends) {
		keepFacts(b)
		b.again.add(func(t *turn, again mode) {
			if again&t.run == which {
				t.note(spoiled, true)
			}
		})
	}
}
