package target

import (
	"context"
	"crypto/tls"
	"os"
	"path/filepath"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// certificates is the folder of what OpenSSL has made; its README says which is which.
const certificates = "testdata/certificates"

// advised is what the refusal of an expired certificate ends with.
const advised = "; `accept_expired: true` takes one whose time is over"

// shown is a certificate of that folder with its key.
func shown(name string) *tls.Certificate {
	cert, err := tls.LoadX509KeyPair(filepath.Join(certificates, name+".pem"), filepath.Join(certificates, name+".key"))
	Expect(err).NotTo(HaveOccurred())
	return &cert
}

// written is the Security of a target file beside those certificates.
func written(security string) Security {
	dir := GinkgoT().TempDir()
	Expect(os.CopyFS(dir, os.DirFS(certificates))).To(Succeed())
	path := filepath.Join(dir, "lamp.yaml")
	Expect(os.WriteFile(path, []byte("name: lamp\nendpoint: coap://192.0.2.7\nsecurity: "+security+"\n"), 0o600)).To(Succeed())
	cfg, err := Load(path)
	Expect(err).NotTo(HaveOccurred())
	return cfg.Security
}

var _ = Describe("Certificates that OpenSSL made", func() {
	DescribeTable("a manufacturer's", func(cert, security, expired, refusal string) {
		s := written(security)
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			l.cert, cfg.Security = shown(cert), s
			t, err := Open(ctx, cfg)
			if refusal != "" {
				Expect(err).To(MatchError(ErrRefused))
				Expect(err).To(MatchError(ContainSubstring(refusal)))
				Expect(err).To(Or(MatchError(ContainSubstring(advised)), Not(MatchError(ContainSubstring("accept_expired")))))
				Expect(l.doxm.Owned).To(BeFalse())
				return
			}
			Expect(err).NotTo(HaveOccurred())
			Expect(t.Profile().Expired).To(Equal(expired))
			Expect(codeOf(ctx, t, conformance.Privileged, onPstat)).To(Equal("2.05"))
			Expect(t.Close(ctx)).To(Succeed())
			Expect(l.doxm.Owned).To(BeFalse())
		})
	},
		Entry("through an intermediate authority", "lamp", "{own: certificate, trust: vendor-root.pem}", "", ""),
		Entry("that the harness answers with one of its own", "lamp",
			"{own: certificate, trust: vendor-root.pem, certificate: owner.pem, key: owner.key}", "", ""),
		Entry("that has expired", "lamp-expired", "{own: certificate, trust: vendor-root.pem}", "", advised),
		Entry("that has expired and is accepted", "lamp-expired", "{own: certificate, trust: vendor-root.pem, accept_expired: true}", "1999-12-01", ""),
		Entry("that has not expired, where one is accepted that has", "lamp", "{own: certificate, trust: vendor-root.pem, accept_expired: true}", "", ""),
		Entry("whose root has expired", "lamp-old", "{own: certificate, trust: old-root.pem}", "", advised),
		Entry("whose root has expired and is accepted", "lamp-old", "{own: certificate, trust: old-root.pem, accept_expired: true}", "2000-01-01", ""),
		Entry("that is not valid yet", "lamp-early", "{own: certificate, trust: vendor-root.pem, accept_expired: true}", "", "not yet valid"),
		Entry("of another vendor", "lamp", "{own: certificate, trust: lab-root.pem, accept_expired: true}", "", "certificate"),
		Entry("that has expired, of another vendor", "lamp-expired", "{own: certificate, trust: lab-root.pem, accept_expired: true}", "", "certificate"),
	)

	DescribeTable("an identity of the lab's own authority", func(accepted string, taken bool) {
		s := written("{identity: {certificate: owner.pem, key: owner.key, trust: lab-root.pem" + accepted + "}}")
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			_ = ofAnOwner(ctx, l, cfg)
			l.doxm.Device, _ = ocf.ParseUUID(lampDI)
			l.doxm.DevOwner, l.doxm.Rowner = s.Owner.ID, s.Owner.ID
			l.cert, l.trust = shown("device-expired"), s.Owner.Roots
			c := (&Target{cfg: Config{Security: s}.withDefaults()}).caller()
			c.dial, c.address = l.dial, "192.0.2.7:5684"
			since := ""
			c.expired = func(at time.Time) { since = at.Format(time.DateOnly) }
			conn, err := c.as(s.Owner.client())(ctx)
			if !taken {
				Expect(err).To(MatchError(ErrRefused))
				Expect(err).To(MatchError(ContainSubstring(advised)))
				return
			}
			Expect(err).NotTo(HaveOccurred())
			Expect(since).To(Equal("1999-12-01"))
			Expect(conn.Close()).To(Succeed())
		})
	},
		Entry("that has expired", "", false),
		Entry("that has expired and is accepted", ", accept_expired: true", true),
	)

	DescribeTable("our own, whose time it is not", func(own, says string) {
		s := written("{identity: {certificate: owner.pem, key: owner.key, trust: lab-root.pem}}")
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			_ = ofAnOwner(ctx, l, cfg)
			l.doxm.Device, _ = ocf.ParseUUID(lampDI)
			l.doxm.DevOwner, l.doxm.Rowner = s.Owner.ID, s.Owner.ID
			l.cert, l.trust = shown("owner"), s.Owner.Roots
			c := (&Target{cfg: Config{Security: s}.withDefaults()}).caller()
			c.dial, c.address = l.dial, "192.0.2.7:5684"
			client := s.Owner.client()
			client.Certificate = shown(own)
			_, err := c.as(client)(ctx)
			Expect(err).To(MatchError(ErrRefused))
			Expect(err).To(MatchError(ContainSubstring("the Device refused it: alert ")))
			Expect(err).To(MatchError(HaveSuffix(says)))
		})
	},
		Entry("it has not begun", "lamp-early", `is not valid before 2090-01-01T00:00:00Z`),
		Entry("it is over", "device-expired", `was valid until 1999-12-01T00:00:00Z`),
	)

	DescribeTable("accept_expired where there is no certificate", func(security string) {
		path := filepath.Join(GinkgoT().TempDir(), "lamp.yaml")
		Expect(os.WriteFile(path, []byte("name: lamp\nendpoint: coap://192.0.2.7\nsecurity: "+security+"\n"), 0o600)).To(Succeed())
		_, err := Load(path)
		Expect(err).To(MatchError(ContainSubstring("accept_expired")))
	},
		Entry("of Just Works", "{own: justworks, accept_expired: true}"),
		Entry("of a plain Device", "{unsecured: true, accept_expired: true}"),
		Entry("of a shared key", "{psk: {identity: "+lampDI+", key: \"00112233445566778899aabbccddeeff\"}, accept_expired: true}"),
	)
})
