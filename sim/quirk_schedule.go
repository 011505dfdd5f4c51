package sim

import "github.com/ocfsim/ocfsim/ocf"

// scheduleQuirks are about oic.r.softwareupdate. The first gives a Device of a later edition
// this resource; the others are bugs of it.
var scheduleQuirks = []quirk{
	{
		name: "has-softwareupdate", knob: "has-softwareupdate", lawful: true,
		says: "The Device has the resource oic.r.softwareupdate, if its edition knows it.",
		bend: func(b *bends) { b.scheduler = true },
	},
	{
		name: "success-without-u", knob: "swupdateresult", says: "The result of an update that failed is success.",
		bend: showsSchedule(func(s State, x *ocf.SoftwareUpdate) {
			if x.Result > ocf.ResultSuccess && !s.CM.Has(ocf.SSU) {
				x.Result = ocf.ResultSuccess
			}
		}),
	},
	{
		name: "failure-unnamed", knob: "swupdateresult", says: "The result of an update that failed is 0, as if nothing had happened.",
		bend: showsSchedule(func(s State, x *ocf.SoftwareUpdate) {
			if x.Result > ocf.ResultSuccess && !s.CM.Has(ocf.SSU) {
				x.Result = ocf.ResultIdle
			}
		}),
	},
	{
		name: "failed-with-u", knob: "swupdateresult", says: "The result of an update that succeeded is failure.",
		bend: showsSchedule(func(_ State, x *ocf.SoftwareUpdate) {
			if x.Result == ocf.ResultSuccess {
				x.Result = ocf.ResultFailed
			}
		}),
	},
	{
		name: "connection-blamed", knob: "swupdateresult", says: "The result of every failure is that there was no connection.",
		bend: failsBy(ocf.ResultNoConnection),
	},
	{
		name: "url-blamed", knob: "swupdateresult", says: "The result of every failure is that the URL is invalid.",
		bend: failsBy(ocf.ResultBadURL),
	},
	{
		name: "ram-blamed", knob: "swupdateresult", says: "The result of every failure is that there is too little RAM.",
		bend: failsBy(ocf.ResultNoRAM),
	},
	{
		name: "flash-blamed", knob: "swupdateresult", says: "The result of every failure is that there is too little flash.",
		bend: failsBy(ocf.ResultNoFlash),
	},
	{
		name: "validation-blamed", knob: "swupdateresult", says: "The result of every failure is that the software version was not valid.",
		bend: failsBy(ocf.ResultNotValid),
	},
	{
		name: "connection-unnamed", knob: "swupdateresult", says: "The result of an update that did not reach the trusted source is 0, as if nothing had happened.",
		bend: showsSchedule(func(_ State, x *ocf.SoftwareUpdate) {
			if x.Result == ocf.ResultNoConnection {
				x.Result = ocf.ResultIdle
			}
		}),
	},
	{
		name: "failure-general", knob: "swupdateresult", lawful: true, says: "The result of every failure is that the update failed.",
		bend: failsBy(ocf.ResultFailed),
	},
	{
		name: "nv-absent", knob: "nv", lawful: true, says: "nv, which is not required, is left out.",
		bend: showsSchedule(func(_ State, x *ocf.SoftwareUpdate) { x.Present &^= ocf.UpdateNewVersion }),
	},
	{
		name: "nv-installed", knob: "nv", says: "nv is the version of the installed software.",
		bend: showsSchedule(func(s State, x *ocf.SoftwareUpdate) { x.NewVersion = versionText(s.Version) }),
	},
	{
		name: "nv-kept", knob: "nv", says: "nv stays when its software has been installed.",
		bend: showsSchedule(func(s State, x *ocf.SoftwareUpdate) {
			if s.schedule.newest > 0 {
				x.NewVersion = versionText(s.schedule.newest)
				x.Present |= ocf.UpdateNewVersion
			}
		}),
	},
	{
		name: "lastupdate-absent", knob: "lastupdate", lawful: true, says: "lastupdate, which is not required, is left out.",
		bend: showsSchedule(func(_ State, x *ocf.SoftwareUpdate) { x.Present &^= ocf.UpdateLast }),
	},
	{
		name: "lastupdate-kept", knob: "lastupdate", says: "lastupdate is the date of manufacturing for ever.",
		bend: func(b *bends) {
			b.softwareUpdate.add(func(d *Device, _ State, x ocf.SoftwareUpdate) ocf.SoftwareUpdate {
				x.Last = d.model.unplanned.last
				return x
			})
		},
	},
	{
		name: "lastupdate-by-failure", knob: "lastupdate", says: "An update that failed is the last update.",
		bend: showsSchedule(func(_ State, x *ocf.SoftwareUpdate) {
			if x.Result > ocf.ResultSuccess {
				x.Last = "2030-01-01T00:00:00Z"
			}
		}),
	},
	{
		name: "schedule-untold", knob: "schedule-told", says: "Observers of oic.r.softwareupdate are never notified.",
		bend: func(b *bends) { b.tellsSchedule.add(func(*turn, bool) bool { return false }) },
	},
	{
		name: "schedule-end-untold", knob: "schedule-told", says: "Observers of oic.r.softwareupdate are told that a process begins, and not that it ends.",
		bend: func(b *bends) { b.tellsSchedule.add(func(t *turn, is bool) bool { return is && t.tm != 0 }) },
	},
	{
		name: "schedule-told-often", knob: "schedule-told", lawful: true, says: "Observers of oic.r.softwareupdate are notified when nothing of it has changed, too.",
		bend: func(b *bends) { b.tellsSchedule.add(func(*turn, bool) bool { return true }) },
	},
	{
		name: "actions-chain", knob: "actions-chain", says: "A scheduled availability check that finds new software goes on to validate it.",
		bend: func(b *bends) {
			b.ended.add(func(t *turn, was mode) {
				if t.model.scheduled && was == availability && t.cm.Has(ocf.NSA) {
					t.accept(validation &^ t.pending())
					t.tell(atStart)
				}
			})
		},
	},
	{
		name: "past-accepted", knob: "updatetime", says: "An action whose time is over is accepted, and begins at once.",
		bend: func(b *bends) {
			b.schedules.add(func(_ *turn, u ocf.SoftwareUpdate, is bool) bool { return is || u.Present.Has(ocf.UpdateWritable) })
		},
	},
	{
		name: "time-optional", knob: "updatetime", says: "A POST without updatetime is accepted, and means now.",
		bend: func(b *bends) {
			b.schedules.add(func(_ *turn, u ocf.SoftwareUpdate, is bool) bool {
				return is || u.Present == ocf.UpdateWritable&^ocf.UpdateTime
			})
		},
	},
	{
		name: "url-optional", knob: "updatetime", says: "A POST without purl is accepted, and leaves purl as it was.",
		bend: func(b *bends) {
			b.schedules.add(func(t *turn, u ocf.SoftwareUpdate, is bool) bool {
				return is || u.Present == ocf.UpdateWritable&^ocf.UpdateURL && (u.Action == ocf.ActionIdle || !t.past(u.Time))
			})
		},
	},
	{
		name: "schedule-idle-ignored", knob: "scheduled", says: "A POST of idle is accepted, and what is scheduled begins all the same.",
		bend: func(b *bends) {
			b.scheduled.add(func(t *turn, word string, m mode) mode {
				if word == ocf.ActionIdle {
					return t.schedule().action
				}
				return m
			})
		},
	},
	{
		name: "schedule-never-runs", knob: "runs", says: "A scheduled action is forgotten when its time comes.",
		bend: func(b *bends) { b.runs.add(func(*turn, mode) mode { return 0 }) },
	},
	{
		name: "schedule-runs-at-once", knob: "scheduled", says: "A scheduled action begins with its request, not at its time.",
		bend: func(b *bends) {
			b.scheduled.add(func(t *turn, _ string, m mode) mode {
				t.accept(m &^ t.pending())
				t.tell(atStart)
				t.begin()
				return 0
			})
		},
	},
	{
		name: "state-never-upgrading", knob: "swupdatestate", says: "swupdatestate is idle while an update is pending.",
		bend: showsSchedule(func(s State, x *ocf.SoftwareUpdate) {
			if s.TM.Has(ocf.SSU) {
				x.State = ocf.StateIdle
			}
		}),
	},
	{
		name: "state-unknown", knob: "swupdatestate", says: "swupdatestate is a word that the schema does not have.",
		bend: showsSchedule(func(_ State, x *ocf.SoftwareUpdate) {
			if x.State == ocf.StateIdle {
				x.State = "waiting"
			}
		}),
	},
	{
		name: "state-written", knob: "schedule-read", says: "A POST with read-only Properties of the resource is accepted.",
		bend: func(b *bends) {
			b.scheduleRead.add(func(_ *turn, payload []byte, r reading) reading {
				if x, _, err := ocf.DecodeSoftwareUpdate(payload); !r.ok && err == nil && x.Present.Has(ocf.UpdateWritable) {
					x.Present &= ocf.UpdateWritable
					return reading{x, true}
				}
				return r
			})
		},
	},
}

// failsBy shows the result of every update that failed as this one.
func failsBy(r ocf.UpdateResult) func(*bends) {
	return showsSchedule(func(_ State, x *ocf.SoftwareUpdate) {
		if x.Result > ocf.ResultSuccess {
			x.Result = r
		}
	})
}

// showsSchedule changes the representation of oic.r.softwareupdate.
func showsSchedule(change func(State, *ocf.SoftwareUpdate)) func(*bends) {
	return func(b *bends) {
		b.softwareUpdate.add(func(_ *Device, s State, x ocf.SoftwareUpdate) ocf.SoftwareUpdate {
			change(s, &x)
			return x
		})
	}
}
