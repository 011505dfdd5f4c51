package target

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// withLite runs a spec against a Device in a bubble of virtual time, which does
// not end before every goroutine on either side has ended.
func withLite(spec func(ctx context.Context, l *lite, cfg Config)) {
	synctest.Test(outer, func(*testing.T) {
		defer GinkgoRecover()
		ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
		defer cancel()
		l := newLite()
		defer l.close()
		cfg, err := FromURI("coap://192.0.2.7:5683")
		Expect(err).NotTo(HaveOccurred())
		cfg.Dial, cfg.Security.Own = l.dial, JustWorks
		spec(ctx, l, cfg)
	})
}

// onPstat is a request for pstat.
var onPstat = conformance.Call{Method: "GET", Path: ocf.PathPstat}

// wanting is a write of tm.V.
func wanting() conformance.Call {
	return write(ocf.PathPstat, ocf.PstatUpdate{Set: ocf.PropTM, TM: ocf.SVV}.AppendCBOR(nil))
}

// codeOf asks as the named Client and returns how it ended.
func codeOf(ctx context.Context, t *Target, name string, call conformance.Call) string {
	c, err := t.Client(ctx, name, nil)
	if errors.Is(err, ErrRefused) {
		return "refused"
	}
	Expect(err).NotTo(HaveOccurred(), name)
	defer c.Close()
	reply, err := c.Exchange(ctx, call)
	Expect(err).NotTo(HaveOccurred(), name)
	if reply.Lost {
		return "lost: " + reply.Reason
	}
	return reply.Frame.Code
}

var _ = Describe("A Device that is owned for the test", func() {
	It("is owned as the reference implementation's tool does it, and reset in the end", func() {
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			born := l.doxm.Device
			cfg.Profile.Update.Version = "/oic/d#sv"
			t, err := Open(ctx, cfg)
			Expect(err).NotTo(HaveOccurred())
			Expect(l.seen[:20]).To(Equal([]string{
				"coap GET /oic/d", "coap GET /oic/res",
				"coap GET /oic/sec/doxm", "coap GET /oic/sec/doxm", "coap GET /oic/sec/pstat",
				"coap POST /oic/sec/doxm",
				"coaps POST /oic/sec/pstat", "coaps POST /oic/sec/doxm", "coaps POST /oic/sec/doxm", "coaps POST /oic/sec/doxm",
				"coaps POST /oic/sec/acl2", "coaps POST /oic/sec/pstat", "coaps POST /oic/sec/cred", "coaps POST /oic/sec/sdi",
				"coaps POST /oic/sec/doxm", "coaps POST /oic/sec/pstat",
				"coaps GET /oic/sec/pstat", "coaps DELETE /oic/sec/acl2",
				"coaps POST /oic/sec/cred", "coaps POST /oic/sec/cred",
			}))
			p := t.Profile()
			Expect([]any{p.Secured, p.Owning, p.ICV}).To(Equal([]any{true, "justworks", "ocf.2.2.5"}))
			Expect(p.DI).To(And(Equal(l.doxm.Device.String()), Not(Equal(born.String()))))
			Expect(l.pstat.DOS).To(Equal(ocf.RFNOP))
			Expect(t.ReadVersion(ctx)).To(Equal("1.0.0"))
			Expect(t.Close(ctx)).To(Succeed())
			Expect(l.doxm.Owned).To(BeFalse())
			Expect(l.resets).To(Equal(1))
			Expect(t.Close(ctx)).To(Succeed(), "again")
			Expect(l.resets).To(Equal(1))
			_, err = t.Client(ctx, conformance.Privileged, nil)
			Expect(err).To(MatchError(ContainSubstring("the target is closed")))
		})
	})

	It("lets every Client do what its name says", func() {
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			t, err := Open(ctx, cfg)
			Expect(err).NotTo(HaveOccurred())
			got := map[string]string{}
			for _, name := range []string{
				conformance.Privileged, conformance.Second, conformance.UpdateOnly, conformance.Anonymous, conformance.WithoutACE,
				conformance.ReadOnly, conformance.NotifyOnly, conformance.WrongRole, conformance.Expired,
				conformance.DeletedCredential, conformance.WrongKey, conformance.Wildcard, conformance.AuthCryptACE,
			} {
				got[name] = codeOf(ctx, t, name, wanting())
				if got[name] != "refused" {
					got[name] += " " + codeOf(ctx, t, name, onPstat)
				}
			}
			Expect(got).To(Equal(map[string]string{
				conformance.Privileged: "2.04 2.05", conformance.Second: "2.04 2.05", conformance.UpdateOnly: "2.04 4.01",
				conformance.Anonymous: "4.01 4.01", conformance.WithoutACE: "4.01 4.01", conformance.ReadOnly: "4.01 2.05",
				conformance.NotifyOnly: "4.01 2.05", conformance.WrongRole: "4.01 4.01", conformance.Expired: "4.01 4.01",
				conformance.DeletedCredential: "refused", conformance.WrongKey: "refused",
				conformance.Wildcard: "4.01 4.01", conformance.AuthCryptACE: "4.01 4.01",
			}))
			Expect(codeOf(ctx, t, conformance.Privileged, conformance.Call{Method: "GET", Path: "/oc/swu"})).To(Equal("2.05"))
			_, err = t.Client(ctx, "nobody", nil)
			Expect(err).To(MatchError(ErrNoClient))
			Expect(t.Close(ctx)).To(Succeed())
		})
	})

	It("need not have the Client whose ACE has a validity", func() {
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			l.timeless = true
			t, err := Open(ctx, cfg)
			Expect(err).NotTo(HaveOccurred())
			_, err = t.Client(ctx, conformance.Expired, nil)
			Expect(err).To(MatchError(ErrOptional))
			Expect(err).To(MatchError(ContainSubstring("the Device does not take its ACE: POST /oic/sec/acl2: 4.00")))
			Expect(codeOf(ctx, t, conformance.DeletedCredential, onPstat)).To(Equal("refused"))
			Expect(t.Close(ctx)).To(Succeed())
		})
	})

	It("has no Clients of a later edition where its own is the first", func() {
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			l.icv = "ocf.1.0.0"
			t, err := Open(ctx, cfg)
			Expect(err).NotTo(HaveOccurred())
			_, err = t.Client(ctx, conformance.Wildcard, nil)
			Expect(err).To(MatchError(ErrNoClient))
			Expect(t.Close(ctx)).To(Succeed())
		})
	})

	It("is owned by the PIN that it shows, which is asked for once the method is selected", func() {
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			cfg.Security = Security{Own: RandomPIN, ReadPIN: func() (string, error) {
				l.mu.Lock()
				defer l.mu.Unlock()
				Expect(l.doxm.OXMSel).To(BeEquivalentTo(1))
				return string(l.pin), nil
			}}
			t, err := Open(ctx, cfg)
			Expect(err).NotTo(HaveOccurred())
			Expect(t.Profile().Owning).To(Equal("pin"))
			Expect(codeOf(ctx, t, conformance.Privileged, onPstat)).To(Equal("2.05"))
			Expect(t.Close(ctx)).To(Succeed())
		})
	})

	It("is not owned by a wrong PIN, and is left alone", func() {
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			cfg.Security = Security{Own: RandomPIN, PIN: "12345678"}
			_, err := Open(ctx, cfg)
			Expect(err).To(MatchError(ErrRefused))
			Expect(err).To(MatchError(And(ContainSubstring("own coap://192.0.2.7:5683 by pin"), Not(ContainSubstring("12345678")), Not(ContainSubstring("as 00000000")))))
			Expect(l.doxm.OXMSel).To(BeEquivalentTo(ocf.OXMSelf))
			Expect(l.resets).To(Equal(0))
		})
	})

	It("is owned by its manufacturer's certificate", func() {
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			cert, roots := manufacturer()
			l.cert = cert
			cfg.Security = Security{Own: ManufacturerCertificate, Roots: roots}
			t, err := Open(ctx, cfg)
			Expect(err).NotTo(HaveOccurred())
			Expect(codeOf(ctx, t, conformance.Privileged, onPstat)).To(Equal("2.05"))
			Expect(t.Close(ctx)).To(Succeed())

			_, other := manufacturer()
			cfg.Security.Roots = other
			_, err = Open(ctx, cfg)
			Expect(err).To(MatchError(ContainSubstring("certificate")))
			Expect(l.doxm.Owned).To(BeFalse())
		})
	})

	It("is not taken from its owner", func() {
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			who, err := Own(ctx, cfg, nil)
			Expect(err).NotTo(HaveOccurred())
			_, err = Open(ctx, cfg)
			Expect(err).To(MatchError(ContainSubstring("it is owned already")))
			l.before = func(_ *via, r request2) bool { return true }
			Expect(l.doxm.DevOwner).To(Equal(who.ID))
			Expect(l.pstat.DOS).To(Equal(ocf.RFNOP))
			Expect(l.resets).To(Equal(0))
			cfg.Security = Security{Owner: &who}
			Expect(Disown(ctx, cfg)).To(Succeed())
			Expect(l.doxm.Owned).To(BeFalse())
			Expect(Disown(ctx, cfg)).To(MatchError(ContainSubstring("it has no owner")))
		})
	})

	It("closes sessions at every change of state, and is owned all the same", func() {
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			l.moody = true
			t, err := Open(ctx, cfg)
			Expect(err).NotTo(HaveOccurred())
			Expect(codeOf(ctx, t, conformance.Second, onPstat)).To(Equal("2.05"))
			Expect(t.Close(ctx)).To(Succeed())
			Expect(l.doxm.Owned).To(BeFalse())
		})
	})

	It("is provisioned and left where it closes the session after each answer to a change of dos", func() {
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			l.curt = true
			t, err := Open(ctx, cfg)
			Expect(err).NotTo(HaveOccurred())
			Expect(codeOf(ctx, t, conformance.Second, onPstat)).To(Equal("2.05"))
			Expect(t.Close(ctx)).To(Succeed())
			Expect(l.doxm.Owned).To(BeFalse())
		})
	})

	It("is owned over a network that loses every third datagram", func() {
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			n := 0
			l.lose(func() bool { n++; return n%3 == 0 })
			t, err := Open(ctx, cfg)
			Expect(err).NotTo(HaveOccurred())
			Expect(codeOf(ctx, t, conformance.Second, onPstat)).To(Equal("2.05"))
			Expect(t.Close(ctx)).To(Succeed())
		})
	})
})

var _ = Describe("An owner transfer that fails", func() {
	steps := []string{
		"doxm", "pstat.om", "doxm.devowneruuid", "doxm.deviceuuid", "doxm.rowneruuid", "acl2.rowneruuid",
		"pstat.rowneruuid", "the owner's credential", "sdi", "doxm.owned", "pstat.dos=RFPRO",
	}
	for i, step := range steps {
		if i == 0 {
			continue
		}
		It("says where, and leaves no owner: "+step, func() {
			withLite(func(ctx context.Context, l *lite, cfg Config) {
				writes := 0
				l.before = func(v *via, r request2) bool {
					if v.method != nil && codeName(r.code) == "POST" {
						writes++
					}
					return v.method == nil || writes != i
				}
				_, err := Open(ctx, cfg)
				Expect(err).To(MatchError(And(ContainSubstring(step), ContainSubstring("4.00"), ContainSubstring("own coap://"))))
				Expect(l.doxm.Owned).To(BeFalse())
				Expect(l.doxm.DevOwner.IsNil()).To(BeTrue())
				Expect(l.resets).To(Equal(1))
			})
		})
	}

	It("is refused to select the method", func() {
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			l.before = func(_ *via, r request2) bool { return codeName(r.code) != "POST" }
			_, err := Open(ctx, cfg)
			Expect(err).To(MatchError(ContainSubstring("select the method")))
			Expect(l.resets).To(Equal(0))
		})
	})

	It("does not offer the method", func() {
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			l.doxm.OXMs = []uint16{1}
			_, err := Open(ctx, cfg)
			Expect(err).To(MatchError(ContainSubstring("it offers the methods [1], not 0")))
		})
	})

	for n := 4; n <= 32; n += 2 {
		It("is interrupted, and the Device is left as it was found", func() {
			withLite(func(ctx context.Context, l *lite, cfg Config) {
				l.openInterrupted(ctx, cfg, n)
				Expect(l.doxm.Owned).To(BeFalse(), strings.Join(l.seen, "\n"))
				Expect(l.creds.List).To(BeEmpty())
			})
		})
	}
})

// openInterrupted opens the Device, and is interrupted when it has seen n requests. If
// nothing was left to be asked for then, the Device is closed again.
func (l *lite) openInterrupted(ctx context.Context, cfg Config, n int) {
	GinkgoHelper()
	interrupted, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stop := errors.New("interrupted")
	l.before = func(*via, request2) bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		if len(l.seen) == n {
			cancel(stop)
		}
		return true
	}
	t, err := Open(interrupted, cfg)
	if err == nil {
		Expect(t.Close(ctx)).To(Succeed())
		return
	}
	Expect(err).To(MatchError(stop))
}
