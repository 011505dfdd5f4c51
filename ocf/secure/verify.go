package secure

import (
	"crypto/x509"
	"crypto/x509/pkix"
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

// identity checks an identity certificate and keeps whose it is. With lenient, it
// takes one that has expired and keeps when.
func identity(roots *x509.CertPool, lenient bool, out *outcome) verifier {
	return func(chain [][]byte, _ [][]*x509.Certificate) error {
		return out.judge(chain, lenient, func(at time.Time) (err error) {
			out.id, err = VerifyIdentity(chain, roots, at)
			return err
		})
	}
}

// manufacturer checks that a manufacturer vouches for the chain. With lenient, it
// takes one that has expired and keeps when.
func manufacturer(roots *x509.CertPool, lenient bool, out *outcome) verifier {
	return func(chain [][]byte, _ [][]*x509.Certificate) error {
		return out.judge(chain, lenient, func(at time.Time) error {
			_, err := verifyChain(chain, roots, at)
			return err
		})
	}
}

// judge checks a chain as of now. If that fails because the chain has expired, and the
// verifier is lenient, judge checks it as of the time when it was issued, and keeps when
// it expired.
func (out *outcome) judge(chain [][]byte, lenient bool, check func(at time.Time) error) error {
	now := time.Now()
	err := check(now)
	var invalid x509.CertificateInvalidError
	if !lenient || !errors.As(err, &invalid) || invalid.Reason != x509.Expired {
		return err
	}
	issued, expired := validity(chain, now)
	if expired.IsZero() {
		return err
	}
	out.expired = expired
	return check(issued)
}

// validity returns when the last of the chain's certificates was issued, and when the
// first of them, or the root, ended. Where it is the root that has ended, nobody is told
// when, and expired is now. It is zero for a chain that is not valid yet.
func validity(chain [][]byte, now time.Time) (issued, expired time.Time) {
	expired = now
	for _, der := range chain {
		cert, err := x509.ParseCertificate(der)
		if err != nil || cert.NotBefore.After(now) {
			return time.Time{}, time.Time{}
		}
		if cert.NotBefore.After(issued) {
			issued = cert.NotBefore
		}
		if cert.NotAfter.Before(expired) {
			expired = cert.NotAfter
		}
	}
	return issued, expired
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
	id, ok, err := subjectUUID(cert.Subject)
	if err == nil && !ok {
		err = fmt.Errorf("certificate of %q names no uuid", cert.Subject.CommonName)
	}
	return id, err
}

// subjectUUID is the first common name of the form "uuid:<id>". A subject may
// have several common names, and x509 shows the last one only.
func subjectUUID(subject pkix.Name) (id ocf.UUID, ok bool, err error) {
	const prefix = "uuid:"
	commonName := asn1.ObjectIdentifier{2, 5, 4, 3}
	for _, name := range subject.Names {
		text, isText := name.Value.(string)
		if !isText || !name.Type.Equal(commonName) || len(text) < len(prefix) || !strings.EqualFold(text[:len(prefix)], prefix) {
			continue
		}
		id, err := ocf.ParseUUID(text[len(prefix):])
		return id, err == nil, err
	}
	return ocf.UUID{}, false, nil
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
