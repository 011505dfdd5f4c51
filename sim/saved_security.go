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

// savedTrust is its form in a file: uuids as texts, credentials with their
// keys and ACEs as the CBOR of a POST that would add them.
type savedTrust struct {
	Shipped  bool     `json:"shipped,omitempty"` // then the rest is empty
	UUID     string   `json:"uuid,omitempty"`
	DevOwner string   `json:"devowneruuid,omitempty"`
	Rowners  []string `json:"rowneruuids,omitempty"` // of doxm, pstat, cred, acl2
	Owned    bool     `json:"owned,omitempty"`
	OXMSel   uint16   `json:"oxmsel,omitempty"`
	Creds    []byte   `json:"creds,omitempty"`
	ACEs     []byte   `json:"aclist2,omitempty"`
	SDI      []byte   `json:"sdi,omitempty"`
	Profile  string   `json:"currentprofile,omitempty"`
}

// saveSecurity is what is to be written of d's security, nil without one.
func (d *Device) saveSecurity() *SavedSecurity {
	if !d.secured() {
		return nil
	}
	return &SavedSecurity{trust: d.trust, fresh: d.trust.changes == d.model.shipped.changes}
}

// MarshalJSON writes s. It has keys in it.
func (s *SavedSecurity) MarshalJSON() ([]byte, error) {
	if s.fresh {
		return json.Marshal(savedTrust{Shipped: true})
	}
	tr := s.trust
	j := savedTrust{
		UUID: tr.uuid.String(), DevOwner: tr.devowner.String(), Owned: tr.owned, OXMSel: tr.oxmsel,
		Creds: (&ocf.CredsUpdate{List: tr.creds}).AppendCBOR(nil), ACEs: (&ocf.ACLUpdate{List: tr.aces}).AppendCBOR(nil),
		SDI: tr.sdi.AppendUpdate(nil), Profile: tr.profile,
	}
	for _, o := range tr.rowners {
		j.Rowners = append(j.Rowners, o.String())
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
	tr := &trust{owned: j.Owned, oxmsel: j.OXMSel, profile: j.Profile}
	if len(j.Rowners) != rowners {
		return fmt.Errorf("security: rowneruuids: expected %d, got %d", rowners, len(j.Rowners))
	}
	ids := make([]ocf.UUID, 0, 2+rowners)
	for _, text := range append([]string{j.UUID, j.DevOwner}, j.Rowners...) {
		id, err := ocf.ParseUUID(text)
		if err != nil {
			return fmt.Errorf("security: %w", err)
		}
		ids = append(ids, id)
	}
	tr.uuid, tr.devowner, tr.rowners = ids[0], ids[1], [rowners]ocf.UUID(ids[2:])
	if err := tr.readLists(&j); err != nil {
		return fmt.Errorf("security: %w", err)
	}
	*s = SavedSecurity{trust: tr}
	return nil
}

// readLists reads what is CBOR.
func (tr *trust) readLists(j *savedTrust) error {
	creds, err := ocf.DecodeCredsUpdate(j.Creds)
	if err != nil {
		return fmt.Errorf("creds: %w", err)
	}
	acl, err := ocf.DecodeACLUpdate(j.ACEs)
	if err != nil {
		return fmt.Errorf("aclist2: %w", err)
	}
	sdi, err := ocf.DecodeSDIUpdate(j.SDI)
	if err != nil {
		return fmt.Errorf("sdi: %w", err)
	}
	tr.creds, tr.aces, tr.sdi = creds.List, acl.List, sdi.SDI
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
	tr.model, tr.changes = m, m.shipped.changes+1
	tr.pin, tr.doc, tr.asserted, tr.events, tr.memory = "", 0, nil, nil, nil
	tr.creds, tr.aces = slices.Clip(tr.creds), slices.Clip(tr.aces)
	return &tr
}
