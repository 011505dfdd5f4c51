package target

import (
	"context"
	"testing/synctest"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/ocfsim/ocfsim/conformance"
)

var _ = Describe("An observation", func() {
	ctx := context.Background()

	It("tells a notification from the answer to a deregistration", func() {
		inBubble(func(s stage) {
			s.play(func() {
				s.next()
				s.send("68 45 MM TT 60 ff 00")
				token := s.last.raw[4:12]
				s.next()
				Expect(s.last.raw[4:12]).To(Equal(token))
				Expect(s.last.after()).To(Equal("6101" + "5161" + "47" + "69663d6f69632e"))
				s.send("58 45 0001 TT 61 02 ff 01")
				s.send("60 00 MM")
				s.send("58 45 0002 TT ff 02")
				s.send("48 45 0003 TT 61 03 ff 03")
			})
			_, err := s.c.Observe(ctx, "/a", "if=oic.")
			Expect(err).NotTo(HaveOccurred())
			n, err := s.c.Cancel(ctx)
			Expect(err).NotTo(HaveOccurred())
			synctest.Wait()
			Expect(s.log.lines()).To(Equal([]string{
				"0s request CON GET o=0",
				"0s response ACK 2.05 o=0 00 for=0",
				"0s request CON GET o=1",
				"0s notification NON 2.05 o=2 01 for=0",
				"0s message ACK 0.00 for=2: ACK",
				"0s response NON 2.05 02 for=2",
				"0s message CON 2.05 o=3 03 for=2: after deregistration",
				"0s message RST 0.00 for=2: RST",
			}))
			Expect(n).To(Equal(5))
		})
	})

	It("refreshes an observation under the token it has", func() {
		inBubble(func(s stage) {
			s.play(func() {
				s.next()
				s.send("68 45 MM TT 60 ff 00")
				token := s.last.raw[4:12]
				s.next()
				Expect(s.last.raw[4:12]).To(Equal(token))
				s.send("58 45 0001 TT 61 02 ff 01")
				s.send("68 45 MM TT 61 03 ff 02")
			})
			for range 2 {
				_, err := s.c.Observe(ctx, "/a", "")
				Expect(err).NotTo(HaveOccurred())
			}
			Expect(s.log.lines()[2:]).To(Equal([]string{
				"0s request CON GET o=0",
				"0s notification NON 2.05 o=2 01 for=0",
				"0s response ACK 2.05 o=3 02 for=2",
			}))
		})
	})

	It("takes a notification for the answer that lost its ACK, where nothing else comes", func() {
		inBubble(func(s stage) {
			s.play(func() {
				s.next()
				s.send("68 45 MM TT 60 ff 00")
				s.next()
				s.send("48 45 7001 TT 61 02 ff 01") // the answer; its empty ACK got lost
				s.next()
				s.next() // a retransmission, of which the Device knows that it was answered
				s.send("60 00 MM")
			})
			_, err := s.c.Observe(ctx, "/a", "")
			Expect(err).NotTo(HaveOccurred())
			reply, err := s.c.Register(ctx, read)
			Expect(err).NotTo(HaveOccurred())
			Expect(s.log.lines()[2:]).To(Equal([]string{
				"0s request CON GET o=0",
				"0s notification CON 2.05 o=2 01 for=0",
				"0s message ACK 0.00 for=2: ACK",
				"2s message CON GET o=0 for=2: retransmission 1 of 4",
				"2s message ACK 0.00 for=2: ACK",
				"4s response CON 2.05 o=2 01 for=2: the latest notification is taken for the answer, whose ACK did not come",
			}))
			Expect(reply.Lost).To(BeFalse())
		})
	})

	It("takes no notification that was under way before for the answer", func() {
		inBubble(func(s stage) {
			s.play(func() {
				s.next()
				s.send("68 45 MM TT 60 ff 00")
				s.send("58 45 7001 TT 61 04 ff 01")
				s.next()
				s.send("58 45 7002 TT 61 03 ff 02") // older than the one before
				s.next()
				s.send("68 45 MM TT 61 05 ff 03")
			})
			_, err := s.c.Observe(ctx, "/a", "")
			Expect(err).NotTo(HaveOccurred())
			reply, err := s.c.Register(ctx, read)
			Expect(err).NotTo(HaveOccurred())
			Expect(s.log.lines()[2:]).To(Equal([]string{
				"0s notification NON 2.05 o=4 01 for=0",
				"0s request CON GET o=0",
				"0s notification NON 2.05 o=3 02 for=0",
				"2s message CON GET o=0 for=3: retransmission 1 of 4",
				"2s response ACK 2.05 o=5 03 for=3",
			}))
			Expect(reply.Lost).To(BeFalse())
		})
	})

	It("takes no late notification for the answer that came before its ACK", func() {
		inBubble(func(s stage) {
			s.play(func() {
				s.next()
				s.send("68 45 MM TT 60 ff 00")
				s.next()
				s.send("48 45 7003 TT 61 05 ff 01") // the answer, before its ACK
				s.next()
				s.next() // a retransmission
				s.send("60 00 MM")
				s.send("58 45 7002 TT 61 04 ff 02") // sent before, and delayed by the network
			})
			_, err := s.c.Observe(ctx, "/a", "")
			Expect(err).NotTo(HaveOccurred())
			reply, err := s.c.Register(ctx, read)
			Expect(err).NotTo(HaveOccurred())
			Expect(s.log.lines()[2:]).To(ContainElements(
				"2s notification NON 2.05 o=4 02 for=0",
				"4s response CON 2.05 o=5 01 for=2: the latest notification is taken for the answer, whose ACK did not come",
			))
			Expect(reply.Lost).To(BeFalse())
		})
	})

	It("rejects what comes after it forgot", func() {
		inBubble(func(s stage) {
			s.play(func() {
				s.next()
				s.send("68 45 MM TT 60 ff 00")
			})
			_, err := s.c.Observe(ctx, "/a", "")
			Expect(err).NotTo(HaveOccurred())
			Expect(s.c.Forget(ctx)).To(Succeed())
			s.send("58 45 0001 TT 61 02 ff 01")
			synctest.Wait()
			Expect(s.next().raw).To(Equal([]byte{0x70, 0, 0, 1}))
			Expect(s.log.lines()[2:]).To(Equal([]string{
				"0s message NON 2.05 o=2 01 for=0: after deregistration",
				"0s message RST 0.00 for=0: RST",
			}))
		})
	})

	It("records the notification that ends an observation", func() {
		inBubble(func(s stage) {
			s.play(func() {
				s.next()
				s.send("68 45 MM TT 60 ff 00")
				s.send("58 a3 0001 TT")
			})
			_, err := s.c.Observe(ctx, "/a", "")
			Expect(err).NotTo(HaveOccurred())
			synctest.Wait()
			Expect(s.log.lines()[2:]).To(Equal([]string{
				"0s notification NON 5.03 for=0: ends the observation",
			}))
		})
	})

	It("believes a Device that begins its numbers anew, after 128 s", func() {
		inBubble(func(s stage) {
			s.play(func() {
				s.next()
				s.send("68 45 MM TT 62 04 00 ff 00")
				<-time.After(conformance.TrustedFor + time.Second)
				s.next()
				s.send("48 45 7001 TT 61 02 ff 01") // the answer; its empty ACK got lost
				s.next()
				s.next()
				s.send("60 00 MM")
			})
			_, err := s.c.Observe(ctx, "/a", "")
			Expect(err).NotTo(HaveOccurred())
			<-time.After(conformance.TrustedFor + time.Second/2)
			reply, err := s.c.Register(ctx, read)
			Expect(err).NotTo(HaveOccurred())
			Expect(reply.Lost).To(BeFalse())
			Expect(s.log.lines()).To(ContainElement(HaveSuffix("the latest notification is taken for the answer, whose ACK did not come")))
		})
	})
})
