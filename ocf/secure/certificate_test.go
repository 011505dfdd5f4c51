package secure_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/ocf/secure"
	"github.com/pion/dtls/v3"
)

func must[T any](t testing.TB) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// certified is an owner and a Device with identity certificates of one CA.
func certified(t *testing.T) (secure.Server, secure.Client, *secure.CA) {
	t.Helper()
	ca := must[*secure.CA](t)(secure.NewCA("owner's root"))
	identity := must[*tls.Certificate](t)
	owner, device := mustUUID(t, ownerID), mustUUID(t, deviceID)
	s := secure.Server{Device: device, Certificate: identity(ca.Identity(device)), Roots: ca.Roots()}
	c := secure.Client{Device: device, Certificate: identity(ca.Identity(owner)), Roots: ca.Roots()}
	return s, c, ca
}

func TestIdentityCertificates(t *testing.T) {
	s, c, _ := certified(t)
	m := meet(t, s, c)
	ready(t, m)
	sameKeys(t, m, secure.ManufacturerCertificate, 40)
	for _, end := range []struct {
		got  secure.Peer
		want string
	}{{m.client.Peer(), deviceID}, {m.server.Peer(), ownerID}} {
		if end.got.ID != mustUUID(t, end.want) || len(end.got.Certificates) != 1 || end.got.Suite != secure.ECDHEECDSAAES128CCM8 ||
			end.got.Identity != nil || end.got.Hint != nil {
			t.Errorf("peer is %+v, want %s", end.got, end.want)
		}
	}
}

// The fake clock starts in the year 2000, before the CA was made.
func TestCertificatesUnderFakeClock(t *testing.T) {
	s, c, _ := certified(t)
	synctest.Test(t, func(t *testing.T) { ready(t, meet(t, s, c)) })
}

func TestKeyAndCertificateSideBySide(t *testing.T) {
	s, c, _ := certified(t)
	keyed, caller := psk(t)
	s.Key = keyed.Key
	m := meet(t, s, c)
	ready(t, m)
	m = meet(t, s, caller)
	ready(t, m)
	if got := m.server.Peer(); got.ID != mustUUID(t, ownerID) || got.Suite != secure.ECDHEPSKAES128CBCSHA256 {
		t.Errorf("peer is %+v", got)
	}
}

func TestManufacturerCertificate(t *testing.T) {
	maker := must[*secure.CA](t)(secure.NewCA("maker's root"))
	cert := must[*tls.Certificate](t)
	otm := secure.ManufacturerCertificate
	s := secure.Server{OTM: &otm, Device: mustUUID(t, deviceID), Certificate: cert(maker.Manufacturer("lamp"))}
	for _, withOwn := range []*tls.Certificate{nil, cert(maker.Identity(mustUUID(t, ownerID)))} {
		m := meet(t, s, secure.Client{OTM: &otm, Roots: maker.Roots(), Certificate: withOwn})
		ready(t, m)
		sameKeys(t, m, otm, 40)
		if got := m.server.Peer(); !got.ID.IsNil() || len(got.Certificates) > 0 != (withOwn != nil) {
			t.Errorf("the Device's peer is %+v, want nobody", got)
		}
		if got := m.client.Peer(); !got.ID.IsNil() || !bytes.Equal(got.Certificates[0], s.Certificate.Certificate[0]) {
			t.Errorf("the owner's peer is %+v, want the lamp", got)
		}
	}
}

func TestCertificateRefusals(t *testing.T) {
	stranger := must[*secure.CA](t)(secure.NewCA("stranger"))
	cert := must[*tls.Certificate](t)
	for _, c := range []struct {
		name  string
		alter func(*secure.Server, *secure.Client, *secure.CA)
		why   string
	}{
		{"a Client vouched for by a stranger", func(_ *secure.Server, c *secure.Client, _ *secure.CA) {
			c.Certificate = cert(stranger.Identity(mustUUID(t, ownerID)))
		}, "unknown authority"},
		{"a Device vouched for by a stranger", func(s *secure.Server, _ *secure.Client, _ *secure.CA) {
			s.Certificate = cert(stranger.Identity(mustUUID(t, deviceID)))
		}, "unknown authority"},
		{"a Client without a uuid", func(_ *secure.Server, c *secure.Client, ca *secure.CA) {
			c.Certificate = cert(ca.Manufacturer("lamp"))
		}, "names no uuid"},
		{"another Device", func(_ *secure.Server, c *secure.Client, _ *secure.CA) {
			c.Device = mustUUID(t, otherID)
		}, "not " + otherID},
	} {
		t.Run(c.name, func(t *testing.T) {
			server, client, ca := certified(t)
			c.alter(&server, &client, ca)
			m := meet(t, server, client)
			if m.clientErr == nil || m.serverErr == nil {
				t.Fatalf("client: %v; server: %v", m.clientErr, m.serverErr)
			}
			if both := m.clientErr.Error() + m.serverErr.Error(); !strings.Contains(both, c.why) {
				t.Errorf("%s, want %q", both, c.why)
			}
		})
	}
}

// Our two ends prefer CCM_8; a plain client of the DTLS library offers one.
func TestCCMSuites(t *testing.T) {
	for _, suite := range []dtls.CipherSuiteID{dtls.TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8, dtls.TLS_ECDHE_ECDSA_WITH_AES_128_CCM} {
		s, c, _ := certified(t)
		got := plain(t, s, dtls.WithCipherSuites(suite), dtls.WithCertificates(*c.Certificate), dtls.WithInsecureSkipVerify(true))
		if got.serverErr != nil || got.server.Peer().Suite != secure.Suite(suite) {
			t.Fatalf("%v: %+v", suite, got.serverErr)
		}
		block, err := got.server.KeyBlock()
		if err != nil || len(block) != 40 {
			t.Errorf("%v: key block of %d bytes, %v", suite, len(block), err)
		}
	}
}

func TestRequestedCertificate(t *testing.T) {
	ca := must[*secure.CA](t)(secure.NewCA("owner's root"))
	key := must[*ecdsa.PrivateKey](t)(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	device := mustUUID(t, deviceID)
	csr := must[[]byte](t)(secure.CSR(key, device))
	block, _ := pem.Decode(csr)
	for _, request := range [][]byte{csr, block.Bytes} {
		chain := chainOf(t)(secure.ParseCertificates(must[[]byte](t)(ca.SignCSR(request, device))))
		if got := must[ocf.UUID](t)(secure.VerifyIdentity(chain, ca.Roots(), time.Now())); got != device {
			t.Errorf("certificate of %v", got)
		}
		leaf := must[*x509.Certificate](t)(x509.ParseCertificate(chain[0]))
		if !key.PublicKey.Equal(leaf.PublicKey) {
			t.Error("certificate of another key")
		}
	}
	if _, err := ca.SignCSR(csr, mustUUID(t, otherID)); err == nil {
		t.Error("a request was signed for another Device than it names")
	}
	block.Bytes[len(block.Bytes)-1] ^= 1
	if _, err := ca.SignCSR(block.Bytes, device); err == nil {
		t.Error("a request with a wrong signature was signed")
	}
	if _, err := new(secure.CA).SignCSR(csr, device); err == nil {
		t.Error("the zero CA signs")
	}
}

// A CA that was kept signs as the one that it was.
func TestKeptCA(t *testing.T) {
	ca := must[*secure.CA](t)(secure.NewCA("root"))
	kept := must[[]byte](t)(ca.Marshal())
	again := must[*secure.CA](t)(secure.ParseCA(kept))
	leaf := must[*tls.Certificate](t)(again.Identity(mustUUID(t, deviceID)))
	if got := must[ocf.UUID](t)(secure.VerifyIdentity(leaf.Certificate, ca.Roots(), time.Now())); got != mustUUID(t, deviceID) {
		t.Errorf("certificate of %v", got)
	}
	if diff := cmp.Diff(kept, must[[]byte](t)(again.Marshal())); diff != "" {
		t.Error(diff)
	}
	if _, err := new(secure.CA).Marshal(); err == nil {
		t.Error("the zero CA can be kept")
	}
	other := must[[]byte](t)(must[*secure.CA](t)(secure.NewCA("other")).Marshal())
	key := kept[len(ca.PEM()):]
	for name, data := range map[string][]byte{
		"nothing": nil, "half": kept[:len(kept)/2], "no key": ca.PEM(), "no certificate": key,
		"key of another": append(ca.PEM(), other[len(other)-len(key):]...),
		"no CA":          must[[]byte](t)(secure.EncodeKeyPair(leaf)),
	} {
		if _, err := secure.ParseCA(data); err == nil {
			t.Errorf("%s was read", name)
		}
	}
	if _, err := secure.EncodeKeyPair(&tls.Certificate{}); err == nil {
		t.Error("a certificate without a key was written")
	}
}

// What real tools send, made with crypto/x509 alone.
func TestVerifyIdentityTolerance(t *testing.T) {
	root, rootKey := handmade(t, nil, nil, func(c *x509.Certificate) {
		c.IsCA, c.KeyUsage, c.Subject.CommonName = true, x509.KeyUsageCertSign, "root"
	})
	middle, middleKey := handmade(t, root, rootKey, func(c *x509.Certificate) {
		c.IsCA, c.KeyUsage, c.Subject.CommonName = true, x509.KeyUsageCertSign, "middle"
	})
	roots := x509.NewCertPool()
	roots.AddCert(root)
	ocfIdentity := []asn1.ObjectIdentifier{{1, 3, 6, 1, 4, 1, 44924, 1, 6}}
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name string
		make func(*x509.Certificate)
		now  time.Time
		ok   bool
	}{
		{"plain", func(c *x509.Certificate) { c.UnknownExtKeyUsage = ocfIdentity }, now, true},
		{"no purposes", func(*x509.Certificate) {}, now, true},
		{"any purpose", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageAny} }, now, true},
		{"unknown critical extension", func(c *x509.Certificate) {
			c.UnknownExtKeyUsage = ocfIdentity
			c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 51414, 1, 0}, Critical: true, Value: []byte{5, 0}}}
		}, now, true},
		{"upper case, other names, trailing NUL", func(c *x509.Certificate) {
			c.Subject = pkix.Name{ExtraNames: []pkix.AttributeTypeAndValue{
				{Type: asn1.ObjectIdentifier{2, 5, 4, 3}, Value: "UUID:" + strings.ToUpper(deviceID) + "\x00"},
				{Type: asn1.ObjectIdentifier{2, 5, 4, 3}, Value: "a lamp"},
			}}
		}, now, true},
		{"web purposes alone", func(c *x509.Certificate) {
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
		}, now, false},
		{"not a uuid", func(c *x509.Certificate) { c.Subject.CommonName = "uuid:lamp" }, now, false},
		{"expired", func(*x509.Certificate) {}, now.AddDate(10, 0, 0), false},
		{"not yet valid", func(*x509.Certificate) {}, now.AddDate(-10, 0, 0), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			leaf, _ := handmade(t, middle, middleKey, c.make)
			id, err := secure.VerifyIdentity([][]byte{leaf.Raw, middle.Raw}, roots, c.now)
			if (err == nil) != c.ok || c.ok && id != mustUUID(t, deviceID) {
				t.Errorf("%v, %v", id, err)
			}
			if _, err := secure.VerifyIdentity([][]byte{leaf.Raw}, roots, c.now); err == nil {
				t.Error("taken without the certificate between")
			}
		})
	}
	if _, err := secure.VerifyIdentity(nil, roots, now); err == nil {
		t.Error("an empty chain was taken")
	}
	if _, err := secure.VerifyIdentity([][]byte{{1, 2, 3}}, roots, now); err == nil {
		t.Error("a broken chain was taken")
	}
}

// handmade signs a certificate of deviceID, altered, with a fresh key.
func handmade(t *testing.T, parent *x509.Certificate, parentKey *ecdsa.PrivateKey, alter func(*x509.Certificate)) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key := must[*ecdsa.PrivateKey](t)(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	c := &x509.Certificate{
		SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "uuid:" + deviceID},
		NotBefore: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC),
		BasicConstraintsValid: true,
	}
	alter(c)
	if parent == nil {
		parent, parentKey = c, key
	}
	der := must[[]byte](t)(x509.CreateCertificate(rand.Reader, c, parent, key.Public(), parentKey))
	return must[*x509.Certificate](t)(x509.ParseCertificate(der)), key
}

func TestChainText(t *testing.T) {
	ca := must[*secure.CA](t)(secure.NewCA("root"))
	leaf := must[*tls.Certificate](t)(ca.Manufacturer("lamp"))
	root := chainOf(t)(secure.ParseCertificates(ca.PEM()))
	chain := [][]byte{leaf.Certificate[0], root[0]}
	text := secure.EncodeChain(chain)
	other := pem.EncodeToMemory(&pem.Block{Type: "EC PARAMETERS", Bytes: []byte{5, 0}})
	for name, data := range map[string][]byte{
		"PEM": text, "with NULs": append(append([]byte{}, text...), 0, 0), "other blocks before": append(other, text...),
	} {
		if diff := cmp.Diff(chain, chainOf(t)(secure.ParseCertificates(data))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if diff := cmp.Diff(chain[:1], chainOf(t)(secure.ParseCertificates(chain[0]))); diff != "" {
		t.Error(diff)
	}
	for _, bad := range [][]byte{nil, []byte("lamp"), other, []byte("-----BEGIN"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte{5, 0}})} {
		if _, err := secure.ParseCertificates(bad); err == nil {
			t.Errorf("%q was read", bad)
		}
		if _, err := secure.Pool(bad); err == nil {
			t.Errorf("a pool of %q", bad)
		}
	}
	pool := must[*x509.CertPool](t)(secure.Pool(ca.PEM()))
	if !pool.Equal(ca.Roots()) {
		t.Error("pool of the root's PEM is another than its Roots")
	}
}

// chainOf is certificates in DER.
func chainOf(t *testing.T) func([]*x509.Certificate, error) [][]byte {
	return func(certs []*x509.Certificate, err error) (chain [][]byte) {
		t.Helper()
		for _, cert := range must[[]*x509.Certificate](t)(certs, err) {
			chain = append(chain, cert.Raw)
		}
		return chain
	}
}
