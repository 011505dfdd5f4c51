package target

import (
	"crypto/tls"
	"crypto/x509"

	"github.com/ocfsim/ocfsim/ocf"
)

// Security is how the harness comes to be the owner of a secured Device. The
// zero value is plain CoAP.
type Security struct {
	Own Method // take ownership by this method, and give it up again in the end
	PIN string // of Random PIN; "" asks ReadPIN
	// ReadPIN asks whoever sees the Device's PIN for it; nil where nobody can be asked.
	ReadPIN func() (string, error)
	// Certificate is what the harness shows in an owner transfer by manufacturer
	// certificate, nil for nothing; Roots verify the Device's.
	Certificate *tls.Certificate
	Roots       *x509.CertPool

	Owner *Credential // the owner of a Device that is owned already
}

// Method is an owner transfer method; the zero value is none.
type Method string

// The owner transfer methods of the target file.
const (
	JustWorks               Method = "justworks"
	RandomPIN               Method = "pin"
	ManufacturerCertificate Method = "certificate"
)

// Credential is who the harness is to a Device. Key, or Certificate with Roots.
type Credential struct {
	ID          ocf.UUID
	Key         []byte
	Certificate *tls.Certificate
	Roots       *x509.CertPool
}

// String withholds the key.
func (c Credential) String() string { return c.ID.String() }
