package sim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/ocfsim/ocfsim/ocf"
)

// SavedSecurity is what a secured Device does not lose with its power. That it
// is as it was shipped is all that is written of one that nothing has changed.
type SavedSecurity struct {
	trust *trust // its model is not saved
	fresh bool   // as shipped
}

// savedTrust is its form in a file: uuids as texts, keys as base64.
type savedTrust struct {
	Shipped  bool        `json:"shipped,omitempty"` // then the rest is empty
	UUID     string      `json:"uuid,omitempty"`
	DevOwner string      `json:"devowneruuid,omitempty"`
	Rowners  []string    `json:"rowneruuids,omitempty"` // of doxm, pstat, cred, acl2
	Owned    bool        `json:"owned,omitempty"`
	OXMSel   uint16      `json:"oxmsel,omitempty"`
	Creds    []savedCred `json:"creds,omitempty"`
	ACEs     []ocf.ACE   `json:"aclist2,omitempty"`
	SDI      *ocf.SDI    `json:"sdi,omitempty"`
	Profile  string      `json:"currentprofile,omitempty"`
}

// savedCred is a credential with its keys; an ocf.Key shows itself to nobody.
type savedCred struct {
	ID       uint16   `json:"credid"`
	Type     uint16   `json:"credtype"`
	Subject  string   `json:"subjectuuid,omitempty"`
	Usage    string   `json:"credusage,omitempty"`
	Role     ocf.Role `json:"roleid"`
	Private  savedKey `json:"privatedata"`
	Public   savedKey `json:"publicdata"`
	Optional savedKey `json:"optionaldata"`
	Period   string   `json:"period,omitempty"`
}

type savedKey struct {
	Encoding string `json:"encoding,omitempty"`
	Data     []byte `json:"data,omitempty"`
}

// saveSecurity is what is to be written of d's security, nil without one.
func (d *Device) saveSecurity() *SavedSecurity {
	if !d.secured() {
		return nil
	}
	return &SavedSecurity{trust: d.trust, fresh: d.trust == d.model.shipped}
}

// MarshalJSON writes s. It has keys in it.
func (s *SavedSecurity) MarshalJSON() ([]byte, error) {
	if s.fresh {
		return json.Marshal(savedTrust{Shipped: true})
	}
	tr := s.trust
	j := savedTrust{
		UUID: tr.uuid.String(), DevOwner: tr.devowner.String(), Owned: tr.owned, OXMSel: tr.oxmsel,
		ACEs: tr.aces, SDI: &tr.sdi, Profile: tr.profile,
	}
	for _, o := range tr.rowners {
		j.Rowners = append(j.Rowners, o.String())
	}
	for i := range tr.creds {
		c := &tr.creds[i]
		j.Creds = append(j.Creds, savedCred{
			ID: c.ID, Type: c.Type, Subject: c.Subject, Usage: c.Usage, Role: c.Role,
			Private: savedKey(c.Private), Public: savedKey(c.Public), Optional: savedKey(c.Optional), Period: c.Period,
		})
	}
	return json.Marshal(j)
}

// UnmarshalJSON reads what MarshalJSON wrote. No error tells a key.
func (s *SavedSecurity) UnmarshalJSON(data []byte) error {
	var j savedTrust
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&j); err != nil {
		return fmt.Errorf("security: %w", err)
	}
	if j.Shipped {
		*s = SavedSecurity{fresh: true, trust: &trust{}}
		return nil
	}
	tr := &trust{owned: j.Owned, oxmsel: j.OXMSel, aces: j.ACEs, profile: j.Profile}
	if len(j.Rowners) != rowners {
		return fmt.Errorf("security: rowneruuids: expected %d, got %d", rowners, len(j.Rowners))
	}
	texts := append([]string{j.UUID, j.DevOwner}, j.Rowners...)
	ids := make([]ocf.UUID, len(texts))
	for i, text := range texts {
		var err error
		if ids[i], err = ocf.ParseUUID(text); err != nil {
			return fmt.Errorf("security: %w", err)
		}
	}
	tr.uuid, tr.devowner, tr.rowners = ids[0], ids[1], [rowners]ocf.UUID(ids[2:])
	if j.SDI != nil {
		tr.sdi = *j.SDI
	}
	for i := range j.Creds {
		c := &j.Creds[i]
		tr.creds = append(tr.creds, ocf.Cred{
			ID: c.ID, Type: c.Type, Subject: c.Subject, Usage: c.Usage, Role: c.Role,
			Private: ocf.Key(c.Private), Public: ocf.Key(c.Public), Optional: ocf.Key(c.Optional), Period: c.Period,
		})
	}
	*s = SavedSecurity{trust: tr}
	return nil
}

// validate names the field that no Device could have saved.
func (s *SavedSecurity) validate() error {
	tr := s.trust
	switch {
	case s.fresh:
		return nil
	case tr.owned && tr.devowner.IsNil():
		return fmt.Errorf("security: devowneruuid: nobody, though it is owned")
	case tr.oxmsel > ocf.OXMSelf:
		return fmt.Errorf("security: oxmsel: %d is no method", tr.oxmsel)
	case len(tr.creds) > maxCreds:
		return fmt.Errorf("security: creds: at most %d, got %d", maxCreds, len(tr.creds))
	case len(tr.aces) > maxACEs:
		return fmt.Errorf("security: aclist2: at most %d, got %d", maxACEs, len(tr.aces))
	}
	if err := checkACEs(tr.aces); err != nil {
		return fmt.Errorf("security: aclist2: %w", err)
	}
	return nil
}

// restoreTrust makes s one of this model. What is as shipped stays shared, so
// that a million restored Devices have one trust.
func (m *Model) restoreTrust(s *SavedSecurity) *trust {
	if s.fresh {
		return m.shipped
	}
	tr := *s.trust
	tr.model = m
	tr.pin, tr.doc, tr.asserted, tr.events, tr.withdrawn = "", 0, nil, nil, nil
	tr.creds, tr.aces = slices.Clip(tr.creds), slices.Clip(tr.aces)
	return &tr
}
