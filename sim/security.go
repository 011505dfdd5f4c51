package sim

import (
	"fmt"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// Security makes Devices secured. All Devices of one Model share it.
type Security struct {
	// Edition says whose rules decide on access and on the device states: "ocf-1.0"
	// or "ocf-2.2"; "" is ocf-1.0. If a Variant or Deviation names an edition, that
	// one counts.
	Edition string
	// Methods are the owner transfer methods on offer, in order. If it is empty,
	// they are Just Works and Random PIN, and with a manufacturer certificate that
	// method too.
	Methods []uint16
	// PIN is the PIN of every Random PIN transfer. If it is "", each transfer has the
	// one in Request.PIN, and if that is "" too, 8 digits of the Device's own sequence,
	// which follow from its seed.
	PIN string
	// Shipped are the credentials that RESET restores: the manufacturer certificate
	// and the trust anchors. The shell keeps the private keys and finds them by
	// Usage.
	Shipped []ocf.Cred
	// CSR returns what /oic/sec/csr answers while the Device has this uuid, because
	// Clients expect to find the uuid in it. If CSR is nil, there is no such
	// resource.
	CSR func(ocf.UUID) ocf.CSR
	// Epoch is the time of day at Event.At 0; the validity of ACEs and credentials
	// depends on it. Zero means 2026-01-01T00:00:00Z.
	Epoch time.Time
	// Owner owns the Devices from the start, with OwnerKey, and they begin in RFNOP.
	// If it is nil, they are unowned and begin in RFOTM.
	Owner    ocf.UUID
	OwnerKey [16]byte
	// Creds and ACEs are provisioned in addition on Devices that have an Owner.
	Creds []ocf.Cred
	ACEs  []ocf.ACE
}

// Door says which sessions a Device accepts at the moment. It does not change; when
// the Device changes, ask for a new Door.
type Door struct {
	Closed bool     // the Device accepts no session at all
	ID     ocf.UUID // the Device's current uuid, for identity hints
	// OTM says that the next session is an owner transfer that uses Method.
	OTM    bool
	Method uint16
	PIN    string // for Random PIN
	// Creds are the credentials that authenticate normal sessions and transfers by
	// certificate. They are shared and must not be changed.
	Creds []ocf.Cred
}

// Door says which sessions the Device accepts at the moment. A Device without
// security accepts none. In RFOTM a Device accepts a single session, the Device
// Onboarding Connection, and only after a Client has chosen a transfer method.
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

// epoch is the time of day at Event.At 0 if Security.Epoch is zero.
var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// The editions of secured Devices.
const (
	firstEdition = "ocf-1.0"
	laterEdition = "ocf-2.2"
)

// secure makes the model one of secured Devices if the Config has Security.
func (m *Model) secure(editions ...string) error {
	m.factory = &trust{model: m, oxmsel: ocf.OXMSelf}
	m.shipped = m.factory
	s := Security{}
	if m.config.Security != nil {
		s = *m.config.Security
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
	if m.config.Security == nil {
		return nil
	}
	m.security = &s
	if s.Epoch.IsZero() {
		s.Epoch = epoch
	}
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

// defaults fills the fields that were left empty. An error names the field that
// makes no sense.
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

// Secured reports whether the Device has security resources at all.
func (d *Device) Secured() bool { return d.secured() }
