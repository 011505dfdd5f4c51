package sim_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
)

// authority signs role certificates. Each test makes a new one.
type authority struct {
	t    *testing.T
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t}
	var err error
	if a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "root"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC),
	}, &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "root"}}, &a.key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return a
}

// pem returns a's own certificate.
func (a *authority) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})
}

// grants makes a certificate that grants role to the Client called name until the
// given time.
func (a *authority) grants(name, role string, until time.Time) []byte {
	a.t.Helper()
	rdn, err := asn1.Marshal(pkix.Name{CommonName: role, OrganizationalUnit: []string{"me"}}.ToRDNSequence())
	if err != nil {
		a.t.Fatal(err)
	}
	alternative, err := asn1.Marshal([]asn1.RawValue{{Class: asn1.ClassContextSpecific, Tag: 4, IsCompound: true, Bytes: rdn}})
	if err != nil {
		a.t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "uuid:" + idOf(name).String()},
		NotBefore: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: until,
		UnknownExtKeyUsage: []asn1.ObjectIdentifier{{1, 3, 6, 1, 4, 1, 44924, 1, 7}},
	}
	if role != "" {
		template.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 17}, Value: alternative}}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &a.key.PublicKey, a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// A role certificate grants its role for the length of the session that it was shown
// in. It must be for this Client, valid now, and signed by a trust anchor.
func TestRoleCertificates(t *testing.T) {
	ours, theirs := newAuthority(t), newAuthority(t)
	b, err := fixtures.Behaviour("success")
	if err != nil {
		t.Fatal(err)
	}
	role := ocf.Role{Name: "oic.role.admin", Authority: "me"}
	s := &sim.Security{
		Owner: idOf("owner"), OwnerKey: [16]byte(keyOf("owner")),
		Creds: []ocf.Cred{{
			Type: ocf.Certificate, Subject: "*", Usage: ocf.UsageTrustCA,
			Public: ocf.Key{Encoding: ocf.EncodingPEM, Data: ours.pem()},
		}},
		ACEs: []ocf.ACE{{
			Subject: ocf.Subject{Role: role}, Resources: []ocf.ResourceRef{{Href: ocf.PathPstat}}, Permission: ocf.MayUpdate,
		}},
	}
	m, err := sim.NewModel(sim.Config{Behaviour: b, Security: s})
	if err != nil {
		t.Fatal(err)
	}
	d := m.Device(ocf.UUID{1}, 1)
	later, past := time.Date(2029, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC)
	show := func(cert []byte) uint8 {
		u := ocf.Roles{List: []ocf.Cred{{Type: ocf.Certificate, Public: ocf.Key{Encoding: ocf.EncodingPEM, Data: cert}}}}
		for _, e := range d.Apply(&sim.Event{Kind: sim.Post, Request: sim.Request{
			Path: ocf.PathRoles, Payload: u.AppendUpdate(nil), Format: ocf.FormatOCFCBOR, Via: session("admin"),
		}}, nil) {
			return e.Code
		}
		return 0
	}
	for name, cert := range map[string][]byte{
		"no certificate":            []byte("PEM"),
		"of somebody else":          ours.grants("other", role.Name, later),
		"over":                      ours.grants("admin", role.Name, past),
		"signed by somebody else":   theirs.grants("admin", role.Name, later),
		"without a role":            ours.grants("admin", "", later),
		"the authority's own":       ours.pem(),
		"half of one":               ours.grants("admin", role.Name, later)[:200],
		"one with a wrong one last": append(ours.grants("admin", role.Name, later), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"...),
	} {
		if c := show(cert); c != 0x80 {
			t.Errorf("%s: got %s, expected 4.00", name, code(c))
		}
	}
	write(t, &d, ocf.PathPstat, "admin", `{"tm": 0}`, 0x81)
	if c := show(ours.grants("admin", role.Name, later)); c != 0x44 {
		t.Fatalf("got %s, expected 2.04", code(c))
	}
	write(t, &d, ocf.PathPstat, "admin", `{"tm": 0}`, 0x44)

	other := session("admin")
	other.Session = 2
	if d.May(sim.Post, ocf.PathPstat, other, 0) {
		t.Error("another session of the same Client has the role")
	}
	d.Apply(&sim.Event{Kind: sim.SessionClosed, Request: sim.Request{Via: session("admin")}}, nil)
	write(t, &d, ocf.PathPstat, "admin", `{"tm": 0}`, 0x81)
	if c := show(ours.grants("admin", "oic.role.owner", later)); c != 0x44 {
		t.Fatalf("got %s, expected 2.04", code(c))
	}
	write(t, &d, ocf.PathPstat, "admin", `{"tm": 0}`, 0x81) // the certified owner role names its authority, so it is not the Device's owner role
	if payload := d.Encode(nil, sim.Rep{Path: ocf.PathRoles, State: d.State()}, nil); len(payload) < 200 {
		t.Errorf("roles shows %q", payload)
	}
}
