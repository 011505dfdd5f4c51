package lab

import (
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/ocf/secure"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
)

// Maker is the manufacturer of virtual Devices: a certificate authority, and the
// certificate that its Devices share. Unless it is kept, it is gone when the program
// ends.
type Maker struct {
	ca          *secure.CA
	certificate *tls.Certificate
}

// NewMaker makes the authority and the certificate, with fresh keys.
func NewMaker() (*Maker, error) {
	ca, err := secure.NewCA("ocfsim manufacturer")
	if err != nil {
		return nil, err
	}
	certificate, err := ca.Manufacturer("ocfsim virtual Device")
	if err != nil {
		return nil, err
	}
	return &Maker{ca: ca, certificate: certificate}, nil
}

// Marshal writes the authority and the Devices' certificate with their private keys
// in PEM, for ParseMaker. The Devices' identity certificates are for the same key and
// are worth nothing without it.
func (m *Maker) Marshal() ([]byte, error) {
	authority, err := m.ca.Marshal()
	if err != nil {
		return nil, err
	}
	device, err := secure.EncodeKeyPair(m.certificate)
	return append(authority, device...), err
}

// ParseMaker reads what Marshal has written. No error quotes a key.
func ParseMaker(data []byte) (*Maker, error) {
	_, rest := pem.Decode(data)
	_, rest = pem.Decode(rest)
	ca, err := secure.ParseCA(data[:len(data)-len(rest)])
	if err != nil {
		return nil, err
	}
	certificate, err := tls.X509KeyPair(rest, rest)
	if err != nil {
		return nil, fmt.Errorf("certificate of the Devices: %w", err)
	}
	anyUse := x509.VerifyOptions{Roots: ca.Roots(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}
	if _, err := certificate.Leaf.Verify(anyUse); err != nil {
		return nil, fmt.Errorf("certificate of the Devices: %w", err)
	}
	return &Maker{ca: ca, certificate: &certificate}, nil
}

// Roots verify the Devices' manufacturer certificate.
func (m *Maker) Roots() *x509.CertPool { return m.ca.Roots() }

// PEM is the root certificate in PEM, for a file.
func (m *Maker) PEM() []byte { return m.ca.PEM() }

// Security is that of a Device as it leaves this manufacturer: without an owner, with
// the manufacturer's certificate, and with these owner transfer methods, or all of
// them if none is named. It is nil for a nil Maker.
func (m *Maker) Security(methods ...uint16) *sim.Security {
	if m == nil {
		return nil
	}
	return &sim.Security{
		Methods: methods,
		CSR:     m.csr,
		Shipped: []ocf.Cred{
			{
				Type: ocf.Certificate, Subject: "*", Usage: ocf.UsageMfgCert,
				Public: ocf.Key{Encoding: ocf.EncodingPEM, Data: secure.EncodeChain(m.certificate.Certificate)},
			},
			{
				Type: ocf.Certificate, Subject: "*", Usage: ocf.UsageMfgTrustCA,
				Public: ocf.Key{Encoding: ocf.EncodingPEM, Data: m.ca.PEM()},
			},
		},
	}
}

// csr is the request for an identity certificate for a Device's private key. It is
// empty if the system has no randomness.
func (m *Maker) csr(id ocf.UUID) ocf.CSR {
	key, ok := m.certificate.PrivateKey.(crypto.Signer)
	if !ok {
		return ocf.CSR{}
	}
	data, err := secure.CSR(key, id)
	if err != nil {
		return ocf.CSR{}
	}
	return ocf.CSR{Data: data, Encoding: ocf.EncodingPEM}
}

// Secure lets a fleet serve sessions with the Devices' private key, over conn
// where it is not nil. It is nil for a nil Maker.
func (m *Maker) Secure(conn fleet.Conn) *fleet.Secure {
	if m == nil {
		return nil
	}
	return &fleet.Secure{Conn: conn, Certificate: m.certificate, Roots: m.ca.Roots()}
}
