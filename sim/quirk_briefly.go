package sim

import "time"

// brieflyQuirks show in tm for a moment only that a process is pending.
var brieflyQuirks = []quirk{
	{
		name: "check-shown-briefly", knob: "check-shown", says: "tm loses V soon after the start of a check, which goes on to its result.",
		bend: shownBriefly(validation),
	},
	{
		name: "update-shown-briefly", knob: "update-shown", says: "tm loses U soon after the start of an update, which goes on to its result.",
		bend: shownBriefly(update),
	},
}

// briefly is for how long tm shows such a process. It is not scaled with the script: a Client is to
// see it, however fast the Device runs.
const briefly = 40 * time.Millisecond

// shownBriefly takes which out of tm while its first question is under way, as if the
// Device had given its source up, and then waits for the answer all the same.
func shownBriefly(which mode) func(*bends) {
	shown := func(d *Device) bool { return d.run == which && d.tm.Has(which.bits()) }
	return func(b *bends) {
		b.patience.add(func(t *turn, until time.Duration) time.Duration {
			if shown(t.Device) {
				return min(until, t.now+briefly)
			}
			return until
		})
		b.misses.add(func(t *turn, why cause) {
			if why == unanswered && shown(t.Device) {
				t.tm = t.tm.Without(which.bits())
				t.keep().lapsed = true
			}
		})
		b.concludes.add(func(t *turn, concludes bool) bool {
			if !t.recall().lapsed {
				return concludes
			}
			t.keep().lapsed = false
			t.tell(atEnd)
			t.work = t.now - briefly + t.model.script.timeout
			return false
		})
	}
}
