package sim

import (
	"fmt"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// SavedSchedule is what of oic.r.softwareupdate survives a power cut. The times are as RFC
// 3339 has them, so that they hold for a process that begins its clock anew.
type SavedSchedule struct {
	URL    string           `json:"purl"`
	Action string           `json:"swupdateaction"`
	Time   string           `json:"updatetime"`
	Result ocf.UpdateResult `json:"swupdateresult"`
	Last   string           `json:"lastupdate"`
	Newest string           `json:"newest"` // version that a process found last, 1.0.N
}

// validate returns an error that names the first field that no Device could have saved.
func (s *SavedSchedule) validate() error {
	if _, err := time.Parse(time.RFC3339, s.Time); err != nil {
		return fmt.Errorf("schedule: updatetime: %q is no time of RFC 3339", s.Time)
	}
	if _, err := time.Parse(time.RFC3339, s.Last); err != nil {
		return fmt.Errorf("schedule: lastupdate: %q is no time of RFC 3339", s.Last)
	}
	if s.Action != ocf.ActionIdle && actionOf(s.Action) == 0 {
		return fmt.Errorf("schedule: swupdateaction: %q is no action", s.Action)
	}
	if _, ok := parseVersion(s.Newest); !ok {
		return fmt.Errorf("schedule: newest: expected 1.0.N, got %q", s.Newest)
	}
	return nil
}

// saveSchedule returns the schedule to save, nil for the one that the Device was shipped
// with.
func (d *Device) saveSchedule() *SavedSchedule {
	p := d.trust.schedule
	if p == nil {
		return nil
	}
	return &SavedSchedule{
		URL: p.url, Action: actions[p.action], Time: p.when, Result: p.result, Last: p.last, Newest: versionText(p.newest),
	}
}

// restoreSchedule gives d the schedule that was saved, if Devices of m have one.
func (m *Model) restoreSchedule(d *Device, s *SavedSchedule) {
	if s == nil || !m.scheduled {
		return
	}
	p := &schedule{url: s.URL, action: actionOf(s.Action), when: s.Time, result: s.Result, last: s.Last}
	p.at, _ = time.Parse(time.RFC3339, s.Time)
	p.newest, _ = parseVersion(s.Newest)
	own := *d.trust
	own.schedule = p
	d.trust = &own
}
