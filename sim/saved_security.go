package sim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/ocfsim/ocfsim/ocf"
)

// SavedSecurity is the security state of a Device that survives a power cut. If
// nothing has changed since the Device was shipped, only that fact is saved.
type SavedSecurity struct {
	trust *trust // without its model, which is not saved
	fresh bool   // unchanged since the Device was shipped
}

// savedTrust is the format of SavedSecurity in a file: uuids as text, and
// credentials with their keys and ACEs as the CBOR of a POST that would add them.
type savedTrust struct {
	Shipped  bool     `json:"shipped,omitempty"` // if true, the other fields are empty
	UUID     string   `json:"uuid,omitempty"`
	DevOwner string   `json:"devowneruuid,omitempty"`
	Rowners  []string `json:"rowneruuids,omitempty"` // in the order doxm, pstat, cred, acl2
	Owned    bool     `json:"owned,omitempty"`
	OXMSel   uint16   `json:"oxmsel,omitempty"`
	Creds    []byte   `json:"creds,omitempty"`
	ACEs     []byte   `json:"aclist2,omitempty"`
	SDI      []byte   `json:"sdi,omitempty"`
	Profile  string   `json:"currentprofile,omitempty"`
}

// saveSecurity returns the security state to save, nil for a Device without
// security.
func (d *Device) saveSecurity() *SavedSecurity {
	if !d.secured() {
		return nil
	}
	return &SavedSecurity{trust: d.trust, fresh: d.trust.changes == d.model.shipped.changes}
}

// MarshalJSON writes s. The output contains keys.
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

// UnmarshalJSON reads what MarshalJSON wrote. No error reveals a key.
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

// readLists reads the fields that hold CBOR.
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

// validate returns an error that names the first field that no Device could have
// saved.
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

// restoreTrust turns s into a trust of this model. Devices that are as they were
// shipped go on sharing one trust, even a million of them.
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
