package sim

import (
	"fmt"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// Security is what makes Devices secured. Those of one Model share it.
type Security struct {
	// Edition is whose rules decide on access and on the device states:
	// "ocf-1.0" or "ocf-2.2"; "" is ocf-1.0. A Variant or Deviation that names
	// an edition has its way.
	Edition string
	// Methods are the owner transfer methods on offer, in order; empty is Just
	// Works and Random PIN, and with a manufacturer certificate that too.
	Methods []uint16
	PIN     string // the PIN of every Random PIN transfer; "" draws 8 digits for each
	// Shipped are the credentials that RESET restores: manufacturer certificate
	// and trust anchors. Private keys stay with the shell, which knows them by Usage.
	Shipped []ocf.Cred
	// CSR is what /oic/sec/csr answers where the Device has this uuid, which
	// Clients want to find in it; nil: there is no such resource.
	CSR func(ocf.UUID) ocf.CSR
	// Epoch is the time of day at Event.At 0, for the validity of ACEs and
	// credentials. Zero is 2026-01-01T00:00:00Z.
	Epoch time.Time
	// Owner owns the Devices from the start, with OwnerKey, and they begin in
	// RFNOP; nil: they are unowned and begin in RFOTM.
	Owner    ocf.UUID
	OwnerKey [16]byte
	// Creds and ACEs are provisioned besides on Devices that have an Owner.
	Creds []ocf.Cred
	ACEs  []ocf.ACE
}

// Door is which sessions a Device accepts now. It does not change: what
// happens to the Device afterwards makes another Door.
type Door struct {
	Closed bool     // no session at all
	ID     ocf.UUID // the Device's uuid now, for hints
	// OTM says that the next session is an owner transfer with Method.
	OTM    bool
	Method uint16
	PIN    string // of Random PIN
	// Creds are those that a normal session is authenticated by, and those
	// that a transfer by certificate is. They are shared, and not to be changed.
	Creds []ocf.Cred
}

// Door is which sessions the Device accepts now. A Device without security
// accepts none. In RFOTM it accepts one, the Device Onboarding Connection, and
// that only once a method was chosen.
func (d *Device) Door() Door {
	door := Door{ID: d.ID(), Creds: d.trust.creds}
	switch {
	case d.model.security == nil, d.flags.has(off), d.dos == ocf.RESET:
		return Door{Closed: true, ID: d.ID()}
	case d.dos == ocf.RFOTM && (d.trust.oxmsel == ocf.OXMSelf || d.trust.doc != 0):
		return Door{Closed: true, ID: d.ID()}
	case d.dos == ocf.RFOTM:
		door.OTM, door.Method, door.PIN = true, d.trust.oxmsel, d.trust.pin
	default:
		door.Creds = d.model.bent.honoured.see(d, door.Creds)
	}
	return door
}

// epoch is the time of day at Event.At 0 where nobody set one.
var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// The editions of secured Devices.
const (
	firstEdition = "ocf-1.0"
	laterEdition = "ocf-2.2"
)

// secure makes the model one of secured Devices where the Config says so.
func (m *Model) secure(editions ...string) error {
	m.factory = &trust{model: m, oxmsel: ocf.OXMSelf}
	m.shipped = m.factory
	if m.config.Security == nil {
		return nil
	}
	s := *m.config.Security
	m.security = &s
	if s.Epoch.IsZero() {
		s.Epoch = epoch
	}
	for _, e := range append([]string{s.Edition}, editions...) {
		switch e {
		case "":
		case firstEdition, laterEdition:
			s.Edition = e
		default:
			return fmt.Errorf("edition: expected %s or %s, got %q", firstEdition, laterEdition, e)
		}
	}
	m.later = s.Edition == laterEdition
	if err := s.defaults(); err != nil {
		return err
	}
	m.factory.ship()
	if !s.Owner.IsNil() {
		owned := *m.factory
		owned.provision(&s)
		m.shipped = &owned
	}
	if !room(m.shipped.creds, m.shipped.aces) {
		return fmt.Errorf("security: creds and aces: expected at most %d bytes of each", ocf.MaxListBytes)
	}
	return nil
}

// defaults names the field that makes no sense, and fills what was left empty.
func (s *Security) defaults() error {
	certified := false
	for i := range s.Shipped {
		certified = certified || s.Shipped[i].Usage == ocf.UsageMfgCert
	}
	if len(s.Methods) == 0 {
		s.Methods = []uint16{ocf.OXMJustWorks, ocf.OXMRandomPIN}
		if certified {
			s.Methods = append(s.Methods, ocf.OXMCertificate)
		}
	}
	for _, method := range s.Methods {
		switch {
		case method > ocf.OXMCertificate:
			return fmt.Errorf("security: methods: %d is no owner transfer method of these Devices", method)
		case method == ocf.OXMCertificate && !certified:
			return fmt.Errorf("security: methods: %d needs a manufacturer certificate in Shipped", method)
		}
	}
	if s.Owner.IsNil() && len(s.Creds)+len(s.ACEs) > 0 {
		return fmt.Errorf("security: creds and aces are for Devices with an owner")
	}
	return checkACEs(s.ACEs)
}
