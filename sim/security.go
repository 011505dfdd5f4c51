package sim

import "github.com/ocfsim/ocfsim/ocf"

// Security is what makes Devices secured. Those of one Model share it.
type Security struct {
	// Edition is whose rules decide on access and on the device states:
	// "ocf-1.0" or "ocf-2.2"; "" is ocf-1.0.
	Edition string
	// Methods are the owner transfer methods on offer, in order; empty is Just
	// Works and Random PIN, and with a manufacturer certificate that too.
	Methods []uint16
	PIN     string // the PIN of every Random PIN transfer; "" draws 8 digits for each
	// Shipped are the credentials that RESET restores: manufacturer certificate
	// and trust anchors. Private keys stay with the shell, which knows them by Usage.
	Shipped []ocf.Cred
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
	// Creds are those that a normal session is authenticated by. They are
	// shared, and not to be changed.
	Creds []ocf.Cred
}
