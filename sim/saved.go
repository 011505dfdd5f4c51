package sim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/ocfsim/ocfsim/ocf"
)

// savedSchema is the version of the format in which a Device is saved. The previous
// version has no security; it can still be read.
const (
	savedSchema    = "ocfsim.device/2"
	unsecuredSaved = "ocfsim.device/1"
)

// Saved is the state of a Device that survives a power cut. Its JSON form names the
// version of the format and is read strictly. With Security it contains keys, so
// keep it secret.
type Saved struct {
	ID      ocf.UUID // the identity it was born with
	Random  uint32   // position in the Device's own sequence of random numbers
	TM, CM  ocf.DPM
	DOS     ocf.DOS
	Version uint16
	Running ocf.DPM // SVV, SSU or NSA, 0 for none
	Waiting ocf.DPM
	// Announced says that the result of Running is in CM already.
	Announced bool
	Flags     uint16
	// Schedule is nil while the schedule of oic.r.softwareupdate is the one that the Device
	// was shipped with.
	Schedule *SavedSchedule
	// Security is nil unless the Device is secured.
	Security *SavedSecurity
}

// savedJSON is the format of Saved in a file.
type savedJSON struct {
	Schema    string         `json:"schema"`
	DI        string         `json:"di"`
	Random    uint32         `json:"random"`
	TM        ocf.DPM        `json:"tm"`
	CM        ocf.DPM        `json:"cm"`
	DOS       ocf.DOS        `json:"dos"`
	Version   string         `json:"version"`
	Running   ocf.DPM        `json:"running"`
	Waiting   ocf.DPM        `json:"waiting"`
	Announced bool           `json:"announced"`
	Flags     uint16         `json:"flags"`
	Schedule  *SavedSchedule `json:"schedule,omitempty"`
	Security  *SavedSecurity `json:"security,omitempty"`
}

// MarshalJSON writes s together with the version of the format.
func (s Saved) MarshalJSON() ([]byte, error) {
	return json.Marshal(savedJSON{
		Schema: savedSchema, DI: s.ID.String(), Random: s.Random, TM: s.TM, CM: s.CM, DOS: s.DOS,
		Version: versionText(s.Version), Running: s.Running, Waiting: s.Waiting, Announced: s.Announced, Flags: s.Flags,
		Schedule: s.Schedule, Security: s.Security,
	})
}

// UnmarshalJSON reads what MarshalJSON wrote. It returns an error for another
// version of the format, for an unknown or missing property, and for a Device that
// cannot exist.
func (s *Saved) UnmarshalJSON(data []byte) error {
	var j savedJSON
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&j); err != nil {
		return fmt.Errorf("saved device: %w", err)
	}
	if j.Schema != savedSchema && (j.Schema != unsecuredSaved || j.Security != nil) {
		return fmt.Errorf("saved device: schema %q, expected %q", j.Schema, savedSchema)
	}
	id, err := ocf.ParseUUID(j.DI)
	if err != nil {
		return fmt.Errorf("saved device: di: %w", err)
	}
	version, ok := parseVersion(j.Version)
	if !ok {
		return fmt.Errorf("saved device: version: expected 1.0.N, got %q", j.Version)
	}
	read := Saved{
		ID: id, Random: j.Random, TM: j.TM, CM: j.CM, DOS: j.DOS, Version: version,
		Running: j.Running, Waiting: j.Waiting, Announced: j.Announced, Flags: j.Flags,
		Schedule: j.Schedule, Security: j.Security,
	}
	if err := read.validate(); err != nil {
		return fmt.Errorf("saved device: %w", err)
	}
	*s = read
	return nil
}

// validate returns an error that names the first field that no Device could have
// saved.
func (s *Saved) validate() error {
	switch {
	case !s.DOS.Valid():
		return fmt.Errorf("dos: %d is no state", s.DOS)
	case s.Running != 0 && s.Running != ocf.SVV && s.Running != ocf.SSU && s.Running != ocf.NSA:
		return fmt.Errorf("running: %v is not one process", s.Running)
	case s.Waiting.Without(everything.bits()) != 0:
		return fmt.Errorf("waiting: %v is no process", s.Waiting)
	case s.Running == 0 && (s.Waiting != 0 || s.Announced):
		return errors.New("running: nothing, though something waits or ends")
	case s.Flags&^(uint16(durable)|borrowed) != 0:
		return fmt.Errorf("flags: %#x has unknown bits", s.Flags)
	}
	if s.Schedule != nil {
		if err := s.Schedule.validate(); err != nil {
			return err
		}
	}
	if s.Security != nil {
		return s.Security.validate()
	}
	return nil
}

// Save returns what the shell is to write after a Persist.
func (d *Device) Save() Saved {
	return Saved{
		ID: d.id, Random: d.random, TM: d.tm, CM: d.cm, DOS: d.dos, Version: d.version,
		Running: d.run.bits(), Waiting: d.queue.bits(), Announced: d.stage == announcing,
		Flags: d.facts(), Schedule: d.saveSchedule(), Security: d.saveSecurity(),
	}
}

// Restore makes the Device that was saved. It is off until Start, and then goes on
// as after a power cut. If only the model has security, the Device is as it was
// shipped; if only s has, the Device is restored without it.
func (m *Model) Restore(s Saved) Device {
	d := m.Device(s.ID, 0)
	d.random, d.version = s.Random, s.Version
	switch {
	case m.security != nil && s.Security == nil:
		return d
	case m.security != nil:
		d.trust = m.restoreTrust(s.Security)
	}
	m.restoreSchedule(&d, s.Schedule)
	d.tm, d.cm, d.dos = s.TM, s.CM, s.DOS
	d.run, d.queue = modeOf(s.Running), modeOf(s.Waiting)
	d.flags = flags(s.Flags) & durable
	switch {
	case s.Announced:
		d.stage = announcing
	case d.run != 0:
		d.stage = interrupted
	}
	t := d.turn(0, nil)
	t.bent.restored.happens(t, s.Flags)
	t.close()
	return d
}
