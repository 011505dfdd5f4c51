package target

import (
	"net"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"go.uber.org/goleak"

	"github.com/ocfsim/ocfsim/conformance"
)

var _ = Describe("A Client over UDP", func() {
	var (
		p     *peer
		log   *tape
		c     *Client
		leaks goleak.Option
	)
	BeforeEach(func() {
		leaks = goleak.IgnoreCurrent()
		p, log = newPeer(), newTape()
		conn, err := net.Dial("udp4", p.LocalAddr().String())
		Expect(err).NotTo(HaveOccurred())
		c = newClient(conn, "privileged", log, timing{ack: time.Second, maxRetransmit: 4})
	})
	AfterEach(func() {
		p.scripts.Wait()
		Expect(c.Close()).To(Succeed())
		_ = p.Close() // some specs have closed it
		Expect(goleak.Find(leaks)).To(Succeed())
	})

	It("records a request before its answer, with path and query on both", func(ctx SpecContext) {
		p.play(func() {
			p.next()
			p.send("68 45 MM TT c2 2710 ff a1 62 746d 00")
		})
		reply, err := c.Exchange(ctx, conformance.Call{Method: "GET", Path: "/oic/sec/pstat", Query: "if=oic.if.baseline"})
		Expect(err).NotTo(HaveOccurred())
		Expect(log.lines()).To(Equal([]string{
			"request CON GET",
			"response ACK 2.05 a162746d00 for=0",
		}))
		p.scripts.Wait()
		Expect(p.last.after()).To(Equal("b3" + "6f6963" + "03" + "736563" + "05" + "7073746174" + "4d05" + "69663d6f69632e69662e626173656c696e65"))
		got := log.at(reply.N)
		Expect(got.Frame.Path).To(Equal("/oic/sec/pstat"))
		Expect(got.Frame.Query).To(Equal("if=oic.if.baseline"))
		Expect(*got.Frame.Format).To(BeEquivalentTo(10000))
		Expect(reply.Options).To(Equal([]Option{{Number: 12, Value: []byte{0x27, 0x10}}}))
	}, SpecTimeout(10*time.Second))

	It("records every notification, stale and repeated ones too", func(ctx SpecContext) {
		p.play(func() {
			p.next()
			p.send("68 45 MM TT 61 0a ff 00")
			p.send("58 45 0001 TT 61 0b ff 01")
			p.send("58 45 0002 TT 61 0b ff 02")
			p.send("58 45 0003 TT 61 09 ff 03")
			p.send("58 45 0004 TT 61 0c ff 04")
		})
		_, err := c.Observe(ctx, "/oic/sec/pstat", "")
		Expect(err).NotTo(HaveOccurred())
		log.wait(ctx, 4, isKind(conformance.Notification))
		Expect(log.lines()).To(Equal([]string{
			"request CON GET o=0",
			"response ACK 2.05 o=10 00 for=0",
			"notification NON 2.05 o=11 01 for=0",
			"notification NON 2.05 o=11 02 for=0",
			"notification NON 2.05 o=9 03 for=0",
			"notification NON 2.05 o=12 04 for=0",
		}))
	}, SpecTimeout(10*time.Second))

	It("outlives a port that nobody listens on", func(ctx SpecContext) {
		address := p.LocalAddr().String()
		Expect(p.Close()).To(Succeed())
		p.play(func() {
			log.wait(ctx, 1, isKind(conformance.Note))
			back, err := net.ListenPacket("udp4", address)
			Expect(err).NotTo(HaveOccurred())
			p.PacketConn = back
			p.next()
			p.send("68 45 MM TT ff 01")
		})
		reply, err := c.Exchange(ctx, read)
		Expect(err).NotTo(HaveOccurred())
		Expect(reply.Lost).To(BeFalse())
		Expect(log.lines()).To(ContainElement(ContainSubstring("connection refused")))
	}, SpecTimeout(20*time.Second))

	It("does not wait long for an answer from a port that stays closed", func(ctx SpecContext) {
		Expect(p.Close()).To(Succeed())
		c.s.timing.ack = 50 * time.Millisecond
		reply, err := c.Exchange(ctx, read)
		Expect(err).NotTo(HaveOccurred())
		Expect(reply.Reason).To(Equal(conformance.PortClosed + ": nobody listened for 3 transmissions"))
		lost := log.at(reply.N)
		Expect(lost.Refused()).To(BeTrue())
		Expect(lost.Closes()).To(BeFalse())
	}, SpecTimeout(10*time.Second))

	It("says where the port closed on a request that arrived", func(ctx SpecContext) {
		c.s.timing.ack = 50 * time.Millisecond
		p.play(func() {
			p.next()
			Expect(p.Close()).To(Succeed())
		})
		reply, err := c.Exchange(ctx, read)
		Expect(err).NotTo(HaveOccurred())
		Expect(reply.Reason).To(Equal(conformance.PortCloses + ": nobody listened for 3 further transmissions"))
		lost := log.at(reply.N)
		Expect(lost.Closes()).To(BeTrue())
	}, SpecTimeout(10*time.Second))

	It("does not wait for an answer to a NON that nobody listened for", func(ctx SpecContext) {
		Expect(p.Close()).To(Succeed())
		call := read
		call.NON = true
		reply, err := c.Exchange(ctx, call)
		Expect(err).NotTo(HaveOccurred())
		Expect(reply.Reason).To(HavePrefix(conformance.PortClosed))
	}, SpecTimeout(3*time.Second))

	It("is one of several, each at its own port", func(ctx SpecContext) {
		conn, err := net.Dial("udp4", p.LocalAddr().String())
		Expect(err).NotTo(HaveOccurred())
		other := newClient(conn, "second", log, c.s.timing)
		defer other.Close()
		Expect(other.LocalAddr().String()).NotTo(Equal(c.LocalAddr().String()))
		p.play(func() {
			for range 2 {
				p.next()
				p.send("68 45 MM TT")
			}
		})
		for _, who := range []*Client{c, other} {
			_, err := who.Do(ctx, read)
			Expect(err).NotTo(HaveOccurred())
		}
		Expect(log.at(0).Client).To(Equal("privileged"))
		Expect(log.at(2).Client).To(Equal("second"))
	}, SpecTimeout(10*time.Second))
})
