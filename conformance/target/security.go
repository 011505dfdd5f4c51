package target

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/ocf/secure"
)

// ErrNoCredential is the error for a secured target whose file does not say how
// the harness becomes privileged.
var ErrNoCredential = errors.New("no way into a secured Device: its target file says nothing of security")

// everyWay are the lines of a target file by which the harness may become
// privileged on a secured Device that does not show which of them it takes.
func everyWay() []string {
	return []string{
		"security: {own: justworks}", "security: {own: pin}", "security: {own: certificate, trust: FILE}",
		ownersLine, "security: {psk: {identity: UUID, key: HEX}}", "security: {identity: {...}}",
	}
}

// Security is how the harness comes to be the owner of a secured Device. The
// zero value is plain CoAP.
type Security struct {
	Own Method // take ownership by this method, and give it up in the end
	PIN string // of Random PIN; "" asks ReadPIN
	// ReadPIN asks whoever sees the Device's PIN for it; nil where nobody can be asked.
	ReadPIN func() (string, error)
	// Certificate is what the harness shows in an owner transfer by manufacturer
	// certificate, nil for nothing; Roots verify the Device's.
	Certificate *tls.Certificate
	Roots       *x509.CertPool

	Owner *Credential // the owner of a Device that is owned already

	// AcceptExpired takes a certificate of the Device's, of its manufacturer or of its
	// identity, whose time is over. The report says that it was taken.
	AcceptExpired bool
}

// Method is an owner transfer method; the zero value is none.
type Method string

// The owner transfer methods of the target file.
const (
	JustWorks               Method = "justworks"
	RandomPIN               Method = "pin"
	ManufacturerCertificate Method = "certificate"
)

// owningByCredential is Profile.Owning if the Device was owned before.
const owningByCredential = "credential"

// Format shows how, but neither the PIN nor a key.
func (s Security) Format(f fmt.State, _ rune) {
	switch {
	case s.Own != "":
		_, _ = io.WriteString(f, "own by "+string(s.Own))
	case s.Owner != nil:
		_, _ = io.WriteString(f, "owner "+s.Owner.String())
	default:
		_, _ = io.WriteString(f, "unsecured")
	}
}

// isZero reports whether s says nothing.
func (s Security) isZero() bool { return s.Own == "" && s.Owner == nil }

// owning is Profile.Owning.
func (s Security) owning() string {
	if s.Own != "" {
		return string(s.Own)
	}
	return owningByCredential
}

// validate names what is wrong.
func (s Security) validate() error {
	switch {
	case s.isZero():
		return ErrNoCredential
	case s.Own != "" && s.Owner != nil:
		return errors.New("target Security: expected Own or Owner, got both")
	case s.Owner != nil:
		return s.Owner.validate()
	}
	method, err := secure.ParseOTM(string(s.Own))
	if err != nil {
		return fmt.Errorf("target Security.Own: %w", err)
	}
	switch {
	case method == secure.RandomPIN && s.PIN == "" && s.ReadPIN == nil:
		return errors.New("target Security: a PIN, or someone to ask for it, is needed to own by pin")
	case method == secure.ManufacturerCertificate && s.Roots == nil:
		return errors.New("target Security: Roots are needed to own by certificate")
	}
	return nil
}

// Credential is who the harness is to a Device: it has Key, or Certificate with
// Roots. Nothing that prints it shows the key.
type Credential struct {
	ID          ocf.UUID
	Key         []byte
	Certificate *tls.Certificate
	Roots       *x509.CertPool
}

// String withholds the key.
func (c Credential) String() string { return c.ID.String() }

// Format withholds the key from every verb.
func (c Credential) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// MarshalText withholds the key from encoders.
func (c Credential) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// validate names what is wrong.
func (c Credential) validate() error {
	switch {
	case c.ID.IsNil():
		return errors.New("target Credential: ID is missing")
	case len(c.Key) == 0 && (c.Certificate == nil || c.Roots == nil):
		return errors.New("target Credential: Key, or Certificate and Roots, are needed")
	case len(c.Key) > 0 && len(c.Key) != 16 && len(c.Key) != 32:
		return fmt.Errorf("target Credential: a key of %d bytes, expected 16 or 32", len(c.Key))
	}
	return nil
}
