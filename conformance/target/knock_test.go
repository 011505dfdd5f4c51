package target

import (
	"context"
	"encoding/hex"
	"net"
	"net/netip"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/ocfsim/ocfsim/ocf"
)

var _ = Describe("A Device that answers from another port than was asked", func() {
	var door, p *peer // what is asked, and the Device
	BeforeEach(func() {
		door, p = newPeer(), newPeer()
		DeferCleanup(func() {
			door.Close()
			p.Close()
			door.scripts.Wait()
			p.scripts.Wait()
		})
	})
	ask := func(ctx context.Context) []Found {
		found, err := Discover(ctx, DiscoverConfig{Unicast: door.LocalAddr().String(), Wait: 5 * time.Second})
		Expect(err).NotTo(HaveOccurred())
		return found
	}
	heading := "45 0007 TT c2 2710 ff"

	It("is found there, and its CON acknowledged", func(ctx SpecContext) {
		acknowledged := make(chan string, 1)
		door.play(func() {
			door.next() // lost; the retransmission is not
			p.last = door.next()
			stranger, err := net.ListenPacket("udp4", "127.0.0.2:0")
			Expect(err).NotTo(HaveOccurred())
			defer stranger.Close()
			_, err = stranger.WriteTo(p.last.fill("48"+heading+"80"), p.last.from)
			Expect(err).NotTo(HaveOccurred())
			p.send("48 45 0008 0000000000000000 ff 80") // another token
			p.send("48" + heading + lamp()["/oic/res"])
			acknowledged <- hex.EncodeToString(p.next().raw)
			p.serve(lamp())
		})
		found := ask(ctx)
		Expect(found).To(HaveLen(1))
		Expect(found[0].Name).To(Equal("lamp"))
		Expect(found[0].Endpoints).To(Equal([]string{"coap://" + p.LocalAddr().String()}))
		Expect(acknowledged).To(Receive(Equal("60000007")))
	}, SpecTimeout(20*time.Second))

	It("is a target there", func(ctx SpecContext) {
		for _, from := range []*peer{p, door} {
			door.play(func() {
				from.last = door.next()
				from.send("48" + heading + lamp()["/oic/res"])
				if from == p {
					p.next()
				}
			})
			Expect(answering(ctx, door.LocalAddr().String())).To(Equal(from.LocalAddr().String()))
			door.scripts.Wait()
		}
		silent, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
		defer cancel()
		Expect(answering(silent, door.LocalAddr().String())).To(Equal(door.LocalAddr().String()))
		Expect(answering(ctx, "nowhere:x")).To(Equal("nowhere:x"))
	}, SpecTimeout(20*time.Second))

	DescribeTable("is known to be the one behind a port, if it is",
		func(ctx SpecContext, di string, is bool) {
			door.play(func() {
				p.last = door.next()
				p.send("48" + heading + lamp()["/oic/res"])
				p.next()
				p.serve(lamp())
			})
			id, err := ocf.ParseUUID(di)
			Expect(err).NotTo(HaveOccurred())
			look := Look{D: ocf.D{DI: id}}
			Expect(look.behind(ctx, door.LocalAddr().String())).To(Equal(is))
		},
		Entry("that Device", SpecTimeout(20*time.Second), lampDI, true),
		Entry("another", SpecTimeout(20*time.Second), "00000000-0000-0000-0000-000000000001", false),
	)

	It("has no other door where nobody is behind the port, or that is where it is", func(ctx SpecContext) {
		look := Look{Endpoint: "coap://127.9.0.77:5999", D: ocf.D{DI: ocf.UUID{1}}}
		Expect(look.FindDoor(ctx)).To(Equal(look))
		look.Endpoint = "coap://127.0.0.1:5683"
		Expect(look.FindDoor(ctx)).To(Equal(look))
	}, SpecTimeout(20*time.Second))

	It("is found where its links say", func(ctx SpecContext) {
		text := func(s string) string { return hex.EncodeToString(append([]byte{0x78, byte(len(s))}, s...)) }
		links := "81a5" + text("anchor") + text("ocf://"+lampDI) + text("href") + text("/oic/d") + text("rt") + "81" + text("oic.wk.d") +
			text("if") + "81" + text("oic.if.baseline") + text("eps") + "81a1" + text("ep") + text("coap://"+p.LocalAddr().String())
		p.serve(lamp())
		door.play(func() {
			request := door.next()
			once, err := net.ListenPacket("udp4", "127.0.0.1:0") // deaf from then on
			Expect(err).NotTo(HaveOccurred())
			defer once.Close()
			_, err = once.WriteTo(request.fill("58"+heading+links), request.from)
			Expect(err).NotTo(HaveOccurred())
		})
		found := ask(ctx)
		Expect(found).To(HaveLen(1))
		Expect(found[0].Endpoints).To(Equal([]string{"coap://" + p.LocalAddr().String()}))
	}, SpecTimeout(20*time.Second))
})

var _ = Describe("The endpoints of a Device that was found", func() {
	DescribeTable("have the zone that it answered through, at that address",
		func(ep, want string) {
			Expect(zoned(ep, netip.MustParseAddr("fe80::7%eth0"))).To(Equal(want))
		},
		Entry("without", "coaps://[fe80::7]:5684", "coaps://[fe80::7%eth0]:5684"),
		Entry("another address", "coap://[fe80::8]:5683", "coap://[fe80::8]:5683"),
		Entry("another version", "coap://192.0.2.7:5683", "coap://192.0.2.7:5683"),
		Entry("a name", "coap://lamp.local:5683", "coap://lamp.local:5683"),
		Entry("no endpoint", "lamp", "lamp"),
	)

	It("stand once each, with their zone if it is known", func() {
		var all []string
		for _, ep := range []string{
			"coap://192.0.2.7:5683", "coap://[fe80::7]:5683", "coap://[fe80::7%eth0]:5683", "coap://[fe80::7]:5683",
			"coaps://[fe80::7%eth0]:5684", "coaps://[fe80::7]:5684", "coap://[fe80::7%eth1]:5683", "coap://192.0.2.7:5683",
		} {
			all = addEndpoint(all, ep)
		}
		Expect(all).To(Equal([]string{
			"coap://192.0.2.7:5683", "coap://[fe80::7%eth0]:5683", "coaps://[fe80::7%eth0]:5684", "coap://[fe80::7%eth1]:5683",
		}))
	})
})
