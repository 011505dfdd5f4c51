package sim

import (
	"net/url"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// schedule is what oic.r.softwareupdate shows besides tm and cm, and what it makes the
// Device do. A schedule does not change; a Device whose schedule changes gets another
// one, see turn.plans. A power cut does not clear it, RESET does.
//
//	          POST isac, isvv, upgrade         its time, in RFNOP
//	nothing -------------------------> at ----------------------> N, V or U in tm
//	   ^                               |
//	   +------- POST idle -------------+
type schedule struct {
	url    string           // purl
	action mode             // what is scheduled, 0 for nothing
	at     time.Time        // when action begins
	when   string           // at as the Client wrote it
	newest uint16           // the version that a process found last
	result ocf.UpdateResult // how the last process ended
	last   string           // when the installed software was installed
}

// actions are the values of swupdateaction by what they begin.
var actions = map[mode]string{
	0: ocf.ActionIdle, availability: ocf.ActionCheck, validation: ocf.ActionVerify, update: ocf.ActionUpgrade,
}

// actionOf is the process that a value of swupdateaction begins, 0 for none.
func actionOf(word string) mode {
	for m, name := range actions {
		if name == word {
			return m
		}
	}
	return 0
}

// unscheduled is the schedule of a Device as it is shipped: made when its clock began,
// with the vendor's URL and nothing scheduled.
func (m *Model) unscheduled() *schedule {
	made := m.epoch.UTC().Truncate(time.Second)
	text := made.Format(time.RFC3339)
	return &schedule{url: "https://vendor.example/lamp", at: made, when: text, last: text}
}

// schedule is the Device's; nil if it has no oic.r.softwareupdate.
func (d *Device) schedule() *schedule {
	switch {
	case !d.model.scheduled:
		return nil
	case d.trust.schedule == nil:
		return d.model.unplanned
	}
	return d.trust.schedule
}

// plans gives the Device a schedule of its own, which may be changed in this turn and is
// saved after it.
func (t *turn) plans() *schedule {
	own := *t.schedule()
	t.entrust().schedule = &own
	return &own
}

// unplan gives the Device back the schedule that it was shipped with.
func (t *turn) unplan() {
	if t.trust.schedule != nil {
		t.entrust().schedule = nil
	}
}

// planned is the time when the scheduled action begins; never if there is none. Without
// power and outside of RFNOP the Device begins nothing; what was due meanwhile begins
// when it is back.
func (d *Device) planned() time.Duration {
	s := d.schedule()
	if s == nil || s.action == 0 || d.flags.has(off) || d.dos != ocf.RFNOP {
		return never
	}
	return max(0, s.at.Sub(d.model.epoch))
}

// next is the earliest time when the Device has something to do.
func (d *Device) next() time.Duration { return min(d.agenda.next(), d.planned()) }

// reading is what a Device makes of the payload of a POST to oic.r.softwareupdate.
type reading struct {
	ocf.SoftwareUpdate
	ok bool // it is a valid update
}

// writeSchedule answers a POST to oic.r.softwareupdate. It applies either all of it or
// nothing. The answer has the whole representation (docs/adr/0107).
func (t *turn) writeSchedule(r *Request) {
	u, err := ocf.DecodeSoftwareUpdatePost(r.Payload)
	read := t.bent.scheduleRead.decide(t, r.Payload, reading{u, err == nil})
	if !read.ok || !t.bent.schedules.decide(t, read.SoftwareUpdate, t.schedulable(&read.SoftwareUpdate)) {
		t.respond(t.refusal(badRequest))
		return
	}
	t.adopt(&read.SoftwareUpdate)
	t.emit(Effect{Kind: Respond, Code: changed, Rep: Rep{Path: ocf.PathSoftwareUpdate, State: t.State()}})
}

// schedulable reports whether the Device may do as u says: u has all three Properties, and
// the time of an action is not over (docs/adr/0108). The time of idle does not matter, for
// nothing happens then.
func (t *turn) schedulable(u *ocf.SoftwareUpdate) bool {
	if !u.Present.Has(ocf.UpdateWritable) {
		return false
	}
	return u.Action == ocf.ActionIdle || !t.past(u.Time)
}

// past reports whether a time of RFC 3339 is over by the Device's clock, to the second.
func (t *turn) past(text string) bool {
	at, err := time.Parse(time.RFC3339, text)
	return err != nil || at.Before(t.model.epoch.Add(t.now).Truncate(time.Second))
}

// adopt makes u the Device's schedule in place of the one before it; idle cancels that. A
// process that has begun goes on. Without a time, which the reference refuses, it is now.
func (t *turn) adopt(u *ocf.SoftwareUpdate) {
	s := t.plans()
	if u.Present.Has(ocf.UpdateURL) {
		s.url = u.URL
	}
	s.action = t.bent.scheduled.decide(t, u.Action, actionOf(u.Action))
	s.when = u.Time
	if !u.Present.Has(ocf.UpdateTime) {
		s.when = t.model.epoch.Add(t.now).UTC().Format(time.RFC3339)
	}
	s.at, _ = time.Parse(time.RFC3339, s.when)
}

// runPlanned begins the scheduled action, whose time has come. It is the same process
// that a Client begins with tm; one that is pending already goes on.
func (t *turn) runPlanned() {
	s := t.plans()
	bits := s.action
	s.action = 0
	if r := unusable(s.url); r != ocf.ResultIdle {
		s.result = r
		return
	}
	bits = t.bent.runs.decide(t, bits) &^ t.pending()
	t.accept(bits)
	t.tell(atStart)
	t.begin()
}

// unusable is the result of an action whose package has this URL if the Device cannot even
// try: the model speaks of HTTPS and of CoAPs.
func unusable(text string) ocf.UpdateResult {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "":
		return ocf.ResultBadURL
	case u.Scheme != "https" && u.Scheme != "coaps":
		return ocf.ResultBadProtocol
	}
	return ocf.ResultIdle
}

// notes keeps how the process in run has ended, and the version that it has found.
func (t *turn) notes(installed bool) {
	if !t.model.scheduled {
		return
	}
	s := t.plans()
	s.result = t.ending
	t.ending = ocf.ResultIdle
	if t.flags.has(found) || installed {
		s.newest = t.offered
	}
	if installed {
		s.result = ocf.ResultSuccess
		s.last = t.model.epoch.Add(t.now).UTC().Truncate(time.Second).Format(time.RFC3339)
	}
}

// softwareUpdate is the representation of oic.r.softwareupdate in the state s. Its state
// follows from tm and cm, and it says success only while cm.U says so too
// (docs/adr/0109). What was found counts until it is installed.
func (d *Device) softwareUpdate(s State) ocf.SoftwareUpdate {
	p := s.schedule
	x := ocf.SoftwareUpdate{
		URL: p.url, Action: actions[p.action], Time: p.when, State: ocf.StateIdle, Result: p.result,
		Last: p.last, Signed: "vendor", Present: ocf.UpdateRequired | ocf.UpdateLast | ocf.UpdateSigned,
	}
	newer := p.newest > s.Version
	switch {
	case s.TM.Has(ocf.SSU):
		x.State = ocf.StateUpgrading
	case s.TM.Has(ocf.SVV):
		x.State = ocf.StateVerifying
	case newer && s.CM.Has(ocf.SVV):
		x.State = ocf.StateVerified
	case newer && s.CM.Has(ocf.NSA):
		x.State = ocf.StateNew
	}
	if newer {
		x.NewVersion = versionText(p.newest)
		x.Present |= ocf.UpdateNewVersion
	}
	if x.Result == ocf.ResultSuccess && !s.CM.Has(ocf.SSU) {
		x.Result = ocf.ResultIdle
	}
	return d.model.bent.softwareUpdate.see(d, s, x)
}

// tellSchedule notifies the observers of oic.r.softwareupdate if it differs from what it
// was when the turn began.
func (t *turn) tellSchedule() {
	if !t.model.scheduled || t.was.schedule == nil {
		return
	}
	now := t.State()
	if t.bent.tellsSchedule.decide(t, t.softwareUpdate(now) != t.softwareUpdate(t.was)) {
		t.emit(Effect{Kind: Notify, Rep: Rep{Path: ocf.PathSoftwareUpdate, State: now, Told: true}})
	}
}
