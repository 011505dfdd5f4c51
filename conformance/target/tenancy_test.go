package target

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// ofAnOwner owns the Device first and then comes as its owner.
func ofAnOwner(ctx context.Context, l *lite, cfg Config) Config {
	who, err := Own(ctx, cfg, nil)
	Expect(err).NotTo(HaveOccurred())
	cfg.Security = Security{Owner: &who}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ids++
	l.acl.List = append(l.acl.List, ocf.ACE{ // another of the owner's, which the software update resource is merged with
		ID: l.ids, Subject: ocf.Subject{UUID: who.ID}, Resources: hrefs("/light"), Permission: ocf.MayRead | ocf.MayUpdate | ocf.MayNotified,
	})
	l.acl.List = append(l.acl.List[:4:4], l.acl.List[6:]...) // without the two entries that Own added
	l.seen = nil
	return cfg
}

// inside is what the Device knows about others, in a notation for comparison.
func (l *lite) inside() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	text := fmt.Sprintln(l.pstat.DOS, l.doxm.Owned)
	for _, c := range l.creds.List {
		text += fmt.Sprintln("cred", c.Subject)
	}
	for _, e := range l.acl.List {
		text += fmt.Sprintln("ace", e.ID, e.Subject, e.Resources, e.Permission, e.Validity)
	}
	return text
}

var _ = Describe("A Device that has an owner", func() {
	It("is left as it was found", func() {
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			cfg = ofAnOwner(ctx, l, cfg)
			l.merges = true
			before := l.inside()
			t, err := Open(ctx, cfg)
			Expect(err).NotTo(HaveOccurred())
			Expect(t.Profile().Owning).To(Equal("credential"))
			Expect(codeOf(ctx, t, conformance.Privileged, onPstat)).To(Equal("2.05"))
			Expect(codeOf(ctx, t, conformance.ReadOnly, onPstat)).To(Equal("2.05"))
			Expect(codeOf(ctx, t, conformance.DeletedCredential, onPstat)).To(Equal("refused"))
			Expect(l.inside()).NotTo(Equal(before))
			Expect(t.Close(ctx)).To(Succeed())
			Expect(l.inside()).To(Equal(before))
			Expect(t.Close(ctx)).To(Succeed())
			Expect(l.resets).To(Equal(0))
			Expect(l.seen).NotTo(ContainElement("coaps DELETE /oic/sec/acl2"))
		})
	})

	It("is left as it was found where it makes other permissions of those that are written", func() {
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			cfg = ofAnOwner(ctx, l, cfg)
			before := l.inside()
			l.generous = true
			t, err := Open(ctx, cfg)
			Expect(err).NotTo(HaveOccurred())
			Expect(l.inside()).NotTo(Equal(before))
			Expect(t.Close(ctx)).To(Succeed())
			Expect(l.inside()).To(Equal(before))
		})
	})

	It("may be reached at the endpoint of its sessions alone", func() {
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			cfg = ofAnOwner(ctx, l, cfg)
			cfg.Profile.Endpoint = "coaps://192.0.2.7:5684"
			t, err := Open(ctx, cfg)
			Expect(err).NotTo(HaveOccurred())
			Expect(t.address).To(Equal("192.0.2.7:5683"), "as its links say")
			Expect(codeOf(ctx, t, conformance.Anonymous, onPstat)).To(Equal("4.01"))
			Expect(t.Close(ctx)).To(Succeed())
		})
	})

	It("may know the owner by a certificate", func() {
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			cfg = ofAnOwner(ctx, l, cfg)
			before, m, id := l.inside(), newMaker(), cfg.Security.Owner.ID
			l.cert, l.trust = m.certify("uuid:"+l.doxm.Device.String()), m.pool
			cfg.Security.Owner = &Credential{ID: id, Certificate: m.certify("uuid:" + id.String()), Roots: m.pool}
			t, err := Open(ctx, cfg)
			Expect(err).NotTo(HaveOccurred())
			Expect(codeOf(ctx, t, conformance.Privileged, wanting())).To(Equal("2.04"))
			Expect(codeOf(ctx, t, conformance.Second, wanting())).To(Equal("2.04"))
			Expect(t.Close(ctx)).To(Succeed())
			Expect(l.inside()).To(Equal(before))
			cfg.Security.Owner = &Credential{ID: id, Certificate: newMaker().certify("uuid:" + id.String()), Roots: m.pool}
			_, err = Open(ctx, cfg)
			Expect(err).To(MatchError(ErrRefused))
		})
	})

	It("is left in the state it was found in", func() {
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			cfg = ofAnOwner(ctx, l, cfg)
			l.pstat.DOS = ocf.SRESET
			t, err := Open(ctx, cfg)
			Expect(err).NotTo(HaveOccurred())
			Expect(l.pstat.DOS).To(Equal(ocf.RFNOP))
			Expect(t.Close(ctx)).To(Succeed())
			Expect(l.pstat.DOS).To(Equal(ocf.SRESET))
		})
	})

	It("is not provisioned by who is not its owner", func() {
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			cfg = ofAnOwner(ctx, l, cfg)
			l.pstat.Rowner = ocf.UUID{9}
			before := l.inside()
			_, err := Open(ctx, cfg)
			Expect(err).To(MatchError(ContainSubstring("is not the owner of coap://192.0.2.7:5683: GET /oic/sec/pstat: 4.01")))
			Expect(l.inside()).To(Equal(before))
			cfg.Security.Owner = &Credential{ID: cfg.Security.Owner.ID, Key: make([]byte, 16)}
			_, err = Open(ctx, cfg)
			Expect(err).To(MatchError(ErrRefused))
			cfg.Security.Owner = &Credential{ID: ocf.UUID{7}, Key: make([]byte, 16)}
			_, err = Open(ctx, cfg)
			Expect(err).To(MatchError(ErrRefused))
			Expect(err).To(MatchError(ContainSubstring("bad_record_mac")))
		})
	})

	It("keeps what it will not give back, and the error says what", func() {
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			cfg = ofAnOwner(ctx, l, cfg)
			t, err := Open(ctx, cfg)
			Expect(err).NotTo(HaveOccurred())
			l.before = func(_ *via, r request2) bool { return codeName(r.code) != "DELETE" }
			err = t.Close(ctx)
			Expect(err).To(MatchError(And(
				ContainSubstring("restore coap://192.0.2.7:5683"),
				ContainSubstring("credentials of test Clients are left in it: credential of"), ContainSubstring("DELETE /oic/sec/cred: 4.00"),
				ContainSubstring("ACEs of test Clients are left in it: DELETE /oic/sec/acl2: 4.00"))))
			l.before = nil
			Expect(t.Close(ctx)).To(Succeed(), "the second time it gives back")

			l.anon = true
			_, err = Open(ctx, cfg)
			Expect(err).To(MatchError(ContainSubstring("has no credid, so it can't be deleted")))
		})
	})

	for n := 5; n <= 22; n++ {
		It("is left as it was found though its provisioning is interrupted", func() {
			withLite(func(ctx context.Context, l *lite, cfg Config) {
				cfg = ofAnOwner(ctx, l, cfg)
				before := l.inside()
				l.openInterrupted(ctx, cfg, n)
				Expect(l.inside()).To(Equal(before), strings.Join(l.seen, "\n"))
			})
		})
	}
})

// afterReset is Conditions that know a factory reset.
type afterReset struct{ l *lite }

func (c afterReset) Apply(_ context.Context, name string) (*conformance.SourceReport, error) {
	if name != conformance.FactoryReset {
		return nil, ErrUnsupported
	}
	c.l.reset()
	return nil, nil
}

var _ = Describe("A Device that lost its owner", func() {
	It("is owned and told of the Clients again", func() {
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			t, err := Open(ctx, cfg)
			Expect(err).NotTo(HaveOccurred())
			was := t.Profile().DI
			l.reset()
			Expect(t.Renew(ctx)).To(Succeed())
			Expect(t.Profile().DI).To(And(Equal(l.doxm.Device.String()), Not(Equal(was))))
			Expect(codeOf(ctx, t, conformance.Second, wanting())).To(Equal("2.04"))
			Expect(t.Renew(ctx)).To(Succeed(), "one that has its owner is reset first")
			Expect(codeOf(ctx, t, conformance.Second, wanting())).To(Equal("2.04"))
			Expect(t.Close(ctx)).To(Succeed())
			Expect(l.doxm.Owned).To(BeFalse())
		})
	})

	It("needs nothing in the end", func() {
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			t, err := Open(ctx, cfg)
			Expect(err).NotTo(HaveOccurred())
			l.reset()
			l.seen = nil
			Expect(t.Close(ctx)).To(Succeed())
			Expect(l.seen).To(Equal([]string{"coap GET /oic/sec/doxm", "coap GET /oic/sec/pstat"}))
		})
	})

	It("may be about to lose it", func() {
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			l.resetDelay = 9 * time.Second
			t, c, log := opened(ctx, cfg, conformance.Privileged)
			_, err := c.Do(ctx, write(ocf.PathPstat, ocf.PstatUpdate{Set: ocf.PropDOS, DOS: ocf.RESET}.AppendCBOR(nil)))
			Expect(err).NotTo(HaveOccurred())
			Expect(log.at(2).Frame.Code).To(Equal("2.04"))
			Expect(c.Close()).To(Succeed())
			Expect(t.Close(ctx)).To(Succeed())
			Expect(l.resets).To(Equal(1))
		})
	})

	It("is left owned where it does not know the owner, and says so; a factory reset helps", func() {
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			t, err := Open(ctx, cfg)
			Expect(err).NotTo(HaveOccurred())
			who, err := t.who(conformance.Privileged)
			Expect(err).NotTo(HaveOccurred())
			l.forget(who.ID)
			Expect(t.Close(ctx)).To(MatchError(ContainSubstring("it is left owned by " + who.ID.String())))
			t.cfg.Conditions = afterReset{l}
			Expect(t.Close(ctx)).To(Succeed())
			Expect(l.doxm.Owned).To(BeFalse())
		})
	})

	It("is said to be away where it is", func() {
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			t, err := Open(ctx, cfg)
			Expect(err).NotTo(HaveOccurred())
			l.lose(always)
			short, cancel := context.WithTimeout(ctx, 30*time.Second)
			defer cancel()
			Expect(t.Close(short)).To(MatchError(ContainSubstring("it is left owned by")))
			l.lose(never)
			Expect(t.Close(ctx)).To(Succeed())
		})
	})
})

var _ = Describe("A key", func() {
	It("is nowhere in what is recorded, said or shown", func() {
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			var written strings.Builder
			t, err := Open(ctx, cfg)
			Expect(err).NotTo(HaveOccurred())
			show := func(v any) {
				for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d", "%q"} {
					fmt.Fprintf(&written, verb+"\n", v)
				}
			}
			for _, m := range t.tenancy.kit {
				rec := conformance.NewRecorder(conformance.Header{Target: t.Profile()}, &written)
				c, err := t.Client(ctx, m.name, rec)
				show(err)
				show(m.credential())
				if err != nil {
					continue
				}
				for _, path := range []string{ocf.PathPstat, ocf.PathCred, ocf.PathACL} {
					_, err := c.Exchange(ctx, get(path, ""))
					show(err)
				}
				l.restart()
				_, err = c.Do(ctx, onPstat)
				show(err)
				Expect(c.Close()).To(Succeed())
			}
			l.before = func(_ *via, r request2) bool { return codeName(r.code) != "POST" }
			show(t.Close(ctx))
			l.before = nil
			owner, err := t.who(conformance.Privileged)
			Expect(err).NotTo(HaveOccurred())
			cfg.Security = Security{Owner: &owner, PIN: "63794068"}
			show(owner)
			show(cfg.Security)
			show(cfg)
			slog.New(slog.NewJSONHandler(io.Writer(&written), nil)).Info("shown", "owner", owner, "security", cfg.Security)
			Expect(t.Close(ctx)).To(Succeed())

			Expect(written.Len()).To(BeNumerically(">", 10000))
			Expect(len(l.grown)).To(BeNumerically(">", 10))
			for subject, key := range l.grown {
				raw, err := hex.DecodeString(key)
				Expect(err).NotTo(HaveOccurred())
				for _, form := range []string{
					string(raw), key, strings.ToUpper(key), base64.StdEncoding.EncodeToString(raw)[:20],
					base64.URLEncoding.EncodeToString(raw)[:20], fmt.Sprint(raw), fmt.Sprintf("%#v", raw), hex.EncodeToString([]byte(key)),
				} {
					Expect(strings.Contains(written.String(), form)).To(BeFalse(), "the key of %s is shown", subject)
				}
			}
			Expect(written.String()).NotTo(ContainSubstring("63794068"))
		})
	})
})
