package sim

import (
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/ocf"
)

// entryQuirks change what an ACE grants, and to whom.
var entryQuirks = []quirk{
	{
		name: "permission-unchecked", knob: "permission", says: "An ACE grants every permission, no matter which one it names.",
		bend: func(b *bends) { b.permits.add(func(*turn, entry, bool) bool { return true }) },
	},
	{
		name: "permission-exact", knob: "permission", says: "Only an ACE whose permission is U and nothing else lets a Client write pstat.",
		bend: func(b *bends) {
			b.permits.add(func(_ *turn, e entry, permits bool) bool {
				if e.claim.kind == Post && e.claim.path == ocf.PathPstat {
					return e.ace.Permission == ocf.MayUpdate
				}
				return permits
			})
		},
	},
	{
		name: "subject-unchecked", knob: "subject", says: "An ACE for one Client counts for every authenticated one.",
		bend: isForEveryone(func(s *ocf.Subject) bool { return s.Conn == "" && s.Role.Name == "" }),
	},
	{
		name: "role-unchecked", knob: "role", says: "An ACE for a role counts for every authenticated Client.",
		bend: isForEveryone(func(s *ocf.Subject) bool { return s.Conn == "" && s.Role.Name != "" }),
	},
	{
		name: "resource-unchecked", knob: "resource", says: "An ACE counts for every resource, no matter which one it names.",
		bend: func(b *bends) { b.isAbout.add(func(*turn, entry, bool) bool { return true }) },
	},
	{
		name: "href-by-prefix", knob: "resource", says: "An ACE counts for every resource whose path begins with the one that it names.",
		bend: func(b *bends) {
			b.isAbout.add(func(t *turn, e entry, is bool) bool {
				return is || slices.ContainsFunc(e.ace.Resources, func(ref ocf.ResourceRef) bool {
					begins := ref.Href != "" && strings.HasPrefix(e.claim.path, ref.Href)
					return begins && (t.model.later || ofType(&ref, e.claim.path))
				})
			})
		},
	},
	{
		name: "wildcard-opens", knob: "wildcard", says: "An ACE for \"*\" opens pstat, although no wildcard covers pstat.",
		bend: func(b *bends) { b.wildcards.add(func(*turn, bool) bool { return true }) },
	},
	{
		name: "conn-opens", knob: "conn",
		says: "An ACE for every authenticated Client opens pstat, although ACEs for a kind of connection do not count there.",
		bend: func(b *bends) { b.connCounts.add(func(*turn, bool) bool { return true }) },
	},
	{
		name: "validity-ignored", knob: "validity", says: "An ACE whose validity is over still counts.",
		bend: func(b *bends) { b.holds.add(func(*turn, bool) bool { return true }) },
	},
}

// isForEveryone makes ACEs whose subject which picks count for everyone with a
// session.
func isForEveryone(which func(*ocf.Subject) bool) func(*bends) {
	return func(b *bends) {
		b.isFor.add(func(_ *turn, e entry, is bool) bool {
			return is || which(&e.ace.Subject) && e.claim.isSomeone()
		})
	}
}
