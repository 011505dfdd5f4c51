package secure

import (
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// verifier is the check of a peer's chain, in the form the DTLS library wants.
type verifier = func(chain [][]byte, verified [][]*x509.Certificate) error

// identityEKU is the key purpose of an OCF identity certificate,
// 1.3.6.1.4.1.44924.1.6.
func identityEKU() asn1.ObjectIdentifier {
	return asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 44924, 1, 6}
}

// identity checks an identity certificate and keeps whose it is.
func identity(roots *x509.CertPool, out *outcome) verifier {
	return func(chain [][]byte, _ [][]*x509.Certificate) error {
		id, err := VerifyIdentity(chain, roots, time.Now())
		out.id = id
		return err
	}
}

// manufacturer checks that a manufacturer vouches for the chain.
func manufacturer(roots *x509.CertPool) verifier {
	return func(chain [][]byte, _ [][]*x509.Certificate) error {
		_, err := verifyChain(chain, roots, time.Now())
		return err
	}
}

// VerifyIdentity checks an identity certificate with its chain, in DER and
// leaf first, and returns whose it is. The chain must end in one of roots and
// be valid at now, the leaf's subject must name "uuid:<id>", and its key
// purposes must allow OCF's identity. A leaf that lists no purposes at all is
// taken, as is a critical extension that is not known: real tools send both.
func VerifyIdentity(chain [][]byte, roots *x509.CertPool, now time.Time) (ocf.UUID, error) {
	leaf, err := verifyChain(chain, roots, now)
	if err != nil {
		return ocf.UUID{}, err
	}
	restricted := len(leaf.ExtKeyUsage) > 0 || len(leaf.UnknownExtKeyUsage) > 0
	allowed := slices.Contains(leaf.ExtKeyUsage, x509.ExtKeyUsageAny) ||
		slices.ContainsFunc(leaf.UnknownExtKeyUsage, identityEKU().Equal)
	if restricted && !allowed {
		return ocf.UUID{}, errors.New("certificate is not for an OCF identity: key purpose 1.3.6.1.4.1.44924.1.6 is missing")
	}
	return CertificateUUID(leaf)
}

// CertificateUUID is the uuid that cert's subject names, as common name
// "uuid:<id>". It checks nothing else.
func CertificateUUID(cert *x509.Certificate) (ocf.UUID, error) {
	// All names are looked at, for a subject may have several common names.
	for _, name := range cert.Subject.Names {
		text, ok := name.Value.(string)
		if !ok || len(text) < 5 || !strings.EqualFold(text[:5], "uuid:") {
			continue
		}
		return ocf.ParseUUID(text[5:])
	}
	return ocf.UUID{}, fmt.Errorf("certificate of %q names no uuid", cert.Subject.CommonName)
}

// verifyChain checks the chain and returns its leaf.
func verifyChain(chain [][]byte, roots *x509.CertPool, now time.Time) (*x509.Certificate, error) {
	if len(chain) == 0 {
		return nil, errors.New("the peer sent no certificate")
	}
	certs := make([]*x509.Certificate, len(chain))
	for i, der := range chain {
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, fmt.Errorf("certificate %d of the chain: %w", i, err)
		}
		cert.UnhandledCriticalExtensions = nil
		certs[i] = cert
	}
	intermediates := x509.NewCertPool()
	for _, cert := range certs[1:] {
		intermediates.AddCert(cert)
	}
	_, err := certs[0].Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: intermediates, CurrentTime: now,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	return certs[0], err
}
