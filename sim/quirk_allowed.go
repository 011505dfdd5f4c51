package sim

import "github.com/ocfsim/ocfsim/ocf"

// allowedQuirks are ways to differ of which real Devices were accused. The order of the
// lawful quirks decides what random Devices are drawn, so new ones come last.
var allowedQuirks = []quirk{
	{
		name: "version-in-platform", knob: "version", lawful: true, says: "The installed version is the mnfv of /oic/p; sv of /oic/d never changes.",
		bend: func(b *bends) { b.versionAt.add(func(*Device, string) string { return VersionInP }) },
	},
	{
		name: "version-nowhere", knob: "version", lawful: true, says: "No Property shows the installed version; sv of /oic/d never changes.",
		bend: func(b *bends) { b.versionAt.add(func(*Device, string) string { return "" }) },
	},
	{
		name: "cm-clears-first", knob: "clears-first", lawful: true, says: "The start of a process clears cm, and observers are told, before tm shows the process.",
		bend: func(b *bends) {
			b.accepted.add(func(t *turn, bits mode) {
				if bits&validation != 0 {
					t.cm = t.cm.Without(ocf.SVV)
				}
				if bits&update != 0 {
					t.cm = t.cm.Without(ocf.SVV | ocf.SSU)
				}
				t.tell(atStart)
			})
		},
	},
	{
		name: "move-not-told", knob: "told-move", lawful: true, says: "Observers are not told of a change of dos alone.",
		bend: func(b *bends) { b.tells.add(keepsBack(atMove)) },
	},
}
