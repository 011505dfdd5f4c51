package sim

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/ocf"
)

// assertion is a role for which the Client of a session has shown a certificate.
type assertion struct {
	session uint32
	role    ocf.Role
	cred    ocf.Cred
}

// maxAssertions is how many roles a Device keeps, over all sessions.
const maxAssertions = 32

// assert accepts role certificates. They grant their roles until the session ends.
func (t *turn) assert(u *ocf.Roles) (code uint8) {
	if t.claim.subject.IsNil() {
		return badRequest
	}
	list := slices.Clip(t.trust.asserted)
	for i := range u.List {
		c := u.List[i]
		role, ok := t.certified(&c)
		if !ok || len(list) >= maxAssertions {
			return badRequest
		}
		c.ID = uint32(len(list) + 1)
		list = append(list, assertion{session: t.claim.session, role: role, cred: c})
	}
	if len(u.List) > 0 {
		t.remember().asserted = list
	}
	return 0
}

// forget drops the roles of a session.
func (t *turn) forget(session uint32) {
	if slices.ContainsFunc(t.trust.asserted, func(a assertion) bool { return a.session == session }) {
		t.remember().asserted = slices.DeleteFunc(slices.Clone(t.trust.asserted), func(a assertion) bool { return a.session == session })
	}
}

// shownRoles is what a GET of roles lists: the certificates of all sessions.
func (tr *trust) shownRoles() []ocf.Cred {
	var list []ocf.Cred
	for i := range tr.asserted {
		list = append(list, tr.asserted[i].cred)
	}
	return list
}

// certified returns the role that a certificate grants to the Client of the claim. A
// trust anchor of the Device must have signed the certificate, for the Client's
// uuid.
func (t *turn) certified(c *ocf.Cred) (role ocf.Role, ok bool) {
	chain := certificates(c.Public.Data)
	if len(chain) == 0 {
		return role, false
	}
	leaf := chain[0]
	name, named := strings.CutPrefix(leaf.Subject.CommonName, "uuid:")
	if id, err := ocf.ParseUUID(name); !named || err != nil || id != t.claim.subject {
		return role, false
	}
	options := x509.VerifyOptions{
		Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool(), CurrentTime: t.clock(),
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	}
	for _, cert := range chain[1:] {
		options.Intermediates.AddCert(cert)
	}
	for i := range t.trust.creds {
		if anchor := &t.trust.creds[i]; anchor.Usage == ocf.UsageTrustCA {
			for _, cert := range certificates(anchor.Public.Data) {
				options.Roots.AddCert(cert)
			}
		}
	}
	if _, err := leaf.Verify(options); err != nil {
		return role, false
	}
	return roleOf(leaf)
}

// certificates reads a chain of certificates in PEM or DER, leaf first. It returns
// nil if it cannot.
func certificates(data []byte) []*x509.Certificate {
	der := []byte(nil)
	for rest := bytes.TrimRight(data, "\x00"); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		der = append(der, block.Bytes...)
	}
	if der == nil {
		der = data
	}
	chain, err := x509.ParseCertificates(der)
	if err != nil {
		return nil
	}
	return chain
}

// roleOf reads the role from a certificate's alternative names: a directory name
// whose CN is the role and whose OU is the authority.
func roleOf(cert *x509.Certificate) (role ocf.Role, ok bool) {
	const directoryName = 4
	for _, ext := range cert.Extensions {
		if !ext.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 17}) {
			continue
		}
		var names []asn1.RawValue
		if _, err := asn1.Unmarshal(ext.Value, &names); err != nil {
			return role, false
		}
		for _, n := range names {
			var rdn pkix.RDNSequence
			if n.Class != asn1.ClassContextSpecific || n.Tag != directoryName {
				continue
			}
			if _, err := asn1.Unmarshal(n.Bytes, &rdn); err != nil {
				return role, false
			}
			var name pkix.Name
			name.FillFromRDNSequence(&rdn)
			role.Name = name.CommonName
			if len(name.OrganizationalUnit) > 0 {
				role.Authority = name.OrganizationalUnit[0]
			}
			return role, role.Name != ""
		}
	}
	return role, false
}
