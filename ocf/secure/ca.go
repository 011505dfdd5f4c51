package secure

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// CA is a certificate authority made at run time, for tests and for runs
// against simulated Devices: of a manufacturer, or of an owner. Its methods
// may be called from any goroutine. The zero value signs nothing: use NewCA
// or ParseCA.
//
// Everything it signs is ECDSA on P-256 with SHA-256, as OCF requires, and
// valid from 1999 to 2099: a fake clock may start at 2000-01-01.
type CA struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// Format says what the CA is called, for every verb, and nothing of its key.
func (ca *CA) Format(s fmt.State, _ rune) {
	name := "nobody"
	if ca.cert != nil {
		name = ca.cert.Subject.CommonName
	}
	_, _ = fmt.Fprintf(s, "CA %q", name)
}

// NewCA makes a self-signed root under a common name, with a fresh key.
func NewCA(name string) (*CA, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("key of CA %q: %w", name, err)
	}
	ca := &CA{key: key}
	template := certificate(name)
	template.KeyUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	template.IsCA = true
	ca.cert = template // signs itself
	der, err := ca.sign(template, key.Public())
	if err != nil {
		return nil, fmt.Errorf("CA %q: %w", name, err)
	}
	if ca.cert, err = x509.ParseCertificate(der); err != nil {
		return nil, fmt.Errorf("CA %q: %w", name, err)
	}
	return ca, nil
}

// Marshal is the root's certificate and its private key in PEM, from which
// ParseCA makes the same CA again. It is for the owner's eyes alone.
func (ca *CA) Marshal() ([]byte, error) {
	if ca.key == nil {
		return nil, errors.New("this CA was not made by NewCA")
	}
	return EncodeKeyPair(&tls.Certificate{Certificate: [][]byte{ca.cert.Raw}, PrivateKey: ca.key})
}

// ParseCA reads what Marshal has written. No error quotes the key.
func ParseCA(data []byte) (*CA, error) {
	pair, err := tls.X509KeyPair(data, data)
	if err != nil {
		return nil, fmt.Errorf("CA: %w", err)
	}
	key, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
	switch {
	case !ok || key.Curve != elliptic.P256():
		return nil, errors.New("CA: expected a key on P-256")
	case !pair.Leaf.IsCA:
		return nil, fmt.Errorf("CA: the certificate of %q is not one of a CA", pair.Leaf.Subject.CommonName)
	}
	return &CA{cert: pair.Leaf, key: key}, nil
}

// EncodeKeyPair is a certificate chain and its private key (PKCS #8) in PEM, as
// tls.X509KeyPair reads them.
func EncodeKeyPair(pair *tls.Certificate) ([]byte, error) {
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		return nil, err
	}
	return append(EncodeChain(pair.Certificate), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})...), nil
}

// Roots is a pool with this root alone.
func (ca *CA) Roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(ca.cert)
	return pool
}

// PEM is the root's certificate, as a trust anchor credential carries it.
func (ca *CA) PEM() []byte { return EncodeChain([][]byte{ca.cert.Raw}) }

// Identity makes a key and an identity certificate for it: common name
// "uuid:<id>", key purpose 1.3.6.1.4.1.44924.1.6 beside client and server
// authentication.
func (ca *CA) Identity(id ocf.UUID) (*tls.Certificate, error) {
	return ca.leaf(identityTemplate(id))
}

// Manufacturer makes a key and a manufacturer certificate for it, which names
// a product and no uuid.
func (ca *CA) Manufacturer(name string) (*tls.Certificate, error) {
	return ca.leaf(leafTemplate(name))
}

// SignCSR makes the identity certificate that a Device asks for, in PEM. csr is
// PKCS #10 in PEM or DER; its signature must be right, and if its subject names
// a uuid, that must be id.
func (ca *CA) SignCSR(csr []byte, id ocf.UUID) ([]byte, error) {
	der := csr
	if block, _ := pem.Decode(csr); block != nil {
		der = block.Bytes
	}
	request, err := x509.ParseCertificateRequest(der)
	if err != nil {
		return nil, fmt.Errorf("certificate request: %w", err)
	}
	if err := request.CheckSignature(); err != nil {
		return nil, fmt.Errorf("certificate request: %w", err)
	}
	if named, ok, err := subjectUUID(request.Subject); err != nil || ok && named != id {
		return nil, fmt.Errorf("certificate request of %q is not one of %v", request.Subject.CommonName, id)
	}
	leaf, err := ca.sign(identityTemplate(id), request.PublicKey)
	if err != nil {
		return nil, fmt.Errorf("certificate of %v: %w", id, err)
	}
	return EncodeChain([][]byte{leaf}), nil
}

// CSR is a Device's request for an identity certificate, in PEM.
func CSR(key crypto.Signer, id ocf.UUID) ([]byte, error) {
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{
		Subject:            pkix.Name{CommonName: "uuid:" + id.String()},
		SignatureAlgorithm: x509.ECDSAWithSHA256,
	}, key)
	if err != nil {
		return nil, fmt.Errorf("certificate request of %v: %w", id, err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}), nil
}

func (ca *CA) leaf(template *x509.Certificate) (*tls.Certificate, error) {
	name := template.Subject.CommonName
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("key of %q: %w", name, err)
	}
	der, err := ca.sign(template, key.Public())
	if err != nil {
		return nil, fmt.Errorf("certificate of %q: %w", name, err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("certificate of %q: %w", name, err)
	}
	// Without Leaf the DTLS library would parse it in every handshake.
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: parsed}, nil
}

func (ca *CA) sign(template *x509.Certificate, public crypto.PublicKey) ([]byte, error) {
	if ca.key == nil {
		return nil, errors.New("this CA was not made by NewCA")
	}
	return x509.CreateCertificate(rand.Reader, template, ca.cert, public, ca.key)
}

// certificate is what all templates have in common. The serial number is left
// to crypto/x509, which makes a random one.
func certificate(name string) *x509.Certificate {
	return &x509.Certificate{
		Subject:               pkix.Name{Organization: []string{"ocfsim"}, CommonName: name},
		NotBefore:             time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:              time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC),
		SignatureAlgorithm:    x509.ECDSAWithSHA256,
		BasicConstraintsValid: true,
	}
}

func leafTemplate(name string) *x509.Certificate {
	template := certificate(name)
	template.KeyUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageKeyAgreement
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	template.UnknownExtKeyUsage = []asn1.ObjectIdentifier{identityEKU()}
	return template
}

func identityTemplate(id ocf.UUID) *x509.Certificate { return leafTemplate("uuid:" + id.String()) }
