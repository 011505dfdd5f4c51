package target

import (
	"context"
	"net"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// opened is a Client of an owned Device that has asked once. The tape has its
// session, and what it asks from then on.
func opened(ctx context.Context, cfg Config, name string) (*Target, *Client, *tape) {
	t, err := Open(ctx, cfg)
	Expect(err).NotTo(HaveOccurred())
	log := newTape()
	c, err := t.Tap(ctx, name, log)
	Expect(err).NotTo(HaveOccurred())
	c.manner = asOCF
	Expect(c.Exchange(ctx, conformance.Call{Method: "GET", Path: ocf.PathD})).NotTo(BeNil()) // the Device knows the session now
	log.cut(1)
	return t, c, log
}

// anonymised are the lines of a tape without uuids and payloads.
func anonymised(t *tape) []string {
	var out []string
	for _, line := range t.lines() {
		line, _, _ = strings.Cut(line, " as ")
		if i := strings.Index(line, " bytes"); i >= 0 {
			line = line[:strings.LastIndex(line[:i], " ")] + line[i+len(" bytes"):]
		}
		out = append(out, line)
	}
	return out
}

var _ = Describe("The session of a Client", func() {
	It("is recorded, and who it is of", func() {
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			t, c, log := opened(ctx, cfg, conformance.Second)
			first := c.LocalAddr().String()
			_, err := c.Do(ctx, onPstat)
			Expect(err).NotTo(HaveOccurred())
			who, err := t.who(conformance.Second)
			Expect(err).NotTo(HaveOccurred())
			Expect(log.lines()[0]).To(Equal("session: DTLS ECDHE_PSK_WITH_AES_128_CBC_SHA256 as " + who.ID.String()))
			Expect(log.at(0).Outcome).To(Equal(conformance.Opened))
			Expect(log.at(0).Client).To(Equal(conformance.Second))
			Expect(c.Close()).To(Succeed())
			again, err := t.Client(ctx, conformance.Second, nil)
			Expect(err).NotTo(HaveOccurred())
			Expect(again.LocalAddr().String()).NotTo(Equal(first))
			Expect(again.Close()).To(Succeed())
			Expect(t.Close(ctx)).To(Succeed())
		})
	})

	It("is refused, and why is recorded", func() {
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			t, err := Open(ctx, cfg)
			Expect(err).NotTo(HaveOccurred())
			for name, why := range map[string]string{
				conformance.DeletedCredential: "the Device refused it: alert bad_record_mac",
				conformance.WrongKey:          "the Device refused it: alert bad_record_mac",
			} {
				log := newTape()
				_, err = t.Tap(ctx, name, log)
				Expect(err).To(MatchError(ErrRefused))
				Expect(err).To(MatchError(ContainSubstring(why)))
				Expect(log.lines()).To(Equal([]string{"session: " + why}))
				Expect(log.at(0).Outcome).To(Equal(conformance.Refused))
			}
			Expect(t.Close(ctx)).To(Succeed())
		})
	})

	It("is refused by a Device that falls silent, too", func() {
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			t, err := Open(ctx, cfg)
			Expect(err).NotTo(HaveOccurred())
			n := 0
			l.lose(func() bool { n++; return n > 4 })
			_, err = t.Client(ctx, conformance.Second, nil)
			Expect(err).To(MatchError(ErrRefused))
			Expect(err).To(MatchError(ContainSubstring("the Device fell silent in the handshake, for 6s")))
			l.lose(never)
			Expect(t.Close(ctx)).To(Succeed())
		})
	})

	It("is tried twice where the Device falls silent", func() {
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			t, err := Open(ctx, cfg)
			Expect(err).NotTo(HaveOccurred())
			began, n := time.Now(), 0
			l.lose(func() bool { n++; return n > 4 && time.Since(began) < 7*time.Second })
			c, err := t.Client(ctx, conformance.Second, nil)
			Expect(err).NotTo(HaveOccurred())
			Expect(c.Close()).To(Succeed())
			Expect(t.Close(ctx)).To(Succeed())
		})
	})

	It("ends when the Device closes it, and is opened anew by what is asked next", func() {
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			t, c, log := opened(ctx, cfg, conformance.Privileged)
			_, err := c.Observe(ctx, ocf.PathPstat, "")
			Expect(err).NotTo(HaveOccurred())
			l.hangUp()
			log.wait(ctx, 2, isKind(conformance.Session))
			Expect(c.s.observes(c.observed)).To(BeFalse())
			_, err = c.Do(ctx, onPstat)
			Expect(err).NotTo(HaveOccurred())
			Expect(anonymised(log)).To(Equal([]string{
				"session: DTLS ECDHE_PSK_WITH_AES_128_CBC_SHA256",
				"request CON GET o=0", "response ACK 2.05 o=1 for=1",
				"session: the Device closed the session",
				"session: DTLS ECDHE_PSK_WITH_AES_128_CBC_SHA256",
				"request CON GET", "response ACK 2.05 for=5",
			}))
			Expect(log.at(3).Outcome).To(Equal(conformance.Closed))
			Expect(c.Close()).To(Succeed())
			Expect(t.Close(ctx)).To(Succeed())
		})
	})

	It("takes a request with it when the Device closes it, which is no silence", func() {
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			t, c, log := opened(ctx, cfg, conformance.Privileged)
			l.lose(always)
			l.running.Go(func() {
				<-time.After(time.Second)
				l.lose(never)
				l.hangUp()
			})
			reply, err := c.Exchange(ctx, onPstat)
			Expect(err).NotTo(HaveOccurred())
			Expect(reply.Reason).To(Equal(conformance.SessionGone + ": the Device closed the session"))
			_, err = c.Do(ctx, onPstat)
			Expect(err).NotTo(HaveOccurred())
			Expect(anonymised(log)[1:]).To(Equal([]string{
				"request CON GET",
				"session: the Device closed the session",
				"lost for=1: the session is gone: the Device closed the session",
				"session: DTLS ECDHE_PSK_WITH_AES_128_CBC_SHA256",
				"request CON GET", "response ACK 2.05 for=5",
			}))
			Expect(c.Close()).To(Succeed())
			Expect(t.Close(ctx)).To(Succeed())
		})
	})

	It("is opened anew by who manages the Device, who says again what may be said twice", func() {
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			t, c, _ := opened(ctx, cfg, conformance.Privileged)
			for _, call := range []conformance.Call{get(ocf.PathACL, ""), get(ocf.PathCred, ""), wanting()} {
				l.lose(always)
				l.running.Go(func() {
					<-time.After(time.Second)
					l.lose(never)
					l.hangUp()
				})
				_, err := ask(ctx, c, call)
				if repeatable(call) {
					Expect(err).NotTo(HaveOccurred(), call.Path)
				} else {
					Expect(err).To(MatchError(ContainSubstring("the session is gone: the Device closed the session")))
				}
			}
			Expect(c.Close()).To(Succeed())
			Expect(t.Close(ctx)).To(Succeed())
		})
	})

	It("is found forgotten after a restart, beside the request that shows it", func() {
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			t, c, log := opened(ctx, cfg, conformance.Privileged)
			log.at0 = time.Now()
			_, err := c.Observe(ctx, ocf.PathPstat, "")
			Expect(err).NotTo(HaveOccurred())
			l.restart()
			reply, err := c.Exchange(ctx, onPstat)
			Expect(err).NotTo(HaveOccurred())
			Expect(reply.Reason).To(Equal("the session is gone: the Device takes a new one"))
			Expect(c.s.observes(c.observed)).To(BeFalse())
			_, err = c.Do(ctx, onPstat)
			Expect(err).NotTo(HaveOccurred())
			Expect(anonymised(log)[3:]).To(Equal([]string{
				"0s request CON GET",
				"2s message CON GET for=3: retransmission 1 of 4",
				"6s message CON GET for=3: retransmission 2 of 4",
				"8s session: the session is gone: the Device takes a new one",
				"8s lost for=3: the session is gone: the Device takes a new one",
				"8s session: DTLS ECDHE_PSK_WITH_AES_128_CBC_SHA256",
				"8s request CON GET",
				"8s response ACK 2.05 for=9",
			}))
			Expect(c.Close()).To(Succeed())
			Expect(t.Close(ctx)).To(Succeed())
		})
	})

	It("is not given up while the Device is away, and silence is silence", func() {
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			t, c, log := opened(ctx, cfg, conformance.Privileged)
			l.lose(always)
			reply, err := c.Exchange(ctx, onPstat)
			Expect(err).NotTo(HaveOccurred())
			Expect(reply.Reason).To(Equal("no answer to 5 transmissions within 1m2s"))
			Expect(log.lines()).NotTo(ContainElement(ContainSubstring("refused")))

			silent := newTape()
			late, err := t.Tap(ctx, conformance.Second, silent)
			Expect(err).NotTo(HaveOccurred())
			reply, err = late.Exchange(ctx, onPstat)
			Expect(err).NotTo(HaveOccurred())
			Expect(reply.Reason).To(Equal("no session: no answer to the handshake within 6s"))
			Expect(silent.lines()[0]).To(Equal("note: no answer to the handshake within 6s"))

			l.lose(never)
			for _, who := range []*Client{c, late} {
				reply, err = who.Exchange(ctx, onPstat)
				Expect(err).NotTo(HaveOccurred())
				Expect(reply.Lost).To(BeFalse())
				Expect(who.Close()).To(Succeed())
			}
			Expect(t.Close(ctx)).To(Succeed())
		})
	})

	It("may be refused for its identity alone, as some Devices tell", func() {
		w := &wire{stands: true}
		w.note([]byte{21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 2, 115})
		heard, alert := w.said()
		Expect(heard).To(BeTrue())
		Expect(alert).To(Equal("unknown_psk_identity"))
	})

	It("may be refused the second time, by which a request is lost", func() {
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			t, c, log := opened(ctx, cfg, conformance.Second)
			who, err := t.who(conformance.Second)
			Expect(err).NotTo(HaveOccurred())
			l.forget(who.ID)
			l.hangUp()
			log.wait(ctx, 2, isKind(conformance.Session))
			reply, err := c.Exchange(ctx, onPstat)
			Expect(err).NotTo(HaveOccurred())
			Expect(reply.Reason).To(Equal("no session: the Device refused it: alert bad_record_mac"))
			Expect(anonymised(log)[2:]).To(Equal([]string{
				"session: the Device refused it: alert bad_record_mac",
				"request CON GET",
				"lost for=3: no session: the Device refused it: alert bad_record_mac",
			}))
			Expect(c.Close()).To(Succeed())
			Expect(t.Close(ctx)).To(Succeed())
		})
	})

	It("lets go when the Client is closed in the middle of a handshake", func() {
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			t, c, log := opened(ctx, cfg, conformance.Privileged)
			l.hangUp()
			log.wait(ctx, 2, isKind(conformance.Session))
			l.lose(always)
			l.running.Go(func() {
				<-time.After(time.Second)
				_ = c.Close()
			})
			_, err := c.Exchange(ctx, onPstat)
			Expect(err).To(HaveOccurred())
			l.lose(never)
			Expect(t.Close(ctx)).To(Succeed())
		})
	})
})

var _ = Describe("A session with a Device whose port closes", func() {
	// after is how a request ends of which so many transmissions arrive, and none is
	// answered.
	after := func(arrive int) (lost conformance.Observation) {
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			t, c, log := opened(ctx, cfg, conformance.Privileged)
			l.lose(always)
			l.shut(arrive)
			reply, err := c.Exchange(ctx, onPstat)
			Expect(err).NotTo(HaveOccurred())
			lost = log.at(reply.N)
			l.open()
			l.lose(never)
			reply, err = c.Exchange(ctx, onPstat)
			Expect(err).NotTo(HaveOccurred())
			Expect(reply.Reason).To(BeEmpty(), "the session goes on where the Device was there all along: %v", log.lines())
			Expect(c.Close()).To(Succeed())
			Expect(t.Close(ctx)).To(Succeed())
		})
		return lost
	}

	It("is told of the refusals, as without a session", func() {
		lost := after(0)
		Expect(lost.Text).To(Equal(conformance.PortClosed + ": nobody listened for 3 transmissions"))
		Expect(lost.Refused()).To(BeTrue())
	})

	It("is told that the port closed on a request that arrived", func() {
		lost := after(1)
		Expect(lost.Text).To(Equal(conformance.PortCloses + ": nobody listened for 3 further transmissions"))
		Expect(lost.Closes()).To(BeTrue())
	})
})

var _ = Describe("A port that nobody listens on", func() {
	It("is a Device that can't be reached", func(ctx SpecContext) {
		free, err := net.ListenPacket("udp4", "127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		address := free.LocalAddr().String()
		Expect(free.Close()).To(Succeed())
		k := caller{dial: dialUDP, address: address, timing: timing{ack: 10 * time.Millisecond, maxRetransmit: 1}}
		_, err = k.open(ctx, Credential{ID: ocf.UUID{1}, Key: make([]byte, 16)}.client())
		Expect(err).To(MatchError(ErrUnreachable))
		Expect(err).NotTo(MatchError(ErrRefused))

		_, err = DialSecure(ctx, "coap://"+address, Credential{}, nil)
		Expect(err).To(MatchError(ContainSubstring("a credential needs a coaps endpoint")))
		_, err = DialSecure(ctx, "coaps://"+address, Credential{}, nil)
		Expect(err).To(MatchError(ContainSubstring("ID is missing")))
	}, SpecTimeout(10*time.Second))
})
