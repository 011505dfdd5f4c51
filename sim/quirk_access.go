package sim

import (
	"slices"

	"github.com/ocfsim/ocfsim/ocf"
)

// accessQuirks change what a secured Device lets whom do.
var accessQuirks = []quirk{
	{
		name: "validity-refused", knob: "validity-taken", lawful: true,
		says: "An ACE with a validity is refused: the Device does not know when an ACE holds, which is optional.",
		bend: func(b *bends) {
			b.takes.add(func(_ *turn, list []ocf.ACE, takes bool) bool {
				return takes && !slices.ContainsFunc(list, func(e ocf.ACE) bool { return len(e.Validity) > 0 })
			})
		},
	},
	{
		name: "denied-forbidden", knob: "denied", lawful: true, says: "A request that the Client has no right to make is answered with 4.03.",
		bend: func(b *bends) { b.denial.add(func(*turn, uint8) uint8 { return forbidden }) },
	},
	{
		name: "refused-not-acceptable", knob: "refused", lawful: true,
		says: "A write that the state of the Device does not allow is answered with 4.06.",
		bend: func(b *bends) {
			b.refusal.add(func(t *turn, code uint8) uint8 {
				if code == badRequest && t.secured() {
					return notAcceptable
				}
				return code
			})
		},
	},
	{
		name: "modes-need-rfnop", knob: "modes-state", lawful: true, says: "tm is refused in any state but RFNOP.",
		bend: refusesModes(badRequest, func(t *turn, _ plan) bool { return t.dos != ocf.RFNOP }),
	},
	{
		name: "uuid-kept", knob: "uuid", lawful: true, says: "RESET keeps the uuid.",
		bend: func(b *bends) { b.renames.add(func(*turn, bool) bool { return false }) },
	},
	{
		name: "read-only-by-r", knob: "read", lawful: true, says: "The permission to be notified does not include reading.",
		bend: func(b *bends) { b.readBy.add(func(*turn, ocf.Permission) ocf.Permission { return ocf.MayRead }) },
	},
	{
		name: "modes-in-reset", knob: "modes-state", says: "The Device acts on a write of tm in RESET, when no Client is privileged.",
		bend: actsInReset,
	},
	{
		name: "clear-writes", knob: "clear-writes", says: "A write by plain CoAP is accepted.",
		bend: letsWrite(func(_ *turn, c *claim) bool { return c.session == 0 }),
	},
	{
		name: "session-writes", knob: "session-writes", says: "A session is enough to write pstat, whatever the ACL says.",
		bend: letsWrite(func(_ *turn, c *claim) bool { return c.isSomeone() }),
	},
	{
		name: "session-checks", knob: "session-writes", says: "A session is enough to ask for a check.",
		bend: letsWrite(func(t *turn, c *claim) bool { return c.isSomeone() && guessedModes(t) == ocf.SVV }),
	},
	{
		name: "session-updates", knob: "session-writes", says: "A session is enough to ask for an update.",
		bend: letsWrite(func(t *turn, c *claim) bool { return c.isSomeone() && guessedModes(t) == ocf.SSU }),
	},
	{
		name: "stranger-clears", knob: "session-writes", says: "A write of tm=0 from whoever has a session aborts what is pending.",
		bend: strangerClears,
	},
	{
		name: "stranger-moves", knob: "session-writes", says: "A session is enough to write dos.",
		bend: letsWrite(func(t *turn, c *claim) bool { return c.isSomeone() && !writesTM(t) }),
	},
	{
		name: "read-writes", knob: "permission", says: "A Client that may read pstat may also write it.",
		bend: letsWrite(func(t *turn, c *claim) bool { return grants(t, c, ocf.MayRead) }),
	},
	{
		name: "notify-writes", knob: "permission", says: "A Client that may be notified of pstat may also write it.",
		bend: letsWrite(func(t *turn, c *claim) bool { return grants(t, c, ocf.MayNotified) }),
	},
	{
		name: "away-writes", knob: "away-writes", says: "Outside RFNOP, whoever has a session may write tm.",
		bend: letsPost(func(t *turn, c *claim) bool {
			return c.isSomeone() && writesTM(t) && (t.dos == ocf.RFPRO || t.dos == ocf.SRESET)
		}),
	},
	{
		name: "query-unchecked", knob: "unchecked-way", says: "The Device does not check who sends a write with a query.",
		bend: overlooksWriter(func(s *sent) bool { return s.iface != "" }),
	},
	{
		name: "unconfirmed-unchecked", knob: "unchecked-way", says: "The Device does not check who sends a write as NON.",
		bend: overlooksWriter(func(s *sent) bool { return s.way&Unconfirmed != 0 }),
	},
	{
		name: "blocks-unchecked", knob: "unchecked-way", says: "The Device does not check who sends a write in blocks.",
		bend: overlooksWriter(func(s *sent) bool { return s.way&InBlocks != 0 }),
	},
	{
		name: "owner-forbidden", knob: "owner-writes", says: "The owner of pstat may not write tm.",
		bend: forbidsModes(func(t *turn, c *claim) bool { return t.ownsResource(c) }),
	},
	{
		name: "owner-writes-alone", knob: "owner-writes", says: "Only the owner may write tm, whatever an ACE grants.",
		bend: forbidsModes(func(t *turn, c *claim) bool { return !t.ownsResource(c) }),
	},
	{
		name: "owner-update-forbidden", knob: "owner-writes", says: "The owner of pstat may not ask for an update.",
		bend: forbidsModes(func(t *turn, c *claim) bool { return t.ownsResource(c) && guessedModes(t).Has(ocf.SSU) }),
	},
	{
		name: "update-needs-read", knob: "permission", says: "The permission to update does not suffice to write tm.",
		bend: forbidsModes(func(t *turn, c *claim) bool {
			read := *c
			read.kind = Get
			return !t.ownsResource(c) && !t.permitted(&read)
		}),
	},
	{
		name: "clear-observes", knob: "observes", says: "Everyone may observe pstat by plain CoAP.",
		bend: letsObserve(func(_ *turn, c *claim) bool { return c.session == 0 }),
	},
	{
		name: "session-observes", knob: "observes", says: "A session is enough to observe pstat.",
		bend: letsObserve(func(_ *turn, c *claim) bool { return c.isSomeone() }),
	},
	{
		name: "role-observes", knob: "observes", says: "An ACE for a role lets every authenticated Client observe.",
		bend: letsObserve(func(t *turn, c *claim) bool { return c.isSomeone() && anyRole(t, c) }),
	},
	{
		name: "denied-applied", knob: "denied-applied", says: "A write is denied, yet the Device does what it asks for in tm.",
		bend: func(b *bends) { b.denied.add(carryOut) },
	},
	{
		name: "deleted-opens", knob: "deleted", says: "A credential that was deleted still opens sessions.",
		bend: deletedOpens,
	},
}

// isSomeone reports whether the claim comes over a session of a known Client.
func (c *claim) isSomeone() bool { return !c.subject.IsNil() }

// guessedModes guesses tm from the payload. It is 0 if the payload has none.
func guessedModes(t *turn) ocf.DPM {
	tm, _ := guess(t.sent.payload)
	return tm
}

// writesTM reports whether the payload seems to write tm.
func writesTM(t *turn) bool {
	_, writes := guess(t.sent.payload)
	return writes
}

// letsPost lets Clients without permission write pstat, if whom accepts them.
func letsPost(whom func(*turn, *claim) bool) func(*bends) {
	return func(b *bends) {
		b.granted.add(func(t *turn, c *claim, granted bool) bool {
			return granted || c.path == ocf.PathPstat && c.kind == Post && whom(t, c)
		})
	}
}

// letsWrite is letsPost, limited to RFNOP and RFPRO.
func letsWrite(whom func(*turn, *claim) bool) func(*bends) {
	return letsPost(func(t *turn, c *claim) bool { return (t.dos == ocf.RFNOP || t.dos == ocf.RFPRO) && whom(t, c) })
}

// overlooksWriter is letsPost for requests that were sent in a way that way accepts.
func overlooksWriter(way func(*sent) bool) func(*bends) {
	return letsPost(func(t *turn, _ *claim) bool { return way(&t.sent) })
}

// letsObserve lets Clients without permission observe pstat, if whom accepts them.
func letsObserve(whom func(*turn, *claim) bool) func(*bends) {
	return func(b *bends) {
		b.granted.add(func(t *turn, c *claim, granted bool) bool {
			return granted || c.path == ocf.PathPstat && c.kind == Get && t.sent.observe && whom(t, c)
		})
	}
}

// forbidsModes denies Clients with permission a write of tm in RFNOP, if whom picks
// them.
func forbidsModes(whom func(*turn, *claim) bool) func(*bends) {
	return func(b *bends) {
		b.granted.add(func(t *turn, c *claim, granted bool) bool {
			wrong := c.path == ocf.PathPstat && c.kind == Post && t.dos == ocf.RFNOP && !c.doc && writesTM(t) && whom(t, c)
			return granted && !wrong
		})
	}
}

// strangerClears lets a Client without permission write tm=0, which then aborts what
// is pending.
func strangerClears(b *bends) {
	b.granted.add(func(t *turn, c *claim, granted bool) bool {
		if c.path == ocf.PathPstat && c.kind == Post && t.recall().stranger == granted {
			t.keep().stranger = !granted
		}
		return granted
	})
	letsWrite(func(t *turn, c *claim) bool { return c.isSomeone() && writesTM(t) && guessedModes(t) == 0 })(b)
	atZero(func(t *turn, pending mode) {
		if t.secured() && t.recall().stranger {
			t.abort(pending)
		}
	})(b)
}

// actsInReset accepts a write of tm in RESET from anyone with a session.
func actsInReset(b *bends) {
	letsPost(func(t *turn, c *claim) bool { return t.dos == ocf.RESET && c.session != 0 })(b)
	b.closedInReset.add(func(_ *turn, u ocf.PstatUpdate, closed bool) bool { return closed && u.Set != ocf.PropTM })
	b.moved.add(func(t *turn, to ocf.DOS) {
		if to == ocf.RFOTM && t.run != 0 {
			t.work = t.now // the process that began in RESET goes on
		}
	})
}

// anyRole reports whether an ACE for any role at all lets pstat be observed.
func anyRole(t *turn, c *claim) bool {
	for i := range t.trust.aces {
		e := &t.trust.aces[i]
		if e.Subject.Role.Name != "" && e.Permission&(ocf.MayRead|ocf.MayNotified) != 0 && t.isAbout(e, c) {
			return true
		}
	}
	return false
}

// grants reports whether an ACE for the Client itself grants one of the permissions
// on the resource.
func grants(t *turn, c *claim, permission ocf.Permission) bool {
	for i := range t.trust.aces {
		e := &t.trust.aces[i]
		if e.Permission&permission != 0 && c.is(e.Subject.UUID) && t.isAbout(e, c) && t.holds(e.Validity) {
			return true
		}
	}
	return false
}

// carryOut does what a denied write asks for.
func carryOut(t *turn) {
	if t.claim.kind != Post || t.claim.path != ocf.PathPstat || t.dos != ocf.RFNOP {
		return
	}
	if u, err := ocf.DecodePstatUpdate(t.sent.payload); err == nil && u.Set.Has(ocf.PropTM) {
		t.accept(mode(u.TM&(ocf.SVV|ocf.SSU)) &^ t.pending())
		t.tell(atStart)
		t.begin()
	}
}

// deletedOpens keeps honouring deleted credentials until the Device loses its owner.
func deletedOpens(b *bends) {
	b.withdraws.add(func(t *turn, left []ocf.Cred) {
		for _, c := range t.trust.creds {
			if !slices.ContainsFunc(left, func(l ocf.Cred) bool { return l.ID == c.ID }) {
				m := t.keep()
				m.withdrawn = append(slices.Clip(m.withdrawn), c)
			}
		}
	})
	b.honoured.add(func(d *Device, creds []ocf.Cred) []ocf.Cred {
		return append(slices.Clip(creds), d.recall().withdrawn...)
	})
	b.disowned.add(func(t *turn) {
		if len(t.recall().withdrawn) > 0 {
			t.keep().withdrawn = nil
		}
	})
}
