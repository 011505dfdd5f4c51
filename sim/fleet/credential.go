package fleet

import (
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/ocf/secure"
)

// keyOfIdentity returns a function that finds a pre-shared key by its identity. The
// identity is the 16 bytes of a uuid, or its text, because a command line can only
// give text.
func keyOfIdentity(creds []ocf.Cred) func([]byte) (secure.Key, bool) {
	return func(identity []byte) (secure.Key, bool) {
		id, ok := uuidOf(identity)
		if !ok {
			return nil, false
		}
		subject := id.String()
		for i := range creds {
			if c := &creds[i]; c.Type == ocf.SymmetricPair && c.Subject == subject {
				key := keyOfCred(c.Private)
				return key, len(key) > 0
			}
		}
		return nil, false
	}
}

// keyOfCred returns the key in k, or nil if k is in no encoding that a key may have.
func keyOfCred(k ocf.Key) secure.Key {
	if k.Encoding == ocf.EncodingBase64 {
		key, err := base64.StdEncoding.DecodeString(string(k.Data))
		if err != nil {
			return nil
		}
		return key
	}
	return k.Data
}

// uuidOf reads the uuid in the identity of a pre-shared key.
func uuidOf(identity []byte) (ocf.UUID, bool) {
	if len(identity) == len(ocf.UUID{}) {
		return ocf.UUID(identity), true
	}
	id, err := ocf.ParseUUID(string(identity))
	return id, err == nil
}

// subjectOf returns the uuid that a normal session has authenticated.
func subjectOf(p secure.Peer) ocf.UUID {
	if p.Identity == nil {
		return p.ID
	}
	id, _ := uuidOf(p.Identity)
	return id
}

// identityOf returns the certificate that a Device shows in normal operation: the
// first identity certificate among its credentials that belongs to key, the key of
// its CSR. roots are its trust anchors. If either is missing, both are nil.
func identityOf(creds []ocf.Cred, key crypto.Signer) (cert *tls.Certificate, roots *x509.CertPool) {
	for i := range creds {
		c := &creds[i]
		if c.Type != ocf.Certificate || c.Usage != ocf.UsageCert && c.Usage != ocf.UsageTrustCA {
			continue
		}
		chain, err := secure.ParseCertificates(c.Public.Data)
		if err != nil {
			continue // the Device accepted it, but it cannot be used
		}
		if c.Usage == ocf.UsageCert {
			if cert == nil && isKeyOf(key, chain[0]) {
				cert = keyPair(key, chain)
			}
			continue
		}
		if roots == nil {
			roots = x509.NewCertPool()
		}
		for _, anchor := range chain {
			roots.AddCert(anchor)
		}
	}
	if cert == nil || roots == nil {
		return nil, nil
	}
	return cert, roots
}

// identities remembers what identityOf made of credentials, because Clients call the same
// Devices again and again. A list of credentials does not change: a Device that is given
// others has another list (see sim.Door).
type identities struct {
	key   crypto.Signer // of all Devices' CSRs; nil for none
	known map[credentials]identified
}

// credentials are a list of credentials, and not what they say. As long as identities
// hold the list, no other one lies at the same place.
type credentials struct {
	first *ocf.Cred
	count int
}

// identified is what a Device shows, and whom it believes; both are nil if either is
// missing.
type identified struct {
	cert  *tls.Certificate
	roots *x509.CertPool
}

// maxIdentities is how many lists are remembered. Then all are forgotten.
const maxIdentities = 1000

// of is identityOf. Only the reader of the secured socket calls it.
func (in *identities) of(creds []ocf.Cred) (*tls.Certificate, *x509.CertPool) {
	if in.key == nil || len(creds) == 0 {
		return nil, nil
	}
	list := credentials{&creds[0], len(creds)}
	id, ok := in.known[list]
	if !ok {
		id.cert, id.roots = identityOf(creds, in.key)
		if in.known == nil || len(in.known) >= maxIdentities {
			in.known = make(map[credentials]identified)
		}
		in.known[list] = id
	}
	return id.cert, id.roots
}

// keyPair is a chain of certificates with the key of its leaf. The DTLS library would
// parse the leaf again for every handshake if it were not given.
func keyPair(key crypto.Signer, chain []*x509.Certificate) *tls.Certificate {
	pair := &tls.Certificate{PrivateKey: key, Leaf: chain[0]}
	for _, cert := range chain {
		pair.Certificate = append(pair.Certificate, cert.Raw)
	}
	return pair
}

// isKeyOf reports whether key is the private key for a certificate.
func isKeyOf(key crypto.Signer, leaf *x509.Certificate) bool {
	public, ok := key.Public().(interface{ Equal(crypto.PublicKey) bool })
	return ok && public.Equal(leaf.PublicKey)
}
