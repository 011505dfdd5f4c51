package target

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/ocfsim/ocfsim/ocf"
)

var _ = Describe("The endpoints of a Device", func() {
	links := []ocf.Link{
		{Endpoints: []string{"coap://192.0.2.7:5683", "coaps://[fe80::7]:5684", "coaps+tcp://192.0.2.7:5", "coaps://bad:host:1", "coaps://192.0.2.7:56840"}},
		{Endpoints: []string{"coaps://192.0.2.9:1"}},
	}
	DescribeTable("are those of its links, at the host that is known if there is one",
		func(scheme, near, want string) { Expect(endpointOf(links, scheme, near)).To(Equal(want)) },
		Entry("that host", "coaps://", "192.0.2.7:5683", "192.0.2.7:56840"),
		Entry("with its zone", "coaps://", "[fe80::7%eth0]:5683", "[fe80::7%eth0]:5684"),
		Entry("in another form", "coaps://", "[fe80:0::7]:5683", "[fe80:0::7]:5684"),
		Entry("another host", "coaps://", "198.51.100.1:5683", "[fe80::7]:5684"),
		Entry("by name", "coap://", "lamp.local:5684", "192.0.2.7:5683"),
		Entry("none", "coap+tcp://", "192.0.2.7:5683", ""),
	)

	It("may have a zone, in either form", func() {
		for _, uri := range []string{"coaps://[fe80::7%eth0]:5", "coaps://[fe80::7%25eth0]:5"} {
			address, secured, err := parseEndpoint(uri)
			Expect(err).NotTo(HaveOccurred())
			Expect(secured).To(BeTrue())
			Expect(address).To(Equal("[fe80::7%eth0]:5"))
		}
	})

	It("are needed, that of sessions too", func() {
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			l.unlisted = true
			_, err := Open(ctx, cfg)
			Expect(err).To(MatchError("coap://192.0.2.7:5683: /oic/res lists no coaps endpoint; ask the Device at another of its addresses, or write `endpoint: coaps://HOST:PORT`"))
			Expect(l.seen).NotTo(ContainElement(ContainSubstring("POST")))
		})
	})

	It("may be that of sessions alone, with the other where it usually is", func() {
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			cfg.Profile.Endpoint = "coaps://192.0.2.7"
			t, err := Open(ctx, cfg)
			Expect(err).NotTo(HaveOccurred())
			Expect(t.Close(ctx)).To(Succeed())
		})
	})
})

var _ = Describe("A Device that is looked for by its owner", func() {
	It("has one where it hides doxm, and none where it says so", func() {
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			ask := func() *bool {
				d := &device{name: "lite", plain: "192.0.2.7:5683", caller: caller{dial: l.dial}}
				c, err := d.clear(ctx, timing{ack: time.Second, maxRetransmit: 1})
				Expect(err).NotTo(HaveOccurred())
				defer c.Close()
				return ownedBy(ctx, c)
			}
			Expect(ask()).To(HaveValue(BeFalse()))
			_, err := Own(ctx, cfg, nil)
			Expect(err).NotTo(HaveOccurred())
			Expect(ask()).To(HaveValue(BeTrue()))
			l.lose(always)
			Expect(ask()).To(BeNil())
		})
	})
})
