package target

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/ocfsim/ocfsim/ocf"
)

const (
	ownerID  = "5c1f0d1b-77aa-4b8e-8f2d-94a0c0ffee01"
	ownerKey = "00112233445566778899aabbccddeeff"
)

// bench writes what security may name into a directory: trust.pem, own.pem
// with own.key of "uuid:<ownerID>", nameless.pem with the same key, owner.yaml.
func bench() string {
	dir := GinkgoT().TempDir()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	Expect(err).NotTo(HaveOccurred())
	for name, cn := range map[string]string{"own.pem": "uuid:" + ownerID, "nameless.pem": "Acme", "trust.pem": "root"} {
		cert := &x509.Certificate{
			SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: cn},
			NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		}
		der, err := x509.CreateCertificate(rand.Reader, cert, cert, &key.PublicKey, key)
		Expect(err).NotTo(HaveOccurred())
		put(dir, name, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	}
	der, err := x509.MarshalECPrivateKey(key)
	Expect(err).NotTo(HaveOccurred())
	put(dir, "own.key", string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der})))
	put(dir, "owner.yaml", "identity: "+ownerID+"\nkey: "+ownerKey+"\n")
	put(dir, "bad.yaml", "identity: "+ownerID+"\nkey: 0011\n")
	return dir
}

func put(dir, name, text string) {
	Expect(os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600)).To(Succeed())
}

// secured reads a target file with this security.
func secured(dir, security string) (Config, error) {
	return parse("t.yaml", dir, []byte("name: x\nendpoint: coap://127.0.0.1\nsecurity: "+security+"\n"))
}

var _ = Describe("The security of a target file", func() {
	It("says how the Device is owned", func() {
		dir := bench()
		for security, method := range map[string]Method{
			"{own: justworks}": JustWorks, "{own: pin, pin: '12345678'}": RandomPIN, "{own: pin, pin: 01234567}": RandomPIN, "{own: pin}": RandomPIN,
			"{own: certificate, trust: trust.pem}":                                     ManufacturerCertificate,
			"{own: certificate, trust: trust.pem, certificate: own.pem, key: own.key}": ManufacturerCertificate,
		} {
			c, err := secured(dir, security)
			Expect(err).NotTo(HaveOccurred(), security)
			Expect(c.Profile.Secured).To(BeTrue())
			Expect(c.Security.Own).To(Equal(method))
			Expect(c.validate()).To(Succeed(), security)
		}
		c, err := secured(dir, "{own: pin, pin: 01234567}")
		Expect(err).NotTo(HaveOccurred())
		Expect(c.Security.PIN).To(Equal("01234567"))
		c, err = secured(dir, "{own: certificate, trust: trust.pem, certificate: own.pem, key: own.key}")
		Expect(err).NotTo(HaveOccurred())
		Expect(c.Security.Roots).NotTo(BeNil())
		Expect(c.Security.Certificate).NotTo(BeNil())
	})

	It("says whose Device it is", func() {
		dir := bench()
		id, err := ocf.ParseUUID(ownerID)
		Expect(err).NotTo(HaveOccurred())
		for _, security := range []string{
			"{psk: {identity: " + ownerID + ", key: " + ownerKey + "}}",
			"{psk: {identity: " + ownerID + ", key: 00112233445566778899001122334455}}",
			"{psk: {file: owner.yaml}}",
			"{identity: {certificate: own.pem, key: own.key, trust: trust.pem}}",
		} {
			c, err := secured(dir, security)
			Expect(err).NotTo(HaveOccurred(), security)
			Expect(c.Security.Owner.ID).To(Equal(id))
			Expect(c.validate()).To(Succeed(), security)
		}
	})

	It("may be plain CoAP", func() {
		c, err := secured("", "{unsecured: true}")
		Expect(err).NotTo(HaveOccurred())
		Expect(c.Profile.Secured).To(BeFalse())
		Expect(c.validate()).To(Succeed())
	})

	DescribeTable("says where it is wrong, and never shows a key",
		func(security, want string) {
			_, err := secured(bench(), security)
			Expect(err).To(MatchError(ContainSubstring(want)))
			Expect(err).NotTo(MatchError(ContainSubstring("0011")))
		},
		Entry("nothing", "{}", "t.yaml:3:"),
		Entry("two ways", "{own: justworks, psk: {file: owner.yaml}}", "t.yaml:3:"),
		Entry("unknown way", "{owner: me}", "t.yaml:3:12: unknown key \"owner\""),
		Entry("unknown method", "{own: luck}", "t.yaml:3:17: expected one of justworks, pin, certificate"),
		Entry("a pin of nothing", "{own: justworks, pin: '1'}", "t.yaml:3:28: a pin is of own: pin alone"),
		Entry("a pin beside psk", "{psk: {file: owner.yaml}, pin: '1'}", "t.yaml:3:37: pin belongs to own, not to psk"),
		Entry("a key beside unsecured", "{unsecured: true, key: own.key}", "t.yaml:3:29: key belongs to own, not to unsecured: true"),
		Entry("trust of nothing", "{own: pin, trust: trust.pem}", "t.yaml:3:22: trust, certificate and key are of own: certificate alone"),
		Entry("no trust", "{own: certificate}", "t.yaml:3:12: own: certificate also needs trust"),
		Entry("half a certificate", "{own: certificate, trust: trust.pem, key: own.key}", "t.yaml:3:1: certificate and key, expected both or neither"),
		Entry("no such file", "{own: certificate, trust: none.pem}", "t.yaml:3:30: open "),
		Entry("no PEM", "{own: certificate, trust: owner.yaml}", "t.yaml:3:30: expected certificates in PEM, owner.yaml has none"),
		Entry("no certificate", "{own: certificate, trust: trust.pem, certificate: owner.yaml, key: own.key}", "t.yaml:3:48: tls: "),
		Entry("no key", "{psk: {identity: "+ownerID+"}}", "t.yaml:3:12: expected both identity and key"),
		Entry("no identity", "{psk: {key: "+ownerKey+"}}", "t.yaml:3:12: expected both identity and key"),
		Entry("empty psk", "{psk: {}}", "t.yaml:3:"),
		Entry("no uuid", "{psk: {identity: me, key: "+ownerKey+"}}", "t.yaml:3:28: expected a UUID"),
		Entry("a key that is too short", "{psk: {identity: "+ownerID+", key: 0011}}", "t.yaml:3:66: expected a key of 32 or 64 hexadecimal digits, got 4"),
		Entry("a key that is too long", "{psk: {identity: "+ownerID+", key: "+ownerKey+"00}}", "t.yaml:3:66: expected a key of 32 or 64 hexadecimal digits, got 34"),
		Entry("a key that is none", "{psk: {identity: "+ownerID+", key: zz"+ownerKey[2:]+"}}", "t.yaml:3:66: expected a key of 32 or 64 hexadecimal digits"),
		Entry("a key with a prefix", "{psk: {identity: "+ownerID+", key: 0x"+ownerKey+"}}", "t.yaml:3:66: expected a key of 32 or 64 hexadecimal digits"),
		Entry("key and file", "{psk: {key: "+ownerKey+", file: owner.yaml}}", "t.yaml:3:57: file, or identity and key: expected one of them"),
		Entry("unknown key of psk", "{psk: {secret: a}}", "t.yaml:3:18: unknown key \"secret\""),
		Entry("no credential file", "{psk: {file: none.yaml}}", "t.yaml:3:18: read credential: open "),
		Entry("a bad credential file", "{psk: {file: bad.yaml}}", "bad.yaml:2:1: expected a key of 32 or 64 hexadecimal digits, got 4"),
		Entry("half an identity", "{identity: {certificate: own.pem}}", "t.yaml:3:12: missing keys \"key\", \"trust\""),
		Entry("an identity without a name", "{identity: {certificate: nameless.pem, key: own.key, trust: trust.pem}}", "t.yaml:3:23: certificate of \"Acme\" names no uuid"),
		Entry("an identity without a file", "{identity: {certificate: none.pem, key: own.key, trust: trust.pem}}", "t.yaml:3:23: open "),
	)
})

var _ = Describe("A credential file", func() {
	It("is what was saved, for nobody else to read", func() {
		path := filepath.Join(GinkgoT().TempDir(), "owner.yaml")
		id, err := newUUID()
		Expect(err).NotTo(HaveOccurred())
		for _, key := range [][]byte{{15: 7}, {31: 255}} {
			c := Credential{ID: id, Key: key}
			Expect(c.Save(path)).To(Succeed())
			info, err := os.Stat(path)
			Expect(err).NotTo(HaveOccurred())
			Expect(info.Mode().Perm()).To(BeEquivalentTo(0o600))
			Expect(LoadCredential(path)).To(Equal(c))
			Expect(c.Save(path)).To(MatchError(os.ErrExist))
			Expect(os.Remove(path)).To(Succeed())
		}
		Expect(Credential{ID: id}.Save(path)).To(MatchError(ContainSubstring("no key")))
		_, err = LoadCredential(path)
		Expect(err).To(MatchError(os.ErrNotExist))
	})

	DescribeTable("says where it is wrong, and never shows the key",
		func(text, want string) {
			path := filepath.Join(GinkgoT().TempDir(), "owner.yaml")
			Expect(os.WriteFile(path, []byte(text), 0o600)).To(Succeed())
			_, err := LoadCredential(path)
			Expect(err).To(MatchError(ContainSubstring("owner.yaml:" + want)))
			Expect(err).NotTo(MatchError(ContainSubstring("0011")))
		},
		Entry("empty", "", "1:1: "),
		Entry("no key", "identity: "+ownerID+"\n", "1:1: missing key \"key\""),
		Entry("no identity", "key: "+ownerKey+"\n", "1:1: missing key \"identity\""),
		Entry("another key", "identity: "+ownerID+"\nkey: "+ownerKey+"\nname: x\n", "3:1: unknown key \"name\""),
		Entry("no uuid", "identity: me\nkey: "+ownerKey+"\n", "1:11: expected a UUID"),
		Entry("an empty key", "identity: "+ownerID+"\nkey: ''\n", "1:1: expected both identity and key"),
		Entry("a short key", "identity: "+ownerID+"\nkey: 0011\n", "2:1: expected a key of 32 or 64 hexadecimal digits, got 4"),
		Entry("no hexadecimal", "identity: "+ownerID+"\nkey: "+ownerKey[1:]+"g\n", "2:1: expected a key of 32 or 64 hexadecimal digits"),
	)
})

var _ = Describe("A secured target that nobody said how to enter", func() {
	It("is told the ways", func(ctx SpecContext) {
		cfg, err := FromURI("coaps://127.0.0.1")
		Expect(err).NotTo(HaveOccurred())
		Expect(cfg.Profile.Secured).To(BeTrue())
		_, err = Open(ctx, cfg)
		Expect(err).To(MatchError(ErrNoCredential))
		Expect(err).To(MatchError(And(ContainSubstring("own: justworks"), ContainSubstring("psk:"), ContainSubstring("coaps://127.0.0.1: "))))
		_, err = Own(ctx, cfg, nil)
		Expect(err).To(MatchError(ContainSubstring("no owner transfer method")))
		Expect(Disown(ctx, cfg)).To(MatchError(ContainSubstring("the owner's credential is needed")))
	})

	DescribeTable("or is told what is wrong with the way",
		func(ctx SpecContext, s Security, want string) {
			cfg, err := FromURI("coap://127.0.0.1")
			Expect(err).NotTo(HaveOccurred())
			cfg.Security = s
			_, err = Open(ctx, cfg)
			Expect(err).To(MatchError(ContainSubstring(want)))
		},
		Entry("two", Security{Own: JustWorks, Owner: &Credential{}}, "expected Own or Owner, got both"),
		Entry("unknown", Security{Own: "luck"}, "Security.Own"),
		Entry("no PIN", Security{Own: RandomPIN}, "a PIN, or someone to ask for it"),
		Entry("no roots", Security{Own: ManufacturerCertificate}, "Roots are needed"),
		Entry("nobody", Security{Owner: &Credential{Key: make([]byte, 16)}}, "ID is missing"),
		Entry("no key", Security{Owner: &Credential{ID: ocf.UUID{1}}}, "Key, or Certificate and Roots"),
		Entry("an odd key", Security{Owner: &Credential{ID: ocf.UUID{1}, Key: make([]byte, 5)}}, "a key of 5 bytes"),
	)

	It("shows how, not with what", func() {
		Expect(fmt.Sprint(Security{}, Security{Own: RandomPIN, PIN: "1"})).To(Equal("unsecured own by pin"))
	})
})
